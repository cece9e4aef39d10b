/** 备用金: what each town has, below which line it is short, its book, and the bureau's entries. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, DatePicker, Input, InputNumber, Modal, Skeleton } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { get, post } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import "./reserve.css";

interface Fund {
  town: string;
  name: string;
  balance: string;
  quota: string | null;
  threshold: string;
  state: "ok" | "low" | "overdrawn";
}

interface Funds {
  items: Fund[];
  may_top_up: boolean;
}

const STATES: Record<Fund["state"], string> = { ok: "○ 正常", low: "△ 低于预警线", overdrawn: "■ 透支" };

function TopUp({ fund, onClose }: { fund: Fund; onClose: () => void }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const [amount, setAmount] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const [number, setNumber] = useState("");
  const [on, setOn] = useState<Dayjs | null>(null);
  const write = useMutation({
    mutationFn: () => post<{ message: string }>(`/reserve/${fund.town}/entries`, { amount, reason: reason.trim(), document_no: number.trim(), on: on?.format("YYYY-MM-DD") ?? null }),
    onSuccess: (done) => {
      for (const key of ["reserve", "ledger"]) void client.invalidateQueries({ queryKey: [key] });
      void message.success(done.message);
      onClose();
    },
  });
  const missing = amount === null || Number(amount) === 0 || reason.trim().length < 2;
  return (
    <Modal open title={`${fund.name} · 记账`} okText="记账" okButtonProps={{ disabled: missing, loading: write.isPending }} onOk={() => write.mutate()} onCancel={onClose}>
      {write.error && <Alert type="error" showIcon role="alert" title={write.error.message} className="dialog-field" />}
      <label className="dialog-field">金额（元；更正多记的填负数）<InputNumber stringMode precision={2} value={amount} onChange={setAmount} className="wide" /></label>
      <label className="dialog-field">摘要<Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={200} placeholder="例如：第三季度备用金补充" /></label>
      <label className="dialog-field">凭证号<Input value={number} onChange={(event) => setNumber(event.target.value)} maxLength={80} /></label>
      <label className="dialog-field">日期<DatePicker value={on} onChange={(value: Dayjs | null) => setOn(value)} placeholder="不填为今天" className="wide" /></label>
      <p className="muted">记账后不能修改；记错的用更正冲减。救助支出由系统在发放时自动登记，不在这里填。</p>
    </Modal>
  );
}

export function ReservePage() {
  const [open, setOpen] = useState<Fund | null>(null);
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["reserve"], queryFn: ({ signal }) => get<Funds>("/reserve", {}, signal) });
  const columns: Column<Fund>[] = [
    { key: "name", label: "镇（街）", render: (fund) => <a className="row-link" href={href("/ledger", { book: "reserve", area: fund.town })}>{fund.name}</a> },
    { key: "balance", label: "余额（元）", align: "right", render: (fund) => <span className={fund.state === "ok" ? "" : "hot"}>{fund.balance}</span> },
    { key: "state", label: "状态", render: (fund) => <span className={fund.state === "ok" ? "" : "hot"}>{STATES[fund.state]}</span> },
    ...(data?.may_top_up ? [{ key: "do", label: "", render: (fund: Fund) => <Button size="small" onClick={() => setOpen(fund)}>拨入 / 更正</Button> }] : []),
    { key: "threshold", label: "预警线（元）", align: "right", render: (fund) => fund.threshold },
    { key: "quota", label: "年度额度（元）", align: "right", render: (fund) => fund.quota ?? "户籍人口未录入" },
  ];
  const short = data?.items.filter((fund) => fund.state !== "ok").length ?? 0;
  return (
    <>
      <PageHead title="备用金" hint={data && (short > 0 ? `${short} 个镇（街）余额不足` : "余额都在预警线以上")} />
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title="还没有备用金" hint="区局拨入第一笔后，收支和余额在这里显示。" />}
      {data && data.items.length > 0 && <DataTable caption="各镇（街）备用金" columns={columns} rows={data.items} rowKey={(fund) => fund.town} rowClass={(fund) => (fund.state === "overdrawn" ? "row-overdue" : "")} />}
      {open && <TopUp fund={open} onClose={() => setOpen(null)} />}
    </>
  );
}
