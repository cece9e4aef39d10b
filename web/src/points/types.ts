/** Service points as the server tells them, and the forms by which they are written. */
export interface PointRow {
  id: string;
  area: string;
  kind: "window" | "policy_board" | "hotline";
  kind_name: string;
  name: string;
  place: string;
  hours: string | null;
  staff: string | null;
  phone: string | null;
  photo: string[];
  policy_version: string | null;
  checked_on: string | null;
  state: "good" | "faulty" | "closed";
  note: string | null;
  revision: number;
}

export interface PlaceRow {
  area: string;
  name: string;
  tier: "town" | "village";
  points: PointRow[];
  lacks: PointRow["kind"][];
  alarms: string[];
  open_case: string | null;
}

export interface PlacePage {
  items: PlaceRow[];
  total: number;
  page: number;
  size: number;
  version: string | null;
  alarmed: number;
}

export interface PointDetail extends PointRow {
  place_name: string;
  checks: { kind: string; ok: boolean; finding: string | null; person: string; at: string; case_id: string | null }[];
}

export interface PolicyText {
  version: string;
  title: string;
  published_on: string;
  summary: string;
}

export const KINDS: Record<PointRow["kind"], string> = { window: "救助窗口", policy_board: "政策公示牌", hotline: "服务电话" };
export const ALARMS: Record<string, string> = { missing: "有空缺", outdated: "公示牌不是现行文本", faulty: "有问题未整改", unchecked: "逾期未核验" };
export const CHECKS: Record<string, string> = { check: "现场核验", call: "试拨", fix: "整改" };
