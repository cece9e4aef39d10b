/** 考核表: each indicator with weight, figure, formula and points; a figure opens the list it was counted from. */
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Result, Skeleton } from "antd";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import type { Page } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { DataTable, type Column } from "../common/DataTable";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { day, when } from "../common/time";
import type { Indicator, ListItem, Sheet } from "./types";
import "./assessments.css";

const COUNTS_AGAINST = new Set(["discipline"]);

function List({ number, indicator }: { number: string; indicator: Indicator }) {
  const [page, setPage] = useState(1);
  const { data, error, isPending } = useQuery({
    queryKey: ["assessment-list", number, indicator.indicator, page],
    queryFn: ({ signal }) => get<Page<ListItem>>(`/assessments/${number}/lists/${indicator.indicator}`, { page }, signal),
  });
  if (error) return <Problem error={error} />;
  if (isPending) return <Skeleton active />;
  return (
    <>
      <p>{indicator.formula}</p>
      <p className="muted">共 {data.total} 项；计分时冻结，此后办理不改变本表。</p>
      <ul className="plain-list sheet-list">
        {data.items.map((one, index) => (
          <li key={`${one.label}-${index}`}>
            <span className={one.good ? "sheet-good" : "sheet-bad"}>{one.good ? "○ 计入" : COUNTS_AGAINST.has(indicator.indicator) ? "■ 扣分" : "■ 未计入"}</span>
            {one.case_id ? <a href={href(`/cases/${one.case_id}`)}>{one.label}</a> : <span>{one.label}</span>}
          </li>
        ))}
      </ul>
      <Pager total={data.total} page={page} size={data.size} onChange={setPage} />
    </>
  );
}

function Beside({ sheet }: { sheet: Sheet }) {
  return (
    <>
      {sheet.appeals.length > 0 && (
        <section className="panel" aria-labelledby="appeals">
          <h2 id="appeals">申诉</h2>
          {sheet.appeals.map((one) => (
            <div key={one.at}>
              <p>{day(one.at, { year: true })} 申诉：{one.asked}</p>
              <p><strong>{one.upheld ? `成立，${one.was.toFixed(2)} 改为 ${one.now.toFixed(2)}` : "不成立，维持原分"}</strong>：{one.reason}（{one.by} 核定）</p>
            </div>
          ))}
        </section>
      )}
      {sheet.merits.length > 0 && (
        <section className="panel" aria-labelledby="merits">
          <h2 id="merits">奖惩</h2>
          {sheet.merits.map((one) => (
            <p key={one.at}><strong>{one.kind === "reward" ? "奖励" : "处罚"}：{one.text}</strong> 依据：{one.basis} <span className="muted">· {one.by} · {when(one.at)}</span></p>
          ))}
        </section>
      )}
    </>
  );
}

function Shown({ sheet }: { sheet: Sheet }) {
  const [open, setOpen] = useState<Indicator | null>(null);
  const wide = useWide();
  const figure = (row: Indicator) =>
    row.count > 0 ? <Button type="link" className="sheet-open" onClick={() => setOpen(row)} aria-label={`${row.name}：${row.measured}，打开名单`}>{row.measured}</Button> : row.measured;
  const columns: Column<Indicator>[] = wide
    ? [
        { key: "name", label: "指标", render: (row) => row.name },
        { key: "weight", label: "权重", align: "right", render: (row) => row.weight },
        { key: "measured", label: "完成", render: figure },
        { key: "formula", label: "算法", render: (row) => row.formula },
        { key: "points", label: "得分", align: "right", render: (row) => row.points.toFixed(2) },
      ]
    : [
        { key: "name", label: "指标", render: (row) => <>{row.name}<small className="sheet-formula">{row.formula}</small></> },
        { key: "measured", label: "完成", render: figure },
        { key: "points", label: "得分", align: "right", render: (row) => <>{row.points.toFixed(2)}<small className="sheet-formula">满分 {row.weight}</small></> },
      ];
  return (
    <div className="stack">
      <header className="panel">
        <nav aria-label="所在位置" className="crumbs"><a href={href("/assessments")}>考核</a> / {sheet.number}</nav>
        <div className="row">
          <h1>{sheet.subject}</h1>
          <span className="sheet-score">{(sheet.final_score ?? sheet.score).toFixed(2)} 分</span>
          {sheet.final_score !== null && sheet.final_score !== sheet.score && <span className="muted">计算得分 {sheet.score.toFixed(2)}</span>}
          <strong>{sheet.grade ?? "未定级"}</strong>
        </div>
        <p className="muted">
          {sheet.unit_name} · {sheet.place} · {day(sheet.begins, { year: true })} 至 {day(sheet.last, { year: true })} · {when(sheet.computed_at)} 汇总 · <a href={href(`/cases/${sheet.case_id}`)}>办理过程</a>
        </p>
      </header>
      <DataTable caption="考核表" columns={columns} rows={sheet.rows} rowKey={(row) => row.indicator} />
      <p className="digest">{sheet.intact ? "考核表与冻结时一致" : "■ 考核表与冻结时不一致"}，摘要 <span className="num">{sheet.digest}</span></p>
      <Beside sheet={sheet} />
      <Drawer title={open?.name} open={open !== null} onClose={() => setOpen(null)} placement={wide ? "right" : "bottom"} size={wide ? 560 : "85vh"} destroyOnHidden>
        {open && <List number={sheet.number} indicator={open} />}
      </Drawer>
    </div>
  );
}

export function SheetPage({ number }: { number: string }) {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["assessments", number], queryFn: ({ signal }) => get<Sheet>(`/assessments/${number}`, undefined, signal) });
  if (isPending) return <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  if (data) return <Shown sheet={data} />;
  if (error instanceof ApiError && error.status === 404) {
    return <Result status="info" title={<h1>没有找到这份考核表</h1>} subTitle={error.message} extra={<Button type="primary" href={href("/assessments")}>回到考核</Button>} />;
  }
  return <Problem error={error!} retry={() => void refetch()} />;
}
