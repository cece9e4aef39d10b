/** The drawing of a draft with its 办理设置, or with 试走: the same drawing run by the real engine. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import { Alert, Button } from "antd";
import type Modeler from "bpmn-js/lib/Modeler";
import { useCallback, useEffect, useState } from "react";
import { Panel } from "./Panel";
import type { Desk } from "./useDraft";
import { useModeler } from "./useModeler";
import { useMarks, type Marks } from "./walk/useMarks";
import { WalkPanel } from "./walk/WalkPanel";
import type { Vocabulary } from "./words";

/** Around an element that is looked up, in pixels: palette on the left, context pad on the right. */
const ROOM = { top: 120, right: 220, bottom: 120, left: 240 };

interface Canvas {
  zoom(level?: number | "fit-viewport", centre?: "auto"): number;
  scrollToElement(id: string, padding?: { top: number; right: number; bottom: number; left: number }): void;
}
interface Selection {
  select(element: unknown): void;
}
interface Registry {
  get(id: string): unknown;
}

interface Props {
  id: string;
  desk: Desk;
  text: string;
  editing: boolean;
  words: Vocabulary | undefined;
}

export function Drawing({ id, desk, text, editing, words }: Props) {
  const { box, modeler, changes, problem } = useModeler(text, `${id}:${desk.file}:${desk.epoch}`, editing);
  const [walking, setWalking] = useState(false);
  const [marks, setMarks] = useState<Marks>();
  useMarks(modeler, walking ? marks : undefined);
  const { source, touch, focus } = desk;
  useEffect(() => {
    if (!modeler || !editing) return;
    source.current = async () => (changes > 0 ? (await (modeler as Modeler).saveXML({ format: true })).xml : undefined);
    return () => {
      source.current = undefined;
    };
  }, [modeler, editing, changes, source]);
  useEffect(() => {
    if (changes > 0) touch();
  }, [changes, touch]);
  const choose = useCallback((element: string) => {
    const found = modeler?.get<Registry>("elementRegistry").get(element);
    if (!found || !modeler) return;
    const canvas = modeler.get<Canvas>("canvas");
    if (canvas.zoom() < 0.4) canvas.zoom(0.4);
    modeler.get<Selection>("selection").select(found);
    canvas.scrollToElement(element, ROOM);
  }, [modeler]);
  useEffect(() => {
    if (focus) choose(focus.element);
  }, [focus, choose]);
  const zoom = (step: number) => {
    const canvas = modeler?.get<Canvas>("canvas");
    canvas?.zoom(canvas.zoom() * step, "auto");
  };
  return (
    <>
      {problem && <Alert type="error" showIcon title={problem} />}
      {editing && !walking && <p className="design-phone">小屏幕上适合查看和修改办理设置；拖动画图请用电脑。</p>}
      <div className={walking ? "design-desk design-walking" : "design-desk"}>
        <div className="design-board">
          <div className="design-tools">
            <Button size="small" onClick={() => zoom(1.25)}>放大</Button>
            <Button size="small" onClick={() => zoom(0.8)}>缩小</Button>
            <Button size="small" onClick={() => modeler?.get<Canvas>("canvas").zoom("fit-viewport", "auto")}>看全图</Button>
            <Button size="small" type={walking ? "primary" : "default"} aria-pressed={walking} onClick={() => setWalking(!walking)}>{walking ? "结束试走" : "试走"}</Button>
          </div>
          <div ref={box} className="design-canvas" />
        </div>
        {walking ? (
          <WalkPanel id={id} desk={desk} words={words} onMarks={setMarks} onShow={choose} />
        ) : (
          <Panel modeler={modeler} words={words} readOnly={!editing} onChoose={choose} />
        )}
      </div>
    </>
  );
}
