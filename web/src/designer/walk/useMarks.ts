/** Tokens on the drawing: where the trial has been, where it waits, where it failed. */
import type BaseViewer from "bpmn-js/lib/BaseViewer";
import { useEffect } from "react";
import type { TryPlayed } from "../bench";

export interface Marks {
  been: string[];
  /** Element → how many wait there. */
  waiting: Record<string, number>;
  failed: string[];
}

interface Canvas {
  addMarker(id: string, marker: string): void;
  removeMarker(id: string, marker: string): void;
}
interface Overlays {
  add(id: string, type: string, overlay: { position: { top: number; right: number }; html: HTMLElement }): void;
  remove(filter: { type: string }): void;
}
interface Registry {
  get(id: string): unknown;
}

const LAYER = "walk";

export function marksOf(played: TryPlayed | undefined): Marks {
  const waiting: Record<string, number> = {};
  for (const one of played?.open ?? []) waiting[one.element] = (waiting[one.element] ?? 0) + 1;
  const been = (played?.trace ?? []).filter((line) => ["completed", "taken", "caught", "thrown"].includes(line.event)).map((line) => line.element);
  return { been: [...new Set(been)], waiting, failed: [...new Set((played?.problems ?? []).map((one) => one.path))] };
}

export function useMarks(viewer: BaseViewer | undefined, marks: Marks | undefined): void {
  useEffect(() => {
    if (!viewer || !marks) return;
    const canvas = viewer.get<Canvas>("canvas");
    const overlays = viewer.get<Overlays>("overlays");
    const registry = viewer.get<Registry>("elementRegistry");
    const put: [string, string][] = [];
    const mark = (element: string, name: string) => {
      if (!registry.get(element)) return;
      canvas.addMarker(element, name);
      put.push([element, name]);
    };
    marks.been.forEach((element) => mark(element, "walk-been"));
    marks.failed.forEach((element) => mark(element, "walk-failed"));
    for (const [element, count] of Object.entries(marks.waiting)) {
      mark(element, "walk-here");
      if (!registry.get(element)) continue;
      const token = document.createElement("span");
      token.className = "walk-token";
      token.textContent = String(count);
      overlays.add(element, LAYER, { position: { top: -12, right: 12 }, html: token });
    }
    return () => {
      if (!registry || !viewer.get("canvas", false)) return;
      put.forEach(([element, name]) => registry.get(element) && canvas.removeMarker(element, name));
      overlays.remove({ type: LAYER });
    };
  }, [viewer, marks]);
}
