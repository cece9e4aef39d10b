import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "./diagram.css";
import { Button, Space } from "antd";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { useEffect, useRef, useState } from "react";

export interface Mark {
  element: string;
  state: "active" | "done" | "incident";
  text?: string; // badge, in words
  overdue?: boolean;
}

interface Canvas {
  zoom(level: number | "fit-viewport", centre?: "auto"): number;
  addMarker(id: string, marker: string): void;
  removeMarker(id: string, marker: string): void;
  scrollToElement(id: string, padding?: number): void;
}
interface Overlays {
  add(id: string, overlay: { position: { top: number; right: number }; html: HTMLElement }): void;
  clear(): void;
}
interface Registry {
  get(id: string): unknown;
}
interface EventBus {
  on(event: string, listener: (event: { element: { id: string } }) => void): void;
}

const MARKERS = ["xz-active", "xz-done", "xz-incident", "xz-overdue"];

function draw(viewer: NavigatedViewer, marks: Mark[]): void {
  const canvas = viewer.get<Canvas>("canvas");
  const overlays = viewer.get<Overlays>("overlays");
  const registry = viewer.get<Registry>("elementRegistry");
  overlays.clear();
  for (const mark of marks) {
    if (!registry.get(mark.element)) continue;
    for (const marker of MARKERS) canvas.removeMarker(mark.element, marker);
    canvas.addMarker(mark.element, mark.overdue ? "xz-overdue" : `xz-${mark.state}`);
    if (!mark.text) continue;
    const badge = document.createElement("div");
    badge.className = mark.overdue || mark.state === "incident" ? "xz-badge xz-badge-red" : "xz-badge";
    badge.textContent = mark.text;
    overlays.add(mark.element, { position: { top: -14, right: 10 }, html: badge });
  }
}

/** Below this a wide drawing cannot be read: then show the part that matters instead of the whole. */
const READABLE = 0.55;

/** The whole drawing where it is readable, else the step that matters most: overdue, failed, active. */
function frame(viewer: NavigatedViewer, marks: Mark[]): void {
  const canvas = viewer.get<Canvas>("canvas");
  if (canvas.zoom("fit-viewport", "auto") >= READABLE) return;
  canvas.zoom(0.7);
  const registry = viewer.get<Registry>("elementRegistry");
  const here = marks.filter((mark) => registry.get(mark.element) && mark.state !== "done");
  const first = here.find((mark) => mark.overdue) ?? here.find((mark) => mark.state === "incident") ?? here[0];
  if (first) canvas.scrollToElement(first.element, 200);
}

/** A drawing with marks. Its table twin stands beside it, so nothing is said by the picture alone. */
export function DiagramView({ xml, marks, onElement }: { xml: string; marks: Mark[]; onElement?: (id: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<NavigatedViewer>();
  const chosen = useRef(onElement);
  chosen.current = onElement;
  const shown = useRef(marks);
  shown.current = marks;
  useEffect(() => {
    if (!box.current) return;
    let gone = false;
    const made = new NavigatedViewer({ container: box.current });
    made.get<EventBus>("eventBus").on("element.click", (event) => chosen.current?.(event.element.id));
    void made.importXML(xml).then(() => {
      if (gone) return;
      frame(made, shown.current);
      document.body.dataset.ready = "diagram";
      setViewer(made);
    });
    return () => {
      gone = true;
      made.destroy();
      setViewer(undefined);
    };
  }, [xml]);
  useEffect(() => {
    if (viewer) draw(viewer, marks);
  }, [viewer, marks]);
  const zoom = (step: number) => {
    const canvas = viewer?.get<Canvas>("canvas") as (Canvas & { zoom(): number }) | undefined;
    if (canvas) canvas.zoom(canvas.zoom() * step, "auto");
  };
  return (
    <div>
      <Space style={{ marginBlockEnd: 8 }}>
        <Button onClick={() => zoom(1.25)}>放大</Button>
        <Button onClick={() => zoom(0.8)}>缩小</Button>
        <Button onClick={() => viewer?.get<Canvas>("canvas").zoom("fit-viewport", "auto")}>适应窗口</Button>
      </Space>
      <div ref={box} className="xz-canvas" role="img" aria-label="流程图，内容见下方表格" />
    </div>
  );
}
