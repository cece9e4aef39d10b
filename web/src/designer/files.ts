/** A bundle's files as a designer knows them: by kind and by what they call themselves. */
import type { DraftFile } from "../api/types";
import type { Over } from "./bench";

export type FileKind = "bpmn" | "dmn" | "form";
export const KINDS: FileKind[] = ["bpmn", "dmn", "form"];
export const KIND_WORDS: Record<FileKind, string> = { bpmn: "流程图", dmn: "决策表", form: "表单" };

/** Texts over those of the draft; null: the file is taken away. */
export type Texts = Record<string, string | null>;

export function kindOfFile(name: string | undefined): FileKind | null {
  return KINDS.find((kind) => name?.endsWith(`.${kind}`)) ?? null;
}

/** The files as they would be saved, those with an editor only, in the order of their names. */
export function present(files: DraftFile[], over: Texts): DraftFile[] {
  const all = new Map(files.map((one) => [one.name, one.text]));
  for (const [name, text] of Object.entries(over)) {
    if (text === null) all.delete(name);
    else all.set(name, text);
  }
  return [...all].filter(([name]) => kindOfFile(name)).map(([name, text]) => ({ name, text })).sort((a, b) => a.name.localeCompare(b.name));
}

export function asOver(texts: Texts, files: DraftFile[]): Over {
  const known = new Set(files.map((one) => one.name));
  return {
    files: Object.entries(texts).flatMap(([name, text]) => (text === null ? [] : [{ name, text }])),
    removed: Object.entries(texts).flatMap(([name, text]) => (text === null && known.has(name) ? [name] : [])),
  };
}

/** What a person calls the file. */
export function titleOf({ name, text }: DraftFile): string {
  if (name.endsWith(".form")) {
    try {
      const title: unknown = JSON.parse(text)?.properties?.title;
      return typeof title === "string" && title ? title : name;
    } catch {
      return name;
    }
  }
  const pattern = name.endsWith(".dmn") ? /<(?:\w+:)?decision\s[^>]*\bname="([^"]+)"/ : /<(?:\w+:)?process\s[^>]*\bname="([^"]+)"/;
  const found = pattern.exec(text)?.[1];
  return found ? found.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&") : name;
}

export const FILE_KEY = /^[a-z][a-z0-9_]{0,60}$/;

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A new file of a kind, ready to be edited. */
export function blank(kind: "dmn" | "form", key: string, title: string): DraftFile {
  if (kind === "form") {
    const form = { schemaVersion: 19, type: "default", id: key, properties: { title, section: key, repeats: false }, components: [] };
    return { name: `${key}.form`, text: `${JSON.stringify(form, null, 2)}\n` };
  }
  const table =
    `<decisionTable id="${key}_table" hitPolicy="FIRST"><input id="${key}_i0" label="条件"><inputExpression id="${key}_e0" typeRef="Any"><text>value</text></inputExpression></input>` +
    `<output id="${key}_o0" label="结果" name="result" typeRef="Any"/>` +
    `<rule id="${key}_r1"><inputEntry id="${key}_r1_i0"><text>-</text></inputEntry><outputEntry id="${key}_r1_o0"><text>null</text></outputEntry></rule></decisionTable>`;
  const text =
    `<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="definitions_${key}" name="${escape(title)}" namespace="urn:xunzhen">` +
    `<decision id="${key}" name="${escape(title)}">${table}</decision></definitions>\n`;
  return { name: `${key}.dmn`, text };
}
