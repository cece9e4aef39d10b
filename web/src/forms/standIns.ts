/** Controls put in place of others where a form is only tried: nothing is sent, nobody is looked up. */
import { createContext, type ComponentType } from "react";
import type { ControlProps } from "./Field";
import type { Kind } from "./model";

export const StandIns = createContext<Partial<Record<Kind, ComponentType<ControlProps>>>>({});
