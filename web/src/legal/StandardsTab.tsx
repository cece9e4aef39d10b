/** 救助标准: the dated amounts aid is reckoned with, and a new one from a day on. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, DatePicker, Input, InputNumber, Modal, Select, Skeleton } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { Problem } from "../common/Problem";
import { day } from "../common/time";

type Row = { key: string; label: string; unit: string; area: string; place: string; amount: string; valid_from: string; source: string; in_force: boolean };
type Kind = { key: string; label: string; unit: string; used: string; areas: [string, string][] };
type Standards = { items: Row[]; kinds: Kind[]; missing: string[] };

const state = (row: Row): string => (row.in_force ? "现行" : dayjs(row.valid_from).isAfter(dayjs()) ? "待生效" : "已被替代");

const COLUMNS: Column<Row>[] = [
  { key: "label", label: "标准", render: (row) => row.label },
  { key: "place", label: "适用区域", render: (row) => row.place },
  { key: "amount", label: "数额", align: "right", render: (row) => <span className="legal-amount">{row.amount} {row.unit}</span> },
  { key: "from", label: "起始日期", render: (row) => day(row.valid_from, { year: true }) },
  { key: "state", label: "状态", render: state },
  { key: "source", label: "文号或来源", render: (row) => row.source },
];

export function StandardsTab() {
  const [open, setOpen] = useState(false);
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["standards"], queryFn: ({ signal }) => get<Standards>("/standards", undefined, signal) });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (isPending) return <div className="panel"><Skeleton active /></div>;
  return (
    <div className="stack">
      {data.missing.length > 0 && <Alert type="warning" showIcon title={`还没有现行的${data.missing.join("、")}，限额和认定无从计算，请尽快登记。`} />}
      {data.kinds.length > 0 && <div><Button type="primary" onClick={() => setOpen(true)}>登记新标准</Button></div>}
      {data.items.length === 0
        ? <Nothing title="还没有登记过标准" hint="最低生活保障标准由市、区公布，按公布的起始日期登记。" />
        : <section className="panel"><DataTable caption="救助标准" columns={COLUMNS} rows={data.items} rowKey={(row) => `${row.key} ${row.area} ${row.valid_from}`} /></section>}
      {open && <NewStandard kinds={data.kinds} close={() => setOpen(false)} done={() => { setOpen(false); void refetch(); }} />}
    </div>
  );
}

function NewStandard({ kinds, close, done }: { kinds: Kind[]; close: () => void; done: () => void }) {
  const { message } = App.useApp();
  const [key, setKey] = useState(kinds[0]?.key);
  const kind = kinds.find((one) => one.key === key);
  const only = kind?.areas.length === 1 ? kind.areas[0]?.[0] : undefined;
  const [chosen, setChosen] = useState<string>();
  const area = only ?? chosen;
  const [amount, setAmount] = useState<number | null>(null);
  const [from, setFrom] = useState<Dayjs | null>(null);
  const [source, setSource] = useState("");
  const write = useWrite<unknown, Done>("/standards");
  const fields = write.error instanceof ApiError ? write.error.fields : [];
  const wrong = (path: string) => fields.find((one) => one.path === path)?.message;
  const send = () =>
    write.mutate({ key, area, amount: String(amount), valid_from: from?.format("YYYY-MM-DD"), source: source.trim() }, {
      onSuccess: (answer) => { void message.success(answer.message); done(); },
    });
  const ready = area && amount !== null && from && source.trim().length >= 4;
  return (
    <Modal open title="登记新标准" okText="登记" okButtonProps={{ disabled: !ready, loading: write.isPending }} onOk={send} onCancel={close} destroyOnHidden>
      {write.error && <Alert type="error" showIcon role="alert" className="dialog-field" title={fields[0]?.message ?? write.error.message} />}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="standard-key">标准</label>
        <Select id="standard-key" aria-label="标准" className="field-select" value={key} onChange={(next) => { setKey(next); setChosen(undefined); }} options={kinds.map((one) => ({ value: one.key, label: one.label }))} />
        {kind && <p className="muted">{kind.used}。</p>}
      </div>
      {kind && kind.areas.length > 1 && (
        <div className="dialog-field">
          <label className="dialog-label" htmlFor="standard-area">适用区域</label>
          <Select id="standard-area" aria-label="适用区域" className="field-select" showSearch={{ optionFilterProp: "label" }} value={area} onChange={setChosen} options={kind.areas.map(([value, label]) => ({ value, label }))} />
        </div>
      )}
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="standard-amount">数额</label>
        <InputNumber id="standard-amount" aria-label="数额" min={0} status={wrong("amount") ? "error" : undefined} value={amount} onChange={setAmount} suffix={kind?.unit} className="field-select" />
      </div>
      <div className="dialog-field">
        <label className="dialog-label" htmlFor="standard-from">起始日期</label>
        <DatePicker id="standard-from" aria-label="起始日期" value={from} onChange={setFrom} />
      </div>
      <label className="dialog-field"><span>文号或来源</span><Input value={source} onChange={(event) => setSource(event.target.value)} maxLength={200} placeholder="如：津民发〔2026〕21号" status={wrong("source") ? "error" : undefined} /></label>
      <p className="muted">同一天已有的会被更正，新旧数都留在组织的变更记录里。以后办理的按新标准算，已作出的决定不变。</p>
    </Modal>
  );
}
