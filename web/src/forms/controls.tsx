/** One control per kind. A kind missing here cannot be shown, so the type makes the list complete. */
import type { ComponentType } from "react";
import type { ControlProps } from "./Field";
import { AreaControl } from "./fields/AreaControl";
import { ChoiceControl, ChoicesControl, TickControl } from "./fields/choices";
import { DateControl } from "./fields/DateControl";
import { PersonControl } from "./fields/PersonControl";
import { PhotoControl } from "./fields/PhotoControl";
import { PositionControl } from "./fields/PositionControl";
import { ReferenceControl } from "./fields/ReferenceControl";
import { SignatureControl } from "./fields/SignatureControl";
import { LongControl, NumberControl, TextControl } from "./fields/texts";
import type { Kind } from "./model";

type Simple = Exclude<Kind, "table" | "group" | "note">;

const ALL: Record<Simple, ComponentType<ControlProps>> = {
  text: TextControl,
  long: LongControl,
  number: NumberControl,
  money: NumberControl,
  date: DateControl,
  datetime: DateControl,
  boolean: ChoiceControl,
  tick: TickControl,
  choice: ChoiceControl,
  choices: ChoicesControl,
  person: PersonControl,
  persons: PersonControl,
  photo: PhotoControl,
  signature: SignatureControl,
  reference: ReferenceControl,
  position: PositionControl,
  area: AreaControl,
};

export const CONTROLS: Partial<Record<Kind, ComponentType<ControlProps>>> = ALL;
