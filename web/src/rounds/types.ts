/** Shapes of `api/schemas/homes.py` about going round. */
import type { Coded, HomeRow } from "../homes/types";

export interface VillageToday {
  area: string;
  name: string;
  state: string;
  said: boolean;
  neighbours: number;
  items: Coded[];
}

export interface Rounds {
  today: string;
  overdue: number;
  items: HomeRow[];
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
