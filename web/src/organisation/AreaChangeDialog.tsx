/** Planning a change of the tree: what, when, by which document; what would follow is shown before it is entered. */
import { Button, Checkbox, Input, Radio, Select } from "antd";
import { useState } from "react";
import { useAreas } from "../forms/fields/AreaControl";
import { Day, Labelled, useChange, Where, Who, WriteDialog, Wrong } from "./dialogs";
import type { Labelled as Line } from "./types";

const KINDS = [["merge", "合并"], ["split", "拆分"], ["move", "划转"], ["rename", "更名"], ["found", "设立"]] as const;
type Kind = (typeof KINDS)[number][0];
const UNIT_KINDS = [["village", "村"], ["community", "社区"], ["grid", "网格"], ["town", "镇"], ["township", "乡"], ["subdistrict", "街道"], ["dev_zone", "开发区"]].map(([value, label]) => ({ value, label }));
const HINTS: Record<Kind, string> = {
  merge: "被合并单位的在办事项、任务、任职、户随新单位，办结的留在原单位；只留一名联络员。",
  split: "勾选保留原单位时，原单位的户和事项不动，可再逐户划转；不保留时全部随第一个新单位。",
  move: "整村划到另一镇（街），人和在办事项随转。",
  rename: "区划代码不变；此前日期的区划仍显示原名。",
  found: "新设网格、村（居）或镇级单位。",
};

export function AreaChangeDialog({ close }: { close: () => void }) {
  const [kind, setKind] = useState<Kind>("merge");
  const [on, setOn] = useState<string | null>(null);
  const [document, setDocument] = useState("");
  const [sources, setSources] = useState<string[]>([]);
  const [area, setArea] = useState<string | null>(null);
  const [parent, setParent] = useState<string | null>(null);
  const [into, setInto] = useState<string | null>(null);
  const [liaison, setLiaison] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [chosenKind, setUnitKind] = useState<string>();
  const { data: areas = [] } = useAreas();
  const [parts, setParts] = useState("");
  const [keep, setKeep] = useState(true);
  // a unit made of communities is a community, one renamed stays what it is
  const before = areas.find((one) => one.path === { merge: sources[0], split: area, rename: area, move: area, found: null }[kind]);
  const unitKind = chosenKind ?? before?.kind ?? "village";
  const names = parts.split(/[、，,\n]/).map((one) => one.trim()).filter(Boolean);
  const body = () => {
    const common = { kind, on, document: document.trim() };
    if (kind === "merge") return { ...common, sources, into, new: into ? null : { name: name.trim(), kind: unitKind }, liaison };
    if (kind === "split") return { ...common, area, keep, parts: names.map((one) => ({ name: one, kind: unitKind })) };
    if (kind === "move") return { ...common, area, parent };
    if (kind === "rename") return { ...common, area, name: name.trim(), unit_kind: unitKind };
    return { ...common, parent, name: name.trim(), unit_kind: unitKind };
  };
  const filled: Record<Kind, boolean> = {
    merge: sources.length > (into ? 0 : 1) && Boolean(into || name.trim()),
    split: Boolean(area) && names.length >= (keep ? 1 : 2),
    move: Boolean(area && parent),
    rename: Boolean(area && name.trim()),
    found: Boolean(parent && name.trim()),
  };
  const ready = Boolean(on) && document.trim().length >= 2 && filled[kind];
  const one = (next: string | string[] | null) => next as string | null;
  return (
    <WriteDialog title="办理区划调整" okText="登记" path="/organisation/changes" ready={ready} close={close} body={body} width={620}>
      <div className="dialog-field">
        <Radio.Group aria-label="调整方式" value={kind} onChange={(event) => setKind(event.target.value as Kind)} optionType="button" buttonStyle="solid" options={KINDS.map(([value, label]) => ({ value, label }))} />
      </div>
      <p className="muted">{HINTS[kind]}</p>
      {kind === "merge" && <Where label="合并哪些村（居）或网格" tiers={["village", "grid"]} several value={sources} onChange={(next) => setSources((next as string[] | null) ?? [])} />}
      {kind === "merge" && <Where label="并入已有单位（不选则新设）" tiers={["village", "grid"]} value={into} onChange={(next) => setInto(one(next))} />}
      {(kind === "split" || kind === "move" || kind === "rename") && <Where label="哪个单位" tiers={kind === "rename" ? ["town", "village", "grid"] : ["village", "grid"]} value={area} onChange={(next) => setArea(one(next))} />}
      {(kind === "move" || kind === "found") && <Where label={kind === "move" ? "划到" : "设在哪个单位之下"} tiers={kind === "move" ? ["town", "village"] : ["district", "town", "village"]} value={parent} onChange={(next) => setParent(one(next))} />}
      {kind === "split" && <Labelled label="新单位名称（用顿号或换行分开）" id="parts"><Input.TextArea id="parts" value={parts} onChange={(event) => setParts(event.target.value)} autoSize={{ minRows: 2 }} /></Labelled>}
      {kind === "split" && <div className="dialog-field"><Checkbox checked={keep} onChange={(event) => setKeep(event.target.checked)}>保留原单位</Checkbox></div>}
      {(kind === "rename" || kind === "found" || (kind === "merge" && !into)) && <Labelled label="新名称" id="unit-name"><Input id="unit-name" value={name} onChange={(event) => setName(event.target.value)} maxLength={60} /></Labelled>}
      {kind !== "move" && !(kind === "merge" && into) && <Labelled label="类别" id="unit-kind"><Select id="unit-kind" className="field-select" aria-label="类别" value={unitKind} onChange={setUnitKind} options={UNIT_KINDS} /></Labelled>}
      {kind === "merge" && <Who label="合并后的联络员（不选则沿用）" value={liaison} onChange={setLiaison} />}
      <Day label="生效日期" value={on} onChange={setOn} />
      <Labelled label="批准文件" id="document"><Input id="document" value={document} onChange={(event) => setDocument(event.target.value)} maxLength={200} placeholder="文号或名称" /></Labelled>
      {ready && <Foreseen body={body} />}
    </WriteDialog>
  );
}

/** What would follow today; nothing is written. */
function Foreseen({ body }: { body: () => unknown }) {
  const look = useChange<{ text: string; result: Line[] }>("/organisation/changes/preview");
  return (
    <div className="dialog-field">
      <Button onClick={() => look.mutate(body())} loading={look.isPending}>看看会怎样</Button>
      <Wrong error={look.error} />
      {look.data && <p role="status"><strong>{look.data.text}</strong><br />{look.data.result.map((line) => `${line.label} ${line.value}`).join("，") || "没有随转的人和事"}</p>}
    </div>
  );
}
