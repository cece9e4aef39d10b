/** A town's roster of a month as it travels. */
export interface Turn {
  id: string;
  person: string;
  name: string;
  phone: string;
  begins: string;
  ends: string;
  may_remove: boolean;
}

export interface Gap {
  begins: string;
  ends: string;
}

export interface RosterMonth {
  town: string;
  name: string;
  month: string;
  turns: Turn[];
  gaps: Gap[];
  on_duty: { name: string; phone: string; planned: boolean }[];
  may_plan: boolean;
  people: { value: string; label: string }[];
}
