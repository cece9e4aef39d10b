/** One draft: draw, set who does what, see what the linter says while drawing, hand over, publish. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "./designer.css";
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Popconfirm, Select, Spin } from "antd";
import Modeler from "bpmn-js/lib/Modeler";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { useEffect, useRef, useState } from "react";
import { get, post, put } from "../api/client";
import type { Draft, Finding } from "../api/types";
import { Panel, type Vocabulary } from "./Panel";
import { zh } from "./zh";

const SEVERITY = { error: "错误", warning: "警告", info: "提示" } as const;
const PAUSE = 600;

interface Canvas {
  zoom(level: "fit-viewport"): number;
  scrollToElement(id: string): void;
}
interface Selection {
  select(element: unknown): void;
}
interface Registry {
  get(id: string): unknown;
}
interface Bus {
  on(event: string, listener: () => void): void;
}

/** The modeler on a file, and a count that grows with every change of the drawing. */
function useModeler(text: string | undefined, key: string) {
  const box = useRef<HTMLDivElement>(null);
  const [modeler, setModeler] = useState<Modeler>();
  const [changes, setChanges] = useState(0);
  const first = useRef(text);
  first.current = text;
  const known = text !== undefined;
  useEffect(() => {
    if (!box.current || first.current === undefined) return;
    let gone = false;
    const made = new Modeler({ container: box.current, moddleExtensions: { zeebe }, additionalModules: [zh] });
    void made.importXML(first.current).then(() => {
      if (gone) return;
      made.get<Canvas>("canvas").zoom("fit-viewport");
      made.get<Bus>("eventBus").on("commandStack.changed", () => setChanges((n) => n + 1));
      setModeler(made);
      document.body.dataset.ready = "modeler";
    });
    return () => {
      gone = true;
      setModeler(undefined);
      setChanges(0);
      made.destroy();
    };
    // A file is loaded when it is opened, not after every save: the drawing on the screen is ahead of it.
  }, [key, known]);
  return { box, modeler, changes };
}

export function Editor({ id, onClose }: { id: string; onClose: () => void }) {
  const { message } = App.useApp();
  const [draft, setDraft] = useState<Draft>();
  const [file, setFile] = useState<string>();
  const [findings, setFindings] = useState<Finding[]>([]);
  const [saved, setSaved] = useState(0);
  const words = useQuery({ queryKey: ["vocabulary"], queryFn: () => get<Vocabulary>("/designer/vocabulary"), staleTime: Infinity });
  const models = draft?.files.filter((one) => one.name.endsWith(".bpmn")) ?? [];
  const text = models.find((one) => one.name === file)?.text;
  const { box, modeler, changes } = useModeler(text, `${id}:${file}`);
  const take = (found: Draft) => {
    setDraft(found);
    setFindings(found.findings);
    setFile((now) => now ?? found.files.find((one) => one.name.endsWith(".bpmn"))?.name);
  };
  useEffect(() => {
    void get<Draft>(`/drafts/${id}`).then(take, (error: Error) => message.error(error.message));
  }, [id, message]);

  const drawn = async () => {
    const made = await modeler?.saveXML({ format: true });
    return made?.xml && file ? [{ name: file, text: made.xml }] : [];
  };
  // The linter's word while drawing.
  useEffect(() => {
    if (!changes || !draft) return;
    const timer = setTimeout(() => {
      void drawn()
        .then((files) => post<Finding[]>(`/drafts/${id}/lint`, { revision: draft.revision, files }))
        .then(setFindings, () => undefined);
    }, PAUSE);
    return () => clearTimeout(timer);
    // eslint-disable-next-line
  }, [changes]);

  const attempt = async (work: () => Promise<Draft>, done: string) => {
    try {
      const found = await work();
      take(found);
      message.success(done);
      return true;
    } catch (error) {
      message.error((error as Error).message);
      return false;
    }
  };
  const save = async (): Promise<Draft> => {
    const made = await put<Draft>(`/drafts/${id}`, { revision: draft?.revision, files: await drawn(), note: draft?.note ?? "" });
    setSaved(changes);
    return made;
  };
  const submit = async () => {
    const now = changes > saved ? await save() : draft;
    return post<Draft>(`/drafts/${id}/submit`, { revision: now?.revision });
  };
  const show = (element: string | null) => {
    const found = element ? modeler?.get<Registry>("elementRegistry").get(element) : undefined;
    if (!found || !element) return;
    modeler?.get<Selection>("selection").select(found);
    modeler?.get<Canvas>("canvas").scrollToElement(element);
  };
  if (!draft) return <Spin description="正在打开草稿…" />;
  const over = draft.state === "published" || draft.state === "discarded";
  const errors = findings.filter((one) => one.severity === "error").length;
  const waiting = draft.state === "submitted";
  return (
    <>
      <div className="design-head">
        <Button onClick={onClose}>返回</Button>
        <h1 style={{ margin: 0 }}>编辑流程草稿</h1>
        {models.length > 1 && <Select aria-label="流程图文件" value={file} onChange={setFile} options={models.map((one) => ({ value: one.name, label: one.name }))} />}
        <Button disabled={over || waiting} onClick={() => void attempt(save, "草稿已保存")}>保存草稿</Button>
        <Button type="primary" disabled={over || waiting || errors > 0} title={errors > 0 ? "先改正检查出的错误" : undefined} onClick={() => void attempt(submit, "已提交，等待另一人发布")}>
          提交发布
        </Button>
        <Popconfirm title="发布后，新事项按此版本办理，在办事项不变。确定发布？" okText="发布" cancelText="取消" onConfirm={() => void attempt(() => post<Draft>(`/drafts/${id}/publish`, { revision: draft.revision }), "已发布")}>
          <Button disabled={!draft.may_publish || over}>发布</Button>
        </Popconfirm>
        <span role="status">{changes > saved ? "有未保存的修改" : ""} {!over && !draft.may_publish && draft.why_not}</span>
      </div>
      {draft.state === "published" && <Alert type="success" showIcon title={`已发布为第 ${draft.version} 版：新事项按此办理，在办事项不变`} />}
      {waiting && <Alert type="info" showIcon title={`${draft.author} 已提交，等待另一人核对并发布`} />}
      <div className="design-desk">
        <div ref={box} className="design-canvas" />
        <Panel modeler={modeler} words={words.data} readOnly={over || waiting} />
      </div>
      <h2>检查结果（{findings.length === 0 ? "没有问题" : `${errors} 个错误，共 ${findings.length} 项`}）</h2>
      {findings.length > 0 && (
        <ul className="design-findings">
          {findings.map((one, at) => (
            <li key={at} className={`design-${one.severity}`}>
              <Button type="link" onClick={() => show(one.element)}>{SEVERITY[one.severity]}：{one.name ?? one.element ?? one.file}</Button>
              {one.message}。{one.remedy}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
