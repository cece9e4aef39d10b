/** What one does to a household's file, each with its reason or source. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, DatePicker, Input, Modal, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState, type ReactNode } from "react";
import { get } from "../api/client";
import { useWrite } from "../api/queries";
import { Reason } from "../common/Reason";
import type { Coded, ListEntry } from "./types";
import "../forms/forms.css";

interface Props {
  id: string;
  close: () => void;
  done: () => void;
}

interface ShellProps extends Props {
  title: string;
  ok: string;
  path: string;
  body: unknown;
  ready: boolean;
  children: ReactNode;
}

function Shell({ id, title, ok, path, body, ready, close, done, children }: ShellProps) {
  const { message } = App.useApp();
  const write = useWrite<unknown, { message: string }>(`/register/${id}/${path}`);
  const send = () => write.mutate(body, { onSuccess: (answer) => { void message.success(answer.message); done(); } });
  return (
    <Modal open title={title} okText={ok} okButtonProps={{ disabled: !ready, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      {children}
    </Modal>
  );
}

function Day({ label, value, onChange }: { label: string; value: Dayjs | null; onChange: (day: Dayjs | null) => void }) {
  return (
    <label className="dialog-field">
      <span>{label}</span>
      <DatePicker value={value} onChange={onChange} maxDate={dayjs()} inputReadOnly style={{ width: "100%" }} />
    </label>
  );
}

export function ListDialog(props: Props) {
  const [category, setCategory] = useState<string>();
  const [source, setSource] = useState("");
  const [since, setSince] = useState<Dayjs | null>(dayjs());
  const { data = [] } = useQuery({ queryKey: ["categories"], queryFn: () => get<Coded[]>("/register/categories"), staleTime: 600_000 });
  const body = { category, source: source.trim(), since: since?.format("YYYY-MM-DD") };
  return (
    <Shell {...props} title="列入重点类别" ok="列入" path="lists" body={body} ready={Boolean(category && source.trim() && since)}>
      <label className="dialog-field"><span>类别</span><Select aria-label="类别" value={category} onChange={setCategory} options={data} style={{ width: "100%" }} /></label>
      <label className="dialog-field"><span>名单来源</span><Input value={source} onChange={(event) => setSource(event.target.value)} maxLength={200} placeholder="如：区残联 2026 年持证名单" /></label>
      <Day label="列入日期" value={since} onChange={setSince} />
    </Shell>
  );
}

export function StrikeDialog({ entry, ...props }: Props & { entry: ListEntry }) {
  const [on, setOn] = useState<Dayjs | null>(dayjs());
  return (
    <Shell {...props} title={`移出“${entry.label}”名单`} ok="移出" path="lists/end" body={{ category: entry.category, on: on?.format("YYYY-MM-DD") }} ready={on !== null}>
      <Day label="移出日期" value={on} onChange={setOn} />
      <p className="muted">列入和移出的记录都会保留。</p>
    </Shell>
  );
}

export function EndDialog(props: Props) {
  const [on, setOn] = useState<Dayjs | null>(dayjs());
  const [why, setWhy] = useState("");
  return (
    <Shell {...props} title="迁出或注销" ok="登记" path="end" body={{ on: on?.format("YYYY-MM-DD"), why }} ready={on !== null && why.trim().length > 1}>
      <Day label="日期" value={on} onChange={setOn} />
      <Reason value={why} onChange={setWhy} hint="如：全户迁往外区" />
      <p className="muted">该户不再列入走访；档案保留。</p>
    </Shell>
  );
}
