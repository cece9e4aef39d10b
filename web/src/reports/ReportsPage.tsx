/** 月报: the month of every town – who has reported, who has not, and the sum. */
import { useQuery } from "@tanstack/react-query";
import { DatePicker, Skeleton } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { get } from "../api/client";
import { href } from "../app/router";
import { DataTable, type Column } from "../common/DataTable";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { Light } from "../common/lights";
import { Receipts } from "../common/Receipts";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { monthWords, STATES, type Reports, type ReportTown } from "./types";
import "./reports.css";

/** Figures worth a column in the list; the rest stand in the report. */
const SHOWN = ["leads", "confirmed", "urgent", "small_quick", "temp_emergency", "temp_expenditure", "paid", "overdue", "in_hand_end"];

const address = (town: ReportTown, month: string): string =>
  town.number ? href(`/reports/${town.number}`) : href("/reports/draft", { area: town.area, month: month.slice(0, 7) });

function State({ town }: { town: ReportTown }) {
  return (
    <>
      <span className={`report-state report-${town.state}`}>{STATES[town.state]}{town.nil && " · 零报告"}</span>
      {town.cutoff && <div className="muted nowrap">第 {town.version} 版 · {when(town.cutoff)}</div>}
      {town.receipt && <><Light light={town.receipt.light} words={town.receipt.words} /><Receipts receipts={[town.receipt]} brief /></>}
    </>
  );
}

function columns(data: Reports): Column<ReportTown>[] {
  const labels = Object.fromEntries(data.columns.map((one) => [one.key, one.label]));
  return [
    { key: "name", label: "镇（街）", render: (town) => <a className="row-link" href={address(town, data.month)}>{town.name}</a> },
    { key: "state", label: "状态", render: (town) => <State town={town} /> },
    ...SHOWN.map((key): Column<ReportTown> => ({ key, label: labels[key], align: "right", render: (town) => (town.number ? (town.figures[key]?.n ?? 0) : "") })),
  ];
}

function Total({ data }: { data: Reports }) {
  const shown = data.columns.filter((column) => data.total[column.key]);
  if (shown.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="report-total">
      <h2 id="report-total">已上报合计</h2>
      <dl className="report-total">
        {shown.map((column) => {
          const cell = data.total[column.key];
          return (
            <div key={column.key}>
              <dt>{column.label}</dt>
              <dd className="num">{cell.n}{cell.persons !== null && ` · ${cell.persons} 人`}{cell.yuan !== null && ` · ${cell.yuan} 元`}</dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

export function ReportsPage() {
  const place = useAddress();
  const month = place.get("month");
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["reports", month],
    queryFn: ({ signal }) => get<Reports>("/reports", { month }, signal),
  });
  const hint = data && (data.towns.length === 0 ? undefined : data.missing > 0 ? `${data.missing} 个镇（街）尚未上报（含退回）` : "全部已上报");
  return (
    <>
      <PageHead title={`月报${data ? ` · ${monthWords(data.month)}` : ""}`} hint={hint} />
      <div className="filters" role="search" aria-label="选择月份">
        <DatePicker
          picker="month" allowClear={false} aria-label="月份" format="YYYY年M月" value={data ? dayjs(data.month) : null} inputReadOnly
          onChange={(value: Dayjs | null) => place.set({ month: value?.format("YYYY-MM") })}
        />
      </div>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active paragraph={{ rows: 6 }} /></div>}
      {data && (
        <div className="stack">
          {data.towns.length === 0 && <Nothing title="这个月没有月报" hint="月报在次月 1 日由系统按办件自动汇总，到时会出现在这里。" />}
          {data.towns.length > 0 && (
            <DataTable caption="各镇（街）月报" columns={columns(data)} rows={data.towns} rowKey={(town) => town.area} rowClass={(town) => (town.state === "missing" || town.state === "returned" ? "report-owed" : "")} />
          )}
          <Total data={data} />
        </div>
      )}
    </>
  );
}
