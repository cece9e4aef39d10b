import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import { Alert, Button, Popconfirm, Select, Space, Spin, message } from "antd";
import Modeler from "bpmn-js/lib/Modeler";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { useEffect, useRef, useState } from "react";
import { get, post, put } from "../api/client";
import type { Draft, Finding } from "../api/types";
import { zh } from "./zh";

const SEVERITY = { error: "错误", warning: "警告", info: "提示" } as const;

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

/** One draft: draw, see what the linter says, hand over, publish. */
export function Editor({ id, onClose }: { id: string; onClose: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const modeler = useRef<Modeler>(undefined);
  const [draft, setDraft] = useState<Draft>();
  const [file, setFile] = useState<string>();
  const [findings, setFindings] = useState<Finding[]>([]);
  const models = draft?.files.filter((f) => f.name.endsWith(".bpmn")) ?? [];
  const text = models.find((f) => f.name === file)?.text;
  const take = (found: Draft) => {
    setDraft(found);
    setFindings(found.findings);
    setFile((now) => now ?? found.files.find((f) => f.name.endsWith(".bpmn"))?.name);
  };
  useEffect(() => {
    void get<Draft>(`/drafts/${id}`).then(take, (error: Error) => message.error(error.message));
  }, [id]);
  useEffect(() => {
    if (!box.current || text === undefined) return;
    const made = new Modeler({ container: box.current, moddleExtensions: { zeebe }, additionalModules: [zh] });
    modeler.current = made;
    void made.importXML(text).then(() => {
      made.get<Canvas>("canvas").zoom("fit-viewport");
      document.body.dataset.ready = "modeler";
    });
    return () => made.destroy();
    // The drawing is loaded when a file is opened, not after every save.
    // eslint-disable-next-line
  }, [file, draft?.id]);
  const attempt = async (work: () => Promise<Draft>, done: string) => {
    try {
      take(await work());
      message.success(done);
    } catch (error) {
      message.error((error as Error).message);
    }
  };
  const save = async (): Promise<Draft> => {
    const saved = await modeler.current?.saveXML({ format: true });
    const files = saved?.xml && file ? [{ name: file, text: saved.xml }] : [];
    return put<Draft>(`/drafts/${id}`, { revision: draft?.revision, files, note: draft?.note ?? "" });
  };
  const show = (element: string | null) => {
    const found = element ? modeler.current?.get<Registry>("elementRegistry").get(element) : undefined;
    if (!found || !element) return;
    modeler.current?.get<Selection>("selection").select(found);
    modeler.current?.get<Canvas>("canvas").scrollToElement(element);
  };
  if (!draft) return <Spin />;
  const over = draft.state === "published" || draft.state === "discarded";
  return (
    <>
      <Space wrap style={{ marginBlockEnd: 8 }}>
        <Button onClick={onClose}>返回</Button>
        <Select aria-label="流程图文件" value={file} onChange={setFile} options={models.map((f) => ({ value: f.name, label: f.name }))} />
        <Button disabled={over} onClick={() => void attempt(save, "草稿已保存")}>保存草稿</Button>
        <Button disabled={over} onClick={() => void attempt(() => post<Draft>(`/drafts/${id}/submit`, { revision: draft.revision }), "已提交，等待另一人发布")}>
          提交发布
        </Button>
        <Popconfirm title="发布后，新事项按此版本办理，在办事项不变。确定发布？" onConfirm={() => void attempt(() => post<Draft>(`/drafts/${id}/publish`, { revision: draft.revision }), "已发布")}>
          <Button type="primary" disabled={!draft.may_publish} title={draft.why_not ?? undefined}>发布</Button>
        </Popconfirm>
        {!draft.may_publish && draft.why_not && <span>{draft.why_not}</span>}
      </Space>
      {draft.state === "published" && <Alert type="success" title={`已发布为第 ${draft.version} 版`} />}
      <div ref={box} style={{ blockSize: "60vh", border: "1px solid #d0d5dd", background: "#fff" }} />
      <h2>检查结果（{findings.length}）</h2>
      <ul>
        {findings.map((f, n) => (
          <li key={n}>
            <Button type="link" onClick={() => show(f.element)}>
              {SEVERITY[f.severity]}：{f.name ?? f.element ?? f.file}
            </Button>
            {f.message}（{f.remedy}）
          </li>
        ))}
      </ul>
    </>
  );
}
