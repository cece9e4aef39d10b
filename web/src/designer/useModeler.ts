import Modeler from "bpmn-js/lib/Modeler";
import type BaseViewer from "bpmn-js/lib/BaseViewer";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { useEffect, useRef, useState, type RefObject } from "react";
import { zh } from "./zh";

interface Canvas {
  zoom(level: number | "fit-viewport", centre?: "auto"): number;
  viewbox(box?: { x: number; y: number; width: number; height: number }): { inner: Box; outer: { width: number; height: number } };
}
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface Bus {
  on(event: string, listener: () => void): void;
}

interface Desk {
  box: RefObject<HTMLDivElement | null>;
  modeler: BaseViewer | undefined;
  /** Grows with every change of the drawing; 0 after a file was opened. */
  changes: number;
  problem: string;
}

/** Below this nothing can be read. */
const LEAST = 0.4;
/** Room for the palette, in pixels. */
const PALETTE = 110;

/** The whole drawing; a long one from its beginning, as high as the canvas, so that every lane can be dragged to. */
export function frame(canvas: Canvas, editing: boolean): void {
  if (canvas.zoom("fit-viewport", "auto") >= LEAST) return;
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(1, Math.max(LEAST, (outer.height - 20) / inner.height));
  const [width, height] = [outer.width / scale, outer.height / scale];
  const x = inner.x - (editing ? PALETTE : 10) / scale;
  canvas.viewbox({ x, y: inner.y - Math.max(10 / scale, (height - inner.height) / 2), width, height });
}

/**
 * A drawing on a canvas: to be edited, or – for who may not edit – to be looked at. It is loaded when `key` changes,
 * not after every save: what is on the screen is ahead of the file.
 */
export function useModeler(text: string | undefined, key: string, editing: boolean): Desk {
  const box = useRef<HTMLDivElement>(null);
  const [modeler, setModeler] = useState<BaseViewer>();
  const [changes, setChanges] = useState(0);
  const [problem, setProblem] = useState("");
  const newest = useRef(text);
  newest.current = text;
  const known = text !== undefined;
  useEffect(() => {
    if (!box.current || newest.current === undefined) return;
    let gone = false;
    delete document.body.dataset.ready;
    const options = { container: box.current, moddleExtensions: { zeebe }, additionalModules: [zh] };
    const made = editing ? new Modeler(options) : new NavigatedViewer(options);
    void made.importXML(newest.current).then(
      () => {
        if (gone) return;
        frame(made.get<Canvas>("canvas"), editing);
        made.get<Bus>("eventBus").on("commandStack.changed", () => setChanges((n) => n + 1));
        setModeler(made);
        document.body.dataset.ready = "modeler";
      },
      (error: Error) => setProblem(`流程图打不开：${error.message}`),
    );
    return () => {
      gone = true;
      setModeler(undefined);
      setChanges(0);
      setProblem("");
      made.destroy();
    };
  }, [key, known, editing]);
  return { box, modeler, changes, problem };
}
