/** What the server says a drawing may name, and an element's routing in words. Mirrors `api/schemas_designer.py`. */
export interface Word {
  value: string;
  label: string;
  hint: string;
}
export interface PostWord extends Word {
  tiers: string[];
}
export interface Vocabulary {
  tiers: Word[];
  posts: PostWord[];
  forms: Word[];
  terms: Word[];
  stages: Word[];
  jobs: Word[];
  decisions: Word[];
  processes: Word[];
  functions: Word[];
}
export interface Change {
  file: string;
  element: string | null;
  kind: string;
  text: string;
}
export interface Comparison {
  version: number | null;
  changes: Change[];
  seal: string;
}
export interface ExpressionCheck {
  ok: boolean;
  message: string;
  start: number | null;
}

export const split = (text: string | undefined): string[] => (text ?? "").split(",").map((one) => one.trim()).filter(Boolean);
export const computed = (text: string | undefined): boolean => (text ?? "").startsWith("=");

export interface Written {
  tier?: string;
  /** Posts as in the file, or an expression. */
  posts?: string;
}

/** Tier and posts as the engine will see them: what the task says itself over what its lane says. */
export function routing(own: Written, lane: Written): { tier?: string; posts?: string; ownTier: boolean; ownPosts: boolean } {
  return { tier: own.tier || lane.tier, posts: own.posts || lane.posts, ownTier: Boolean(own.tier), ownPosts: Boolean(own.posts) };
}

const labelOf = (listed: Word[], value: string): string => listed.find((one) => one.value === value)?.label ?? value;

/** `镇（街）· 镇（街）民政干部或…`; expressions are shown as they are. */
export function whoInWords(words: Vocabulary, tier: string | undefined, posts: string | undefined): string {
  const place = computed(tier) ? `层级按 ${tier}` : tier ? labelOf(words.tiers, tier) : "（没有层级，无人可办）";
  const people = computed(posts) ? `岗位按 ${posts}` : split(posts).map((post) => labelOf(words.posts, post)).join("或");
  return `${place} · ${people || "该层级任何人"}`;
}

/** Posts nobody holds at that tier. */
export function misfits(words: Vocabulary, tier: string | undefined, posts: string | undefined): string[] {
  if (!tier || computed(tier) || computed(posts)) return [];
  return split(posts).filter((post) => !words.posts.find((one) => one.value === post)?.tiers.includes(tier)).map((post) => labelOf(words.posts, post));
}

const ACTORS = /^=\s*actors\(\s*("[^"]*"(?:\s*,\s*"[^"]*")*)\s*\)$/;

/** The elements of `=actors("a", "b")`; null: another expression, which is kept as it is. */
export function recused(text: string | undefined): string[] | null {
  if (!text) return [];
  const found = ACTORS.exec(text.trim());
  return found ? [...found[1].matchAll(/"([^"]*)"/g)].map((one) => one[1]) : null;
}

export const recuse = (elements: string[]): string | undefined =>
  elements.length > 0 ? `=actors(${elements.map((one) => `"${one}"`).join(", ")})` : undefined;

/** FEEL in a drawing begins with `=`. */
export const feel = (text: string): string | undefined => {
  const bare = text.trim();
  return bare ? (bare.startsWith("=") ? bare : `=${bare}`) : undefined;
};
