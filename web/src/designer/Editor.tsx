/** One draft: draw, set who does what, see the linter's word and the changes in words, hand over, publish. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "./designer.css";
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Modal, Popconfirm, Select, Spin } from "antd";
import type Modeler from "bpmn-js/lib/Modeler";
import { useCallback, useEffect, useState } from "react";
import { get, post, put } from "../api/client";
import type { Draft, DraftFile, Finding } from "../api/types";
import { useMe } from "../app/session";
import { Panel } from "./Panel";
import { Changes, Findings } from "./Results";
import { useModeler } from "./useModeler";
import type { Comparison, Vocabulary } from "./words";

const PAUSE = 500;
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

export function Editor({ id, onClose }: { id: string; onClose: () => void }) {
  const { message, modal } = App.useApp();
  const me = useMe();
  const [draft, setDraft] = useState<Draft>();
  const [file, setFile] = useState<string>();
  const [findings, setFindings] = useState<Finding[]>([]);
  const [compared, setCompared] = useState<Comparison>();
  const [saved, setSaved] = useState(0);
  const [asking, setAsking] = useState<"submit" | "publish">();
  const words = useQuery({ queryKey: ["vocabulary"], queryFn: () => get<Vocabulary>("/designer/vocabulary"), staleTime: Infinity });
  const models = draft?.files.filter((one) => one.name.endsWith(".bpmn")) ?? [];
  const text = models.find((one) => one.name === file)?.text;
  const editing = draft?.state === "editing" && draft.author_id === me.id;
  const { box, modeler, changes, problem } = useModeler(text, `${id}:${file}`, editing);
  const unsaved = editing && changes > saved;

  const take = useCallback((found: Draft) => {
    setDraft(found);
    setFindings(found.findings);
    setFile((now) => now ?? found.files.find((one) => one.name.endsWith(".bpmn"))?.name);
  }, []);
  const compare = useCallback(
    async (revision: number, files: DraftFile[]) => setCompared(await post<Comparison>(`/drafts/${id}/difference`, { revision, files })),
    [id],
  );
  useEffect(() => {
    get<Draft>(`/drafts/${id}`).then(
      (found) => {
        take(found);
        return compare(found.revision, []);
      },
    ).catch((error: Error) => message.error(error.message));
  }, [id, message, take, compare]);
  useEffect(() => setSaved(0), [modeler]);
  useEffect(() => {
    if (!unsaved) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [unsaved]);

  const drawn = async (): Promise<DraftFile[]> => {
    const made = await (modeler as Modeler | undefined)?.saveXML({ format: true });
    return made?.xml && file && changes > 0 ? [{ name: file, text: made.xml }] : [];
  };
  // The linter's word and the changes, while drawing.
  useEffect(() => {
    if (!changes || !draft) return;
    let late = false;
    const timer = setTimeout(() => {
      void drawn()
        .then(async (files) => {
          const found = await post<Finding[]>(`/drafts/${id}/lint`, { revision: draft.revision, files });
          if (late) return;
          setFindings(found);
          await compare(draft.revision, files);
        })
        .catch(() => undefined);
    }, PAUSE);
    return () => {
      late = true;
      clearTimeout(timer);
    };
    // eslint-disable-next-line
  }, [changes]);

  const attempt = async (work: () => Promise<Draft>, done: string): Promise<void> => {
    try {
      const found = await work();
      take(found);
      message.success(done);
      if (found.state !== "published") await compare(found.revision, []);
    } catch (error) {
      message.error((error as Error).message);
    }
  };
  const save = async (): Promise<Draft> => {
    const upTo = changes;
    const made = await put<Draft>(`/drafts/${id}`, { revision: draft?.revision, files: await drawn(), note: draft?.note ?? "" });
    setSaved(upTo);
    return made;
  };
  const ask = async (what: "submit" | "publish") => {
    setCompared(undefined);
    setAsking(what);
    await compare(draft?.revision ?? 0, await drawn()).catch((error: Error) => message.error(error.message));
  };
  const confirmed = async () => {
    const what = asking;
    setAsking(undefined);
    if (what === "publish") await attempt(() => post<Draft>(`/drafts/${id}/publish`, { revision: draft?.revision, seal: compared?.seal }), "已发布");
    if (what === "submit") {
      await attempt(async () => {
        const now = unsaved ? await save() : draft;
        if (now) take(now);
        return post<Draft>(`/drafts/${id}/submit`, { revision: now?.revision });
      }, "已提交，等待另一人发布");
    }
  };
  const leave = () => {
    if (!unsaved) return onClose();
    modal.confirm({ title: "有未保存的修改，确定离开？", okText: "离开", cancelText: "留下", onOk: onClose });
  };
  const choose = (element: string) => {
    const found = modeler?.get<Registry>("elementRegistry").get(element);
    if (!found || !modeler) return;
    const canvas = modeler.get<Canvas>("canvas");
    if (canvas.zoom() < 0.4) canvas.zoom(0.4);
    modeler.get<Selection>("selection").select(found);
    canvas.scrollToElement(element, ROOM);
  };
  const show = (element: string | null, where: string) => {
    if (where !== file && models.some((one) => one.name === where)) setFile(where);
    else if (element) choose(element);
  };
  const zoom = (step: number) => {
    const canvas = modeler?.get<Canvas>("canvas");
    canvas?.zoom(canvas.zoom() * step, "auto");
  };
  if (!draft) return <Spin description="正在打开草稿…" />;
  const over = draft.state === "published" || draft.state === "discarded";
  const errors = findings.filter((one) => one.severity === "error").length;
  const waiting = draft.state === "submitted";
  const mine = draft.author_id === me.id;
  return (
    <>
      <div className="design-head">
        <Button onClick={leave}>返回</Button>
        <h1>{draft.bundle_name} · {over ? "流程" : "草稿"}</h1>
        {models.length > 1 && (
          <Select aria-label="流程图文件" value={file} disabled={unsaved} onChange={setFile} options={models.map((one) => ({ value: one.name, label: one.name }))} />
        )}
        {editing && (
          <>
            <Button disabled={!unsaved} onClick={() => void attempt(save, "草稿已保存")}>保存草稿</Button>
            <Button type="primary" disabled={errors > 0} onClick={() => void ask("submit")}>提交发布</Button>
          </>
        )}
        {waiting && mine && <Button onClick={() => void attempt(save, "已收回，可继续修改")}>收回修改</Button>}
        {waiting && (
          <Button type="primary" disabled={!draft.may_publish} onClick={() => void ask("publish")}>发布</Button>
        )}
        {!over && (mine || waiting) && (
          <Popconfirm title="作废后不能恢复，确定作废这份草稿？" okText="作废" cancelText="取消" onConfirm={() => void attempt(() => post<Draft>(`/drafts/${id}/discard`, { revision: draft.revision }), "草稿已作废")}>
            <Button danger>作废</Button>
          </Popconfirm>
        )}
        <span role="status" className="design-state">
          {unsaved && "有未保存的修改。"}
          {editing && errors > 0 && "先改正检查出的错误才能提交。"}
          {!over && !editing && !mine && draft.state === "editing" && `由 ${draft.author} 编辑中，只能查看。`}
          {waiting && !draft.may_publish && draft.why_not}
        </span>
      </div>
      {draft.state === "published" && <Alert type="success" showIcon title={`已由 ${draft.publisher ?? ""} 发布为第 ${draft.version} 版：新事项按此办理，在办事项不变。`} description={<a href="/#/moving">需要把在办事项移到新版本时，到「移案」试算</a>} />}
      {draft.state === "discarded" && <Alert type="warning" showIcon title="草稿已作废，现行版本不变。" />}
      {waiting && <Alert type="info" showIcon title={`${draft.author} 已提交，等待另一人核对改动并发布。`} />}
      {!over && compared?.version && compared.version !== draft.based_on && (
        <Alert
          type="warning" showIcon
          title={`草稿起于第 ${draft.based_on ?? 0} 版，现行已是第 ${compared.version} 版：发布会撤销其间的改动（见下方改动内容）。如不是本意，请作废后重新起草。`}
        />
      )}
      {problem && <Alert type="error" showIcon title={problem} />}
      {editing && <p className="design-phone">小屏幕上适合查看和修改办理设置；拖动画图请用电脑。</p>}
      <div className="design-desk">
        <div className="design-board">
          <div className="design-tools">
            <Button size="small" onClick={() => zoom(1.25)}>放大</Button>
            <Button size="small" onClick={() => zoom(0.8)}>缩小</Button>
            <Button size="small" onClick={() => modeler?.get<Canvas>("canvas").zoom("fit-viewport", "auto")}>看全图</Button>
          </div>
          <div ref={box} className="design-canvas" />
        </div>
        <Panel modeler={modeler} words={words.data} readOnly={!editing} onChoose={choose} />
      </div>
      <div className="design-results">
        <Changes found={compared} onShow={show} />
        <Findings found={findings} onShow={show} />
      </div>
      <Modal
        open={asking !== undefined} width={720} title={asking === "publish" ? "发布前核对改动" : "提交前核对改动"} onCancel={() => setAsking(undefined)}
        okText={asking === "publish" ? "确认发布" : "确认提交"} cancelText="取消" onOk={() => void confirmed()}
        okButtonProps={{ disabled: !compared || compared.changes.length === 0 }}
      >
        <p>
          {asking === "publish"
            ? `${draft.author} 起草，由您发布。发布后新事项按此版本办理，在办事项仍按原版本办理。`
            : "提交后由另一人核对并发布，起草人不能发布自己的草稿。发布前您可以收回修改。"}
        </p>
        <Changes found={compared} />
        {compared?.changes.length === 0 && <Alert type="warning" showIcon title="与现行版本没有区别，不需要提交或发布。" />}
      </Modal>
    </>
  );
}
