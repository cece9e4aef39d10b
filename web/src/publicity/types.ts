export interface PublicityRow {
  id: string;
  area: string;
  place_name: string;
  held_on: string;
  place: string;
  form: string;
  form_name: string;
  people: number;
  topic: string;
  photos: string[];
  campaign: string | null;
  person: string;
}

export interface PublicityPage {
  items: PublicityRow[];
  total: number;
  page: number;
  size: number;
  people: number;
  forms: { value: string; label: string }[];
}

export interface CampaignRow {
  case_id: string;
  number: string;
  theme: string;
  status: string;
  opened_at: string;
  sessions: number;
  people: number;
  visited: number;
  leads: number;
  villages: number;
  done: number;
}
