/** 办理设置 of the chosen element. Everything is written where the engine reads it. */
import { Select } from "antd";
import type BaseViewer from "bpmn-js/lib/BaseViewer";
import { useEffect, useMemo, useReducer, useState } from "react";
import { Hand, property, title, type Shape } from "./elements";
import { Row, Text } from "./fields";
import { OtherSettings } from "./OtherSettings";
import { TaskSettings } from "./TaskSettings";
import { whoInWords, type Vocabulary } from "./words";

const KINDS: Record<string, string> = {
  "bpmn:UserTask": "人工环节", "bpmn:ServiceTask": "系统环节", "bpmn:SendTask": "发送", "bpmn:ReceiveTask": "等待消息", "bpmn:ScriptTask": "脚本",
  "bpmn:BusinessRuleTask": "决策", "bpmn:CallActivity": "调用流程", "bpmn:SubProcess": "子流程", "bpmn:SequenceFlow": "连线", "bpmn:Lane": "泳道",
  "bpmn:Participant": "流程", "bpmn:StartEvent": "开始", "bpmn:EndEvent": "结束", "bpmn:BoundaryEvent": "边界事件", "bpmn:ExclusiveGateway": "排他分支",
  "bpmn:ParallelGateway": "并行", "bpmn:InclusiveGateway": "包容分支", "bpmn:EventBasedGateway": "等待先到者", "bpmn:ManualTask": "线下环节",
  "bpmn:IntermediateCatchEvent": "等待事件", "bpmn:IntermediateThrowEvent": "抛出事件", "bpmn:MessageFlow": "消息往来", "bpmn:TextAnnotation": "注释",
};

interface Bus {
  on(event: string, listener: (event: { newSelection?: Shape[] }) => void): void;
  off(event: string, listener: (event: { newSelection?: Shape[] }) => void): void;
}
interface Selection {
  get(): Shape[];
}

/** The element chosen on the canvas, told again after every change of the drawing. */
function useChosen(modeler: BaseViewer | undefined): Shape | undefined {
  const [chosen, setChosen] = useState<Shape>();
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    if (!modeler) return;
    const bus = modeler.get<Bus>("eventBus");
    const one = (listed: Shape[]) => setChosen(listed.length === 1 ? (listed[0].labelTarget ?? listed[0]) : undefined);
    const select = (event: { newSelection?: Shape[] }) => one(event.newSelection ?? []);
    bus.on("selection.changed", select);
    bus.on("commandStack.changed", again);
    one(modeler.get<Selection>("selection").get());
    return () => {
      bus.off("selection.changed", select);
      bus.off("commandStack.changed", again);
      setChosen(undefined);
    };
  }, [modeler]);
  return chosen;
}

interface Props {
  modeler: BaseViewer | undefined;
  words: Vocabulary | undefined;
  readOnly: boolean;
  onChoose: (element: string) => void;
}

export function Panel({ modeler, words, readOnly, onChoose }: Props) {
  const chosen = useChosen(modeler);
  const hand = useMemo(() => (modeler ? new Hand(modeler) : undefined), [modeler]);
  return (
    <aside className="design-panel" aria-label="办理设置">
      <h2>办理设置</h2>
      <Row label="环节">
        <Select
          aria-label="选择环节" showSearch={{ optionFilterProp: "label" }} placeholder="点选图中的元素，或在此查找" style={{ inlineSize: "100%" }}
          value={chosen?.id} onChange={onChoose} options={choices(hand, chosen)} notFoundContent="没有匹配的"
        />
      </Row>
      {chosen && hand && words && (
        <fieldset disabled={readOnly} className={readOnly ? "panel-locked" : undefined} inert={readOnly} key={chosen.id}>
          <Settings chosen={chosen} hand={hand} words={words} />
        </fieldset>
      )}
    </aside>
  );
}

function choices(hand: Hand | undefined, chosen: Shape | undefined) {
  const found = hand?.named() ?? [];
  if (!chosen || found.some((one) => one.value === chosen.id)) return found;
  return [{ value: chosen.id, label: `${KINDS[chosen.type] ?? "元素"} ${title(chosen)}` }, ...found];
}

function Settings({ chosen, hand, words }: { chosen: Shape; hand: Hand; words: Vocabulary }) {
  const of = chosen.businessObject;
  return (
    <>
      <p className="panel-id">{KINDS[chosen.type] ?? chosen.type.replace("bpmn:", "")} · 标识 <code>{of.id}</code></p>
      <Text label="名称" value={of.name} onWrite={(name) => hand.update(chosen, { name: name.trim() || undefined })} />
      {chosen.type === "bpmn:UserTask" && <TaskSettings chosen={chosen} hand={hand} words={words} />}
      {chosen.type === "bpmn:Lane" && (
        <div className="panel-who">
          <strong>谁办：</strong>
          {whoInWords(words, property(of, "tier"), property(of, "post"))}
          <p>泳道里没有自己写明层级、岗位的环节，都由他们办理。</p>
        </div>
      )}
      {chosen.type !== "bpmn:UserTask" && <OtherSettings chosen={chosen} hand={hand} words={words} />}
      <Text label="说明" value={(of.documentation?.[0]?.text as string | undefined) ?? ""} rows={2} hint="办理人在任务页看到" onWrite={(text) => hand.documentation(chosen, text)} />
    </>
  );
}
