/** 抄送, 催办 and 督办 from the page of a case. */
import { Alert, App, Button, Dropdown, Modal } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Action, CaseDetail, Done } from "../api/types";
import { Reason } from "../common/Reason";
import { People, UrgeDialog } from "../tasks/asking";

export function CopyCase({ detail }: { detail: CaseDetail }) {
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [of, setOf] = useState<string[]>([]);
  const [text, setText] = useState("");
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/copy`);
  const close = () => { setOpen(false); setOf([]); setText(""); };
  const send = () => write.mutate({ of, text: text.trim() }, { onSuccess: (done) => { void message.success(done.message); close(); } });
  return (
    <>
      <Button onClick={() => setOpen(true)}>抄送</Button>
      <Modal open={open} title="抄送" okText="抄送" okButtonProps={{ disabled: of.length === 0, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
        {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
        <People id="copy-of" label="抄送给" value={of} onChange={setOf} />
        <Reason label="说明（可不填）" value={text} onChange={setText} />
        <p className="muted">只供阅知，不影响办理；对方点「已阅」后在这里显示。</p>
      </Modal>
    </>
  );
}

export function UrgeCase({ action }: { action: Action }) {
  const { message } = App.useApp();
  const [task, setTask] = useState<{ id: string; name: string } | null>(null);
  const choose = (key: string) => {
    const found = action.targets.find((one) => one.value === key);
    if (found) setTask({ id: String(found.value), name: found.label });
  };
  return (
    <>
      {action.targets.length === 1 ? (
        <Button onClick={() => choose(String(action.targets[0].value))}>催办</Button>
      ) : (
        <Dropdown trigger={["click"]} menu={{ items: action.targets.map((one) => ({ key: String(one.value), label: one.label })), onClick: ({ key }) => choose(key) }}>
          <Button aria-haspopup="menu">催办</Button>
        </Dropdown>
      )}
      {task && <UrgeDialog task={task} onClose={() => setTask(null)} onDone={(done) => { setTask(null); void message.success(done.message); }} />}
    </>
  );
}

/** 督办 by a leader's instruction, whatever the clocks say. */
export function SuperviseCase({ detail, reload }: { detail: CaseDetail; reload: () => void }) {
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [matter, setMatter] = useState("");
  const write = useWrite<unknown, Done>(`/cases/${detail.case.id}/supervise`);
  const close = () => { setOpen(false); setMatter(""); };
  const send = () =>
    write.mutate({ revision: detail.revision, matter: matter.trim() }, { onSuccess: (done) => { void message.success(done.message); close(); reload(); } });
  return (
    <>
      <Button onClick={() => setOpen(true)}>督办</Button>
      <Modal open={open} title="督办" okText="提起督办" okButtonProps={{ disabled: matter.trim().length < 4, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
        {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
        <Reason label="督办事项" value={matter} onChange={setMatter} hint="写明为什么督办，不少于四个字" />
        <p className="muted">督办另立一件，由包片干部下达、镇（街）反馈、另一人核对后销号；改动本事项不能了结督办。</p>
      </Modal>
    </>
  );
}
