/** Shapes of `api/schemas/homes.py` about going round. */
import type { Coded, HomeDetail, HomeRow, PastLead } from "../homes/types";

export interface VillageToday {
  area: string;
  name: string;
  state: string;
  said: boolean;
  neighbours: number;
  items: Coded[];
}

/** A household due for a visit, with who lives there. */
export interface DueHome extends HomeRow {
  members: string[];
}

/** What the form of a visit shows of a household: all of it is in today's list, but for earlier leads. */
export type VisitHome = Pick<HomeDetail, "id" | "head" | "place" | "address" | "focus" | "programmes" | "next_due" | "overdue" | "ended_on"> & {
  members: { name: string; left_on: string | null }[];
  leads: PastLead[];
};

export interface Rounds {
  today: string;
  overdue: number;
  items: DueHome[];
  total: number;
  villages: VillageToday[];
}

export interface VisitChoices {
  kinds: Coded[];
  methods: Coded[];
  met: Coded[];
  needs: Coded[];
  causes: Coded[];
  urgent_signs: Coded[];
  categories: Coded[];
}

export interface VisitDone {
  message: string;
  visit: string;
  lead_no: string | null;
  case_id: string | null;
}
