/** 工作交接: who holds what; somebody who leaves hands all of it over at once, and no task is left without a person. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Modal, Select, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done, HeldTasks } from "../api/types";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Reason } from "../common/Reason";
import { useAddress } from "../common/useAddress";
import { DueTag } from "../common/lights";
import { PersonControl } from "../forms/fields/PersonControl";
import "../cases/cases.css";
import "../forms/forms.css";
import { CLEAR } from "../common/clear";

export function HandOverPage() {
  const address = useAddress();
  const person = address.get("person");
  const [open, setOpen] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["tasks", "handover", person],
    queryFn: ({ signal }) => get<HeldTasks>("/handover", { person: person || undefined }, signal),
  });
  const chosen = data?.people.find((one) => one.id === person);
  return (
    <>
      <PageHead title="工作交接" hint="调离、请假时，把在办的任务一次交给接手人或放回岗位">
        {chosen && <Button type="primary" onClick={() => setOpen(true)}>交接这 {data?.tasks.length} 项</Button>}
      </PageHead>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active /></div>}
      {data?.people.length === 0 && <Nothing title="区域内没有人承办着任务" hint="有人认领任务后，会列在这里。" />}
      {data && data.people.length > 0 && (
        <section className="panel">
          <div className="dialog-field">
            <label className="dialog-label" htmlFor="who">谁的任务</label>
            <Select
              id="who" className="field-select" aria-label="谁的任务" value={person || undefined} placeholder="选择承办人" onChange={(next) => address.set({ person: next })} allowClear={CLEAR}
              options={data.people.map((one) => ({ value: one.id, label: `${one.name}（${one.posts || "没有任职"}）在办 ${one.held} 项${one.gone ? " · 已离岗，须交接" : ""}` }))}
            />
          </div>
          {data.people.some((one) => one.gone) && <Alert type="warning" showIcon title={`${data.people.filter((one) => one.gone).map((one) => one.name).join("、")} 已停用或不再任职，名下任务须交接。`} />}
          {chosen && (
            <ul className="plain-list open-steps" aria-label="在办任务">
              {data.tasks.map((task) => (
                <li key={task.id}>
                  <span className="open-step-name"><strong>{task.name}</strong> {task.title}<small className="muted">{task.case_number} · {task.place}</small></span>
                  <DueTag due={task.due} term />
                </li>
              ))}
            </ul>
          )}
          {!chosen && <p className="muted">选择承办人后，列出其名下全部在办任务。</p>}
        </section>
      )}
      {open && chosen && <Dialog person={chosen.id} name={chosen.name} close={() => setOpen(false)} done={() => { setOpen(false); address.set({ person: undefined }); }} />}
    </>
  );
}

function Dialog({ person, name, close, done }: { person: string; name: string; close: () => void; done: () => void }) {
  const { message } = App.useApp();
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const write = useWrite<unknown, Done>("/handover");
  const send = () => write.mutate({ person, to, reason: reason.trim() }, { onSuccess: (answer) => { void message.success(answer.message, 6); done(); } });
  return (
    <Modal open title={`交接${name}的任务`} okText={to ? "交接" : "放回岗位"} okButtonProps={{ disabled: reason.trim().length < 2, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="successor">接手人（不选则放回岗位待认领）</label>
        <PersonControl id="successor" kind="person" component={{ type: "select", label: "接手人" }} value={to} onChange={setTo} disabled={false} describedBy={undefined} invalid={false} />
      </div>
      <Reason value={reason} onChange={setReason} hint="如：调离、产假" />
      <p className="muted">接手人岗位不覆盖或须回避的任务会自动放回岗位。每一项都记入办理过程。</p>
    </Modal>
  );
}
