import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "./diagram.css";
import { Button, Space } from "antd";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { useEffect, useRef, useState } from "react";

export interface Badge {
  text: string;
  red?: boolean;
}
export interface Mark {
  element: string;
  state: "active" | "done" | "incident";
  overdue?: boolean;
  /** In words, side by side on the upper edge of the element. */
  badges?: Badge[];
  /** What the badges say in a sentence, for those who do not see the picture. */
  label?: string;
}

interface Canvas {
  zoom(level: number | "fit-viewport", centre?: "auto"): number;
  zoom(): number;
  addMarker(id: string, marker: string): void;
  removeMarker(id: string, marker: string): void;
  scrollToElement(id: string, padding?: number): void;
  viewbox(box?: { x: number; y: number; width: number; height: number }): { inner: { x: number; y: number } };
}
interface Overlays {
  add(id: string, overlay: { position: { top: number; left: number }; html: HTMLElement }): void;
  clear(): void;
}
interface Registry {
  get(id: string): unknown;
  forEach(each: (element: { id: string }) => void): void;
}
interface EventBus {
  on(event: string, listener: (event: { element: { id: string } }) => void): void;
}

const MARKERS = ["xz-active", "xz-done", "xz-incident", "xz-overdue"];

/** The badges of a mark: buttons where a click leads somewhere, plain words where not. */
function badges(mark: Mark, open?: (id: string) => void): HTMLElement {
  const row = document.createElement(open ? "button" : "div");
  row.className = "xz-badges";
  if (open) {
    row.setAttribute("type", "button");
    row.setAttribute("aria-label", mark.label ?? "");
    row.addEventListener("click", () => open(mark.element));
  }
  for (const badge of mark.badges ?? []) {
    const part = document.createElement("span");
    part.className = badge.red ? "xz-badge xz-badge-red" : "xz-badge";
    part.textContent = badge.text;
    row.append(part);
  }
  return row;
}

function draw(viewer: NavigatedViewer, marks: Mark[], open?: (id: string) => void): void {
  const canvas = viewer.get<Canvas>("canvas");
  const overlays = viewer.get<Overlays>("overlays");
  const registry = viewer.get<Registry>("elementRegistry");
  overlays.clear();
  registry.forEach(({ id }) => MARKERS.forEach((marker) => canvas.removeMarker(id, marker)));
  for (const mark of marks) {
    if (!registry.get(mark.element)) continue;
    canvas.addMarker(mark.element, mark.overdue ? "xz-overdue" : `xz-${mark.state}`);
    if (mark.badges?.length) overlays.add(mark.element, { position: { top: -16, left: 0 }, html: badges(mark, open) });
  }
}

/** Below this a wide drawing cannot be read: then show the part that matters instead of the whole. */
const READABLE = 0.55;

/** The whole drawing where it is readable, else the step that matters most (overdue, failed, active), else the beginning. */
function frame(viewer: NavigatedViewer, marks: Mark[]): void {
  const canvas = viewer.get<Canvas>("canvas");
  if (canvas.zoom("fit-viewport", "auto") >= READABLE) return;
  const { inner } = canvas.viewbox();
  canvas.zoom(0.7);
  const registry = viewer.get<Registry>("elementRegistry");
  const here = marks.filter((mark) => registry.get(mark.element) && mark.state !== "done");
  const first = here.find((mark) => mark.overdue) ?? here.find((mark) => mark.state === "incident") ?? here[0];
  const shown = canvas.viewbox() as unknown as { width: number; height: number };
  canvas.viewbox({ x: inner.x - 20, y: inner.y - 20, width: shown.width, height: shown.height });
  if (first) canvas.scrollToElement(first.element, Math.min(200, (shown.height * 0.7) / 4));
}

interface Props {
  xml: string;
  marks: Mark[];
  /** Known when the marks are still on their way: the view goes to them when they come, unless somebody has moved it. */
  waiting?: boolean;
  onElement?: (id: string) => void;
}

/** A drawing with marks. Its table twin stands beside it, so nothing is said by the picture alone. */
export function DiagramView({ xml, marks, waiting = false, onElement }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<NavigatedViewer>();
  const framed = useRef(false);
  const chosen = useRef(onElement);
  chosen.current = onElement;
  const clickable = onElement !== undefined;
  useEffect(() => {
    if (!box.current) return;
    let gone = false;
    delete document.body.dataset.ready;
    const made = new NavigatedViewer({ container: box.current });
    made.get<EventBus>("eventBus").on("element.click", (event) => chosen.current?.(event.element.id));
    void made.importXML(xml).then(() => {
      if (gone) return;
      framed.current = false;
      setViewer(made);
    });
    return () => {
      gone = true;
      made.destroy();
      setViewer(undefined);
    };
  }, [xml]);
  useEffect(() => {
    if (!viewer) return;
    draw(viewer, marks, clickable ? (id) => chosen.current?.(id) : undefined);
    if (waiting) return;
    if (!framed.current) frame(viewer, marks);
    framed.current = true;
    document.body.dataset.ready = "diagram";
  }, [viewer, marks, waiting, clickable]);
  const zoom = (step: number) => {
    const canvas = viewer?.get<Canvas>("canvas");
    if (canvas) canvas.zoom(canvas.zoom() * step, "auto");
  };
  return (
    <div>
      <Space style={{ marginBlockEnd: 8 }}>
        <Button onClick={() => zoom(1.25)}>放大</Button>
        <Button onClick={() => zoom(0.8)}>缩小</Button>
        <Button onClick={() => viewer?.get<Canvas>("canvas").zoom("fit-viewport", "auto")}>适应窗口</Button>
      </Space>
      <div ref={box} className="xz-canvas" role="group" aria-label="流程图，内容见下方表格" />
    </div>
  );
}
