/** 办理设置 of the chosen element: who does it, with which form, by when. Everything is written where the engine reads it. */
import { Alert, Button, Input, InputNumber, Select } from "antd";
import type Modeler from "bpmn-js/lib/Modeler";
import { useEffect, useMemo, useReducer, useState, type ReactNode } from "react";
import { Hand, find, property, type Shape } from "./elements";

interface Word {
  value: string;
  label: string;
  hint?: string;
}
export interface Vocabulary {
  tiers: Word[];
  posts: (Word & { tiers: string[] })[];
  forms: Word[];
  terms: Word[];
  stages: Word[];
}

interface Bus {
  on(events: string | string[], listener: (event: { newSelection?: Shape[] }) => void): void;
  off(events: string | string[], listener: (event: { newSelection?: Shape[] }) => void): void;
}

const split = (text: string | undefined): string[] => (text ?? "").split(",").map((one) => one.trim()).filter(Boolean);
const computed = (text: string | undefined): boolean => (text ?? "").startsWith("=");

function Row({ label, children }: { label: string; children: ReactNode }) {
  return <label className="panel-row"><span>{label}</span>{children}</label>;
}

/** The element chosen on the canvas, told again after every change of the drawing. */
function useChosen(modeler: Modeler | undefined): Shape | undefined {
  const [chosen, setChosen] = useState<Shape>();
  const [, again] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    if (!modeler) return;
    const bus = modeler.get<Bus>("eventBus");
    const select = (event: { newSelection?: Shape[] }) => setChosen(event.newSelection?.length === 1 ? event.newSelection[0] : undefined);
    const changed = () => again();
    bus.on("selection.changed", select);
    bus.on("commandStack.changed", changed);
    return () => {
      bus.off("selection.changed", select);
      bus.off("commandStack.changed", changed);
    };
  }, [modeler]);
  return chosen;
}

/** Tier and posts as the engine will see them: the task's own over its lane's. */
export function routing(own: { tier?: string; posts: string[] }, lane: { tier?: string; posts: string[] }) {
  return { tier: own.tier ?? lane.tier, posts: own.posts.length > 0 ? own.posts : lane.posts, inherited: own.posts.length === 0 };
}

export function Panel({ modeler, words, readOnly }: { modeler: Modeler | undefined; words: Vocabulary | undefined; readOnly: boolean }) {
  const chosen = useChosen(modeler);
  const hand = useMemo(() => (modeler ? new Hand(modeler) : undefined), [modeler]);
  if (!chosen || !hand || !words) return <aside className="design-panel"><h2>办理设置</h2><p className="muted">点选图中的一个环节。</p></aside>;
  const of = chosen.businessObject;
  const task = of.$type === "bpmn:UserTask";
  return (
    <aside className="design-panel" aria-label="办理设置">
      <h2>办理设置</h2>
      <fieldset disabled={readOnly} key={chosen.id}>
        <Row label="名称"><Input value={of.name ?? ""} onChange={(event) => hand.rename(chosen, event.target.value)} /></Row>
        <Row label="标识"><Input value={of.id} readOnly variant="borderless" /></Row>
        {task && <Task chosen={chosen} hand={hand} words={words} />}
      </fieldset>
    </aside>
  );
}

function Task({ chosen, hand, words }: { chosen: Shape; hand: Hand; words: Vocabulary }) {
  const of = chosen.businessObject;
  const lane = hand.lane(chosen);
  const assignment = find(of, "zeebe:AssignmentDefinition");
  const groups: string | undefined = assignment?.candidateGroups ?? property(of, "post");
  const own = { tier: property(of, "tier"), posts: computed(groups) ? [] : split(groups) };
  const route = routing(own, { tier: property(lane, "tier"), posts: split(property(lane, "post")) });
  const tierWord = (key: string | undefined) => words.tiers.find((one) => one.value === key)?.label ?? "（没有层级）";
  const postWord = (key: string) => words.posts.find((one) => one.value === key)?.label ?? key;
  const misfits = route.tier ? route.posts.filter((key) => !words.posts.find((one) => one.value === key)?.tiers.includes(route.tier ?? "")) : [];
  const setPosts = (posts: string[]) => {
    const rest = assignment?.assignee ? { assignee: assignment.assignee } : null;
    hand.extension(chosen, "zeebe:AssignmentDefinition", posts.length > 0 ? { ...rest, candidateGroups: posts.join(",") } : rest && { ...rest, candidateGroups: undefined });
    if (property(of, "post")) hand.property(chosen, "post", undefined);
  };
  const fitting = words.posts.filter((one) => !route.tier || one.tiers.includes(route.tier) || own.posts.includes(one.value));
  return (
    <>
      <p className="panel-who" role="status">
        <strong>谁办：</strong>
        {computed(groups) ? `由表达式决定（${groups}）` : `${tierWord(route.tier)} · ${route.posts.map(postWord).join("或") || "该层级任何人"}`}
        {route.inherited && !computed(groups) && "（随泳道）"}
      </p>
      {misfits.length > 0 && <Alert type="error" showIcon title={`${misfits.map(postWord).join("、")}不在${tierWord(route.tier)}任职，请改选岗位`} />}
      {!lane && (
        <Row label="层级（阶段内的环节自己写明）">
          <Select value={own.tier} allowClear options={words.tiers} onChange={(tier?: string) => hand.property(chosen, "tier", tier)} />
        </Row>
      )}
      <Row label="岗位">
        <Select
          mode="multiple" aria-label="岗位" value={own.posts} placeholder="随泳道" onChange={setPosts} optionFilterProp="label"
          options={fitting.map(({ value, label }) => ({ value, label }))}
        />
      </Row>
      {own.posts.length > 0 && lane && <Button type="link" onClick={() => setPosts([])}>改为随泳道</Button>}
      <Row label="几人共同办理">
        <InputNumber min={1} max={5} value={Number(property(of, "together") ?? 1)} onChange={(n) => hand.property(chosen, "together", n && n > 1 ? String(n) : undefined)} />
      </Row>
      <Row label="表单">
        <Select
          showSearch={{ optionFilterProp: "label" }} allowClear value={find(of, "zeebe:FormDefinition")?.formId} options={words.forms.map((one) => ({ value: one.value, label: `${one.label}（${one.hint}）` }))}
          onChange={(formId?: string) => hand.extension(chosen, "zeebe:FormDefinition", formId ? { formId } : null)}
        />
      </Row>
      <Row label="时限">
        <Select
          showSearch={{ optionFilterProp: "label" }} allowClear value={property(of, "term")} options={words.terms.map((one) => ({ value: one.value, label: one.label, title: one.hint }))}
          onChange={(term?: string) => hand.property(chosen, "term", term)}
        />
      </Row>
      <Row label="按钮文字"><Input value={property(of, "verb") ?? ""} maxLength={6} onChange={(event) => hand.property(chosen, "verb", event.target.value)} /></Row>
      <Row label="所属阶段"><Select allowClear value={property(of, "stage")} options={words.stages} onChange={(stage?: string) => hand.property(chosen, "stage", stage)} /></Row>
    </>
  );
}
