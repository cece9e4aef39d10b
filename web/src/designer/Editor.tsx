/** One draft of a bundle: its drawings, tables and forms; the linter's word, the changes in words, handing over, publishing. */
import "./designer.css";
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Modal, Popconfirm, Spin } from "antd";
import { lazy, Suspense, useState } from "react";
import { get, post } from "../api/client";
import type { Draft } from "../api/types";
import { useMe } from "../app/session";
import { TabPanel } from "../common/TabList";
import { Drawing } from "./Drawing";
import { FileBar, PANEL } from "./FileBar";
import { kindOfFile } from "./files";
import { Changes, Findings } from "./Results";
import { useDraft, type Desk } from "./useDraft";
import type { Vocabulary } from "./words";

const TableDesk = lazy(() => import("./table/TableDesk"));
const SheetDesk = lazy(() => import("./sheet/SheetDesk"));

export function Editor({ id, onClose }: { id: string; onClose: () => void }) {
  const { message, modal } = App.useApp();
  const me = useMe();
  const desk = useDraft(id);
  const [asking, setAsking] = useState<"submit" | "publish">();
  const words = useQuery({ queryKey: ["vocabulary"], queryFn: () => get<Vocabulary>("/designer/vocabulary"), staleTime: Infinity });
  const { draft, file, findings, compared, unsaved, attempt, save } = desk;

  const ask = async (what: "submit" | "publish") => {
    desk.setCompared(undefined);
    setAsking(what);
    await desk.compare(draft?.revision ?? 0, await desk.body()).catch((error: Error) => message.error(error.message));
  };
  const confirmed = async () => {
    const what = asking;
    setAsking(undefined);
    if (what === "publish") await attempt(() => post<Draft>(`/drafts/${id}/publish`, { revision: draft?.revision, seal: compared?.seal }), "已发布");
    if (what === "submit") {
      await attempt(async () => {
        const now = unsaved ? await save() : draft;
        if (now) desk.take(now);
        return post<Draft>(`/drafts/${id}/submit`, { revision: now?.revision });
      }, "已提交，等待另一人发布");
    }
  };
  const leave = () => {
    if (!unsaved) return onClose();
    modal.confirm({ title: "有未保存的修改，确定离开？", okText: "离开", cancelText: "留下", onOk: onClose });
  };
  const show = (element: string | null, where: string) => {
    const known = desk.files.some((one) => one.name === where);
    if (known || element) desk.open(known ? where : (file ?? where), element).catch((error: Error) => message.error(error.message));
  };
  if (!draft) return <Spin description="正在打开草稿…" />;
  const editing = draft.state === "editing" && draft.author_id === me.id;
  const over = draft.state === "published" || draft.state === "discarded";
  const errors = findings.filter((one) => one.severity === "error").length;
  const waiting = draft.state === "submitted";
  const mine = draft.author_id === me.id;
  return (
    <>
      <div className="design-head">
        <Button onClick={leave}>返回</Button>
        <h1>{draft.bundle_name} · {over ? "流程" : "草稿"}</h1>
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
      <Notices desk={desk} draft={draft} />
      <FileBar desk={desk} editing={editing} />
      <TabPanel id={PANEL} current={kindOfFile(file) ?? "bpmn"}>
        <Suspense fallback={<Spin description="正在打开编辑器…" />}>
          <Surface id={id} desk={desk} editing={editing} words={words.data} />
        </Suspense>
      </TabPanel>
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
      <Modal
        open={desk.conflict} title="草稿已在别处保存过" closable={false} onCancel={() => void desk.settle(false)} onOk={() => void desk.settle(true)}
        okText="用本页内容保存" cancelText="放弃本页修改，载入最新草稿"
      >
        <p>这份草稿在另一个窗口或由另一人更新过，本页的修改没有保存，仍在本页。请选择以哪一份为准；没有改过的文件都按最新草稿。</p>
      </Modal>
    </>
  );
}

/** What stands between the head and the file: how the draft ended, who must act, what it began from. */
function Notices({ desk: { compared }, draft }: { desk: Desk; draft: Draft }) {
  const over = draft.state === "published" || draft.state === "discarded";
  return (
    <>
      {draft.state === "published" && <Alert type="success" showIcon title={`已由 ${draft.publisher ?? ""} 发布为第 ${draft.version} 版：新事项按此办理，在办事项不变。`} description={<a href="/#/moving">需要把在办事项移到新版本时，到「移案」试算</a>} />}
      {draft.state === "discarded" && <Alert type="warning" showIcon title="草稿已作废，现行版本不变。" />}
      {draft.state === "submitted" && <Alert type="info" showIcon title={`${draft.author} 已提交，等待另一人核对改动并发布。`} />}
      {!over && compared?.version && compared.version !== draft.based_on && (
        <Alert
          type="warning" showIcon
          title={`草稿起于第 ${draft.based_on ?? 0} 版，现行已是第 ${compared.version} 版：发布会撤销其间的改动（见下方改动内容）。如不是本意，请作废后重新起草。`}
        />
      )}
    </>
  );
}

interface SurfaceProps {
  id: string;
  desk: Desk;
  editing: boolean;
  words: Vocabulary | undefined;
}

/** The editor for the file that is open. */
function Surface({ id, desk, editing, words }: SurfaceProps) {
  const { file, text, epoch } = desk;
  const kind = kindOfFile(file);
  if (file === undefined || text === undefined || kind === null) return <p className="muted">没有可以编辑的文件。</p>;
  const key = `${file}:${epoch}:${editing}`;
  if (kind === "bpmn") return <Drawing id={id} desk={desk} text={text} editing={editing} words={words} />;
  if (kind === "dmn") return <TableDesk key={key} id={id} desk={desk} text={text} editing={editing} />;
  return <SheetDesk key={key} id={id} desk={desk} text={text} editing={editing} />;
}
