/** A form edited: its fields, the settings of the chosen one, and the form as staff will see it. */
import "./sheet.css";
import { Alert, App, Button, Checkbox, Input, Segmented, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { post } from "../../api/client";
import { FormView } from "../../forms/FormView";
import { StandIns } from "../../forms/standIns";
import { useForm } from "../../forms/useForm";
import type { SheetView } from "../bench";
import { Text } from "../fields";
import { SAMPLES } from "../samples";
import type { Desk } from "../useDraft";
import { ItemList } from "./ItemList";
import { find, fresh, get, holds, insert, ITEM_KINDS, keyOf, kindOf, move, parse, put, remove, replace, SHAPES, titleOf, write, type At, type ItemKind, type Sheet } from "./model";
import { Settings } from "./Settings";
import { useSheet } from "./useSheet";

interface Props {
  id: string;
  desk: Desk;
  text: string;
  editing: boolean;
}

export default function SheetDesk({ id, desk, text, editing }: Props) {
  const { modal, message } = App.useApp();
  const own = useSheet(text);
  const { sheet, changes, chosen } = own;
  const { source, touch, focus, file, findings } = desk;
  const [view, setView] = useState<SheetView>();
  const [adding, setAdding] = useState<ItemKind>("text");
  const [side, setSide] = useState<"field" | "form" | "source">("field");
  const latest = useRef({ sheet, changes });
  latest.current = { sheet, changes };
  const body = useRef(desk.body);
  body.current = desk.body;
  const revision = desk.draft?.revision;
  useEffect(() => {
    if (!editing) return;
    source.current = async () => (latest.current.changes > 0 && latest.current.sheet ? write(latest.current.sheet) : undefined);
    document.body.dataset.ready = "form";
    return () => {
      source.current = undefined;
    };
  }, [editing, source]);
  useEffect(() => {
    if (changes > 0) touch();
  }, [changes, touch]);
  useEffect(() => {
    let late = false;
    void body.current()
      .then((now) => post<SheetView>(`/drafts/${id}/form`, { revision, ...now, file }))
      .then((found) => !late && setView((before) => ({ ...found, form: found.form ?? before?.form ?? null })))
      .catch((error: Error) => !late && message.error(error.message));
    return () => {
      late = true;
    };
  }, [id, revision, file, desk.checked, message]);
  const { choose } = own;
  useEffect(() => {
    const at = focus && latest.current.sheet ? find(latest.current.sheet, focus.element) : undefined;
    if (!at) return;
    choose(at);
    setSide("field");
  }, [focus, choose]);
  if (!sheet) return <Alert type="error" showIcon title="这个文件不是表单，打不开。" />;
  const mine = findings.filter((one) => one.file === file);
  const item = chosen && get(sheet, chosen);
  const add = () => {
    const inside = item && chosen && holds(item) && !(kindOf(item) === "table" && (adding === "group" || adding === "table"));
    const at: At = inside ? [...chosen, item.components?.length ?? 0] : chosen ? [...chosen.slice(0, -1), chosen[chosen.length - 1] + 1] : [sheet.components.length];
    own.write(insert(sheet, at, fresh(sheet, adding)), at);
    setSide("field");
  };
  const carry = (from: At, to: At) => {
    const moved = move(sheet, from, to);
    if (moved.sheet !== sheet) own.write(moved.sheet, moved.at);
  };
  const drop = (at: At) => {
    const gone = get(sheet, at);
    const uses = gone ? (view?.uses[keyOf(gone)] ?? []) : [];
    const go = () => {
      own.write(remove(sheet, at));
      own.choose(undefined);
    };
    if (uses.length === 0) return go();
    modal.confirm({
      title: `“${gone ? titleOf(gone) : ""}”还有 ${uses.length} 处读取，删除后那里得到空值`, okText: "仍然删除", cancelText: "取消", onOk: go,
      content: <ul>{uses.slice(0, 8).map((one, n) => <li key={n}>{one.what}</li>)}</ul>,
    });
  };
  const show = (element: string | null, where: string) => void desk.open(where, element);
  return (
    <>
      {(view?.lost ?? []).map((one) => (
        <Alert
          key={one.key} type="warning" showIcon title={`现行表单里的“${one.label}”（${one.key}）在草稿里没有了，但还有 ${one.uses.length} 处读取：${one.uses.slice(0, 3).map((use) => use.what).join("、")}${one.uses.length > 3 ? "等" : ""}。`}
        />
      ))}
      <div className="sheet-desk">
        <section className="design-panel" aria-label="表单项目">
          <h2>项目</h2>
          <ItemList items={sheet.components} base={[]} chosen={chosen} findings={mine} editing={editing} known={view !== undefined} onChoose={(at) => { own.choose(at); setSide("field"); }} onMove={carry} onRemove={drop} />
          {editing && (
            <div className="sheet-add">
              <Select aria-label="添加的类型" value={adding} onChange={setAdding} options={ITEM_KINDS.map((kind) => ({ value: kind, label: SHAPES[kind].label }))} showSearch={{ optionFilterProp: "label" }} />
              <Button type="primary" onClick={add}>添加</Button>
              <Button disabled={own.past.length === 0} onClick={own.undo}>撤销</Button>
              <Button disabled={own.future.length === 0} onClick={own.redo}>重做</Button>
            </div>
          )}
        </section>
        <section className="design-panel" aria-label="项目设置">
          <Segmented aria-label="设置什么" block value={side} onChange={setSide} options={[{ value: "field", label: "项目" }, { value: "form", label: "整张表单" }, { value: "source", label: "源文件" }]} style={{ marginBlockEnd: 10 }} />
          <fieldset disabled={!editing} inert={!editing} className={editing ? undefined : "panel-locked"} key={`${side}/${chosen?.join(".")}`}>
            {side === "field" && !item && <p className="muted">在左边选择一个项目。</p>}
            {side === "field" && item && chosen && (
              <Settings
                sheet={sheet} at={chosen} item={item} uses={view?.uses[keyOf(item)] ?? []} findings={mine.filter((one) => one.element === keyOf(item))} onShow={show}
                lists={(view?.lists ?? []).map((one) => ({ value: one.name, label: `${one.name}（${one.count} 项）` }))}
                onWrite={(next) => own.write(replace(sheet, chosen, next))} onInto={(outer) => carry(chosen, [...outer, outer.length === 0 ? sheet.components.length : (get(sheet, outer)?.components?.length ?? 0)])}
              />
            )}
            {side === "form" && <Whole sheet={sheet} onWrite={own.write} />}
            {side === "source" && <Source sheet={sheet} onWrite={own.write} />}
          </fieldset>
        </section>
        <section className="design-panel" aria-label="预览">
          <h2>预览</h2>
          {(view?.problems ?? []).map((one, n) => <Alert key={n} type="error" showIcon title={`${one.path}：${one.message}`} />)}
          <p className="panel-hint">办理人看到的样子；条件随填写变化，填写的内容不保存。</p>
          {view?.form ? <Preview form={view.form} /> : <p className="muted">还不能预览。</p>}
        </section>
      </div>
    </>
  );
}

function Preview({ form }: { form: Record<string, unknown> }) {
  const state = useForm(form, {});
  return (
    <StandIns value={SAMPLES}>
      <FormView schema={state.schema} values={state.values} errors={state.errors} hidden={state.hidden} onChange={state.change} />
      {state.schema.components.length === 0 && <p className="muted">表单里还没有项目。</p>}
    </StandIns>
  );
}

/** What belongs to no field: what the form is called and where its answers are kept. */
function Whole({ sheet, onWrite }: { sheet: Sheet; onWrite: (sheet: Sheet) => void }) {
  const set = (path: string, value: unknown) => onWrite(put(sheet, path, value) as Sheet);
  const repeats = sheet.properties?.repeats === true || sheet.properties?.repeats === "true";
  const decides = sheet.properties?.decides === true || sheet.properties?.decides === "true";
  return (
    <>
      <p className="panel-id">标识 <code>{sheet.id}</code>，环节按它选用</p>
      <Text label="表单名称" value={sheet.properties?.title} onWrite={(text) => set("properties.title", text.trim() || undefined)} />
      <Text label="存放在（section）" value={sheet.properties?.section} hint="答案在事项里的名称，如 lead：表达式写 lead.main_cause" onWrite={(text) => set("properties.section", text.trim() || undefined)} />
      <div className="panel-row"><Checkbox checked={repeats} onChange={(event) => set("properties.repeats", event.target.checked)}>每次填写另存一份</Checkbox></div>
      <div className="panel-row"><Checkbox checked={decides} onChange={(event) => set("properties.decides", event.target.checked ? "true" : undefined)}>填写人即决定人（办理期间可查看敏感信息）</Checkbox></div>
    </>
  );
}

/** The file itself, for what has no control. */
function Source({ sheet, onWrite }: { sheet: Sheet; onWrite: (sheet: Sheet) => void }) {
  const [text, setText] = useState(() => write(sheet));
  const [problem, setProblem] = useState("");
  const leave = () => {
    if (text === write(sheet)) return setProblem("");
    const made = parse(text);
    if (!made) return setProblem("不是有效的表单 JSON（须有 components 列表），没有采用。");
    setProblem("");
    onWrite(made);
  };
  return (
    <>
      <Input.TextArea aria-label="源文件" className="sheet-source" autoSize={{ minRows: 18, maxRows: 40 }} value={text} onChange={(event) => setText(event.target.value)} onBlur={leave} spellCheck={false} />
      {problem && <p className="panel-problem" role="alert">{problem}</p>}
    </>
  );
}
