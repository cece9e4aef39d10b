/** One monthly report: every figure opens its cases; checks, adjustments, versions and what changed between them. */
import { DownloadOutlined, PrinterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Drawer, Segmented, Skeleton } from "antd";
import { useState } from "react";
import { get, url } from "../api/client";
import type { CaseRow, Page } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { DataTable, type Column } from "../common/DataTable";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { Visits } from "../homes/parts";
import type { VisitRow } from "../homes/types";
import { monthWords, STATES, type Cell, type Change, type Named, type PointLooked, type Report } from "./types";
import "./reports.css";

interface Behind {
  column: Named;
  area: string;
  place: string;
}

/** A page of what a figure was counted from: `cases`, `points` for service points, or `visits`. */
function useBehind<T>(list: "cases" | "points" | "visits", report: Report, behind: Behind) {
  const [page, setPage] = useState(1);
  const path = `/reports/${report.number ?? "draft"}/${list}`;
  const query = { column: behind.column.key, area: behind.area, page, ...(report.number ? {} : { town: report.area, month: report.month.slice(0, 7) }) };
  const { data, error } = useQuery({ queryKey: ["report", list, report.number, query], queryFn: ({ signal }) => get<Page<T>>(path, query, signal) });
  return { data, error, page, setPage };
}

function Points({ report, behind }: { report: Report; behind: Behind }) {
  const { data, error, page, setPage } = useBehind<PointLooked>("points", report, behind);
  if (error) return <Problem error={error} />;
  if (!data) return <Skeleton active />;
  return (
    <>
      <p className="muted">共 {data.total} 次</p>
      <ul className="plain-list report-behind">
        {data.items.map((row) => (
          <li key={`${row.point}-${row.at}`}>
            <a href={href("/points", { point: row.point })}><strong>{row.place}</strong> · {row.kind_name} · {row.name}</a>
            <small className={row.ok ? "muted" : "hot"}>{row.ok ? "正常" : row.finding ?? "有问题"}</small>
            <small className="muted">{when(row.at)} {row.person}{row.case_id && <> · <a href={href(`/cases/${row.case_id}`)}>查看事项</a></>}</small>
          </li>
        ))}
      </ul>
      <Pager total={data.total} page={page} size={data.size} onChange={setPage} />
    </>
  );
}

function VisitsBehind({ report, behind }: { report: Report; behind: Behind }) {
  const { data, error, page, setPage } = useBehind<VisitRow>("visits", report, behind);
  if (error) return <Problem error={error} />;
  if (!data) return <Skeleton active />;
  return (
    <>
      <p className="muted">共 {data.total} 户次</p>
      <Visits rows={data.items} household />
      <Pager total={data.total} page={page} size={data.size} onChange={setPage} />
    </>
  );
}

function Cases({ report, behind }: { report: Report; behind: Behind }) {
  const { data, error, page, setPage } = useBehind<CaseRow>("cases", report, behind);
  if (error) return <Problem error={error} />;
  if (!data) return <Skeleton active />;
  return (
    <>
      <p className="muted">共 {data.total} 件{data.items.length < Math.min(data.total, data.size) && "；已转往其他辖区的只计数、不列出"}</p>
      <ul className="plain-list report-behind">
        {data.items.map((row) => (
          <li key={row.id}>
            <a href={href(`/cases/${row.id}`)}><strong>{row.title}</strong> · {row.process_name}</a>
            <small className="muted num">{row.number} · {row.place}</small>
          </li>
        ))}
      </ul>
      <Pager total={data.total} page={page} size={data.size} onChange={setPage} />
    </>
  );
}

/** What a figure was counted from. */
function List({ report, behind }: { report: Report; behind: Behind }) {
  const column = behind.column.key;
  if (report.point_columns.includes(column)) return <Points report={report} behind={behind} />;
  if (report.visit_columns.includes(column)) return <VisitsBehind report={report} behind={behind} />;
  return <Cases report={report} behind={behind} />;
}

/** A number that opens what it was counted from; nothing is plain text. */
function Figure({ cell, open }: { cell: Cell | undefined; open: () => void }) {
  if (!cell || cell.n === 0) return <span className="muted">0</span>;
  return <Button type="link" className="figure" onClick={open}>{cell.n}</Button>;
}

interface Row {
  column: Named;
  cell: Cell | undefined;
  /** Of the snapshot: a number without a list. */
  kept: number | null;
}

/** What a figure is broken down by, each kind named once: 致困原因：火灾 1、慢性病 5. */
function Marks({ report, cell }: { report: Report; cell: Cell | undefined }) {
  const kinds = new Map<string, string[]>();
  for (const [mark, n] of Object.entries(cell?.by ?? {})) {
    const [kind, ...words] = (report.words.marks[mark] ?? mark).split("：");
    kinds.set(kind, [...(kinds.get(kind) ?? []), `${words.join("：")} ${n}`]);
  }
  return <span className="marks">{[...kinds].map(([kind, each]) => <span key={kind}>{kind}：{each.join("、")}</span>)}</span>;
}

/** In the official order; where the screen is narrow, what a figure is broken down by stands under its name. */
function Totals({ report, open }: { report: Report; open: (behind: Behind) => void }) {
  const wide = useWide();
  const rows: Row[] = report.header.map((column) => ({
    column, cell: column.kept ? undefined : report.figures.total[column.key], kept: column.kept ? report.snapshot.rows?.total?.[column.key] ?? 0 : null,
  }));
  const columns: Column<Row>[] = [
    { key: "label", label: "项目", render: (row) => <><span className={wide ? "nowrap" : undefined}>{row.column.label}</span>{!wide && <Marks report={report} cell={row.cell} />}</> },
    {
      key: "n", label: wide ? "件（户）数" : "数量", align: "right",
      render: (row) => (row.kept !== null ? row.kept : <Figure cell={row.cell} open={() => open({ column: row.column, area: "total", place: report.name })} />),
    },
    { key: "persons", label: "人数", align: "right", render: (row) => (report.persons.includes(row.column.key) ? (row.cell?.persons ?? 0) : "") },
    { key: "yuan", label: "金额（元）", align: "right", render: (row) => (report.yuan.includes(row.column.key) ? (row.cell?.yuan ?? "0.00") : "") },
    ...(wide ? [{ key: "by", label: "其中", render: (row: Row) => <Marks report={report} cell={row.cell} /> }] : []),
  ];
  return <DataTable caption="全镇（街）合计" columns={columns} rows={rows} rowKey={(row) => row.column.key} />;
}

function Villages({ report, open }: { report: Report; open: (behind: Behind) => void }) {
  const [all, setAll] = useState(false);
  const busy = (place: string) => Object.keys(report.figures[place] ?? {}).length > 0 || (report.snapshot.rows?.[place]?.households ?? 0) > 0;
  const quiet = report.villages.filter((place) => !busy(place.key)).length;
  const rows = [{ key: "total", label: "合计" }, ...report.villages.filter((place) => all || busy(place.key))];
  const used = report.header.filter((column) => column.kept || report.figures.total[column.key]);
  const columns: Column<Named>[] = [
    { key: "name", label: "村（居）", render: (place) => <strong className="nowrap">{place.label}</strong> },
    ...used.map((column): Column<Named> => ({
      key: column.key, label: column.label, align: "right",
      render: (place) => (column.kept
        ? report.snapshot.rows?.[place.key]?.[column.key] ?? 0
        : <Figure cell={report.figures[place.key]?.[column.key]} open={() => open({ column, area: place.key, place: place.label })} />),
    })),
  ];
  return (
    <>
      <DataTable caption="各村（居）" columns={columns} rows={rows} rowKey={(place) => place.key} />
      {quiet > 0 && <p className="muted">{all ? "" : `其余 ${quiet} 个村（居）没有在册户，本月各项均为零。`}<Button type="link" onClick={() => setAll(!all)}>{all ? "只看有数字的村（居）" : "全部列出"}</Button></p>}
    </>
  );
}

function Changes({ report, lines, caption }: { report: Report; lines: Change[]; caption: string }) {
  const place = (area: string) => report.words.places[area] ?? report.villages.find((one) => one.key === area)?.label ?? area;
  const label = (key: string) => report.columns.find((one) => one.key === key)?.label ?? key;
  const columns: Column<Change>[] = [
    { key: "what", label: "项目", render: (line) => label(line.column) },
    { key: "month", label: "月份", render: (line) => (line.month ? monthWords(line.month) : "本月") },
    { key: "area", label: "村（居）", render: (line) => place(line.area) },
    { key: "was", label: "原报", align: "right", render: (line) => <>{line.was}{line.yuan_was && ` · ${line.yuan_was} 元`}</> },
    { key: "now", label: "现为", align: "right", render: (line) => <>{line.now}{line.yuan_now && ` · ${line.yuan_now} 元`}</> },
    { key: "by", label: "调整", align: "right", render: (line) => (line.now > line.was ? `+${line.now - line.was}` : line.now - line.was) },
  ];
  return <DataTable stacked caption={caption} columns={columns} rows={lines} rowKey={(line) => `${line.month}/${line.area}/${line.column}`} />;
}

function Checks({ report }: { report: Report }) {
  return (
    <section className="panel" aria-labelledby="report-checks">
      <h2 id="report-checks">校验</h2>
      <ul className="plain-list checks">
        {report.checks.map((check) => (
          <li key={check.name} className={check.ok ? "" : "hot"}>{check.ok ? "○ 相符" : "■ 不符"}　{check.name}<span className="muted num">（{check.detail}）</span></li>
        ))}
      </ul>
      {report.snapshot.reserve && (
        <p className="muted num">备用金：期初 {report.snapshot.reserve.begin}，拨入 {report.snapshot.reserve.in}，支出 {report.snapshot.reserve.out}，结余 {report.snapshot.reserve.end}（元）</p>
      )}
      {report.receipts.length > 0 && <Receipts receipts={report.receipts} />}
    </section>
  );
}

function Versions({ report }: { report: Report }) {
  if (report.versions.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="report-versions">
      <h2 id="report-versions">版本</h2>
      <ul className="plain-list versions">
        {report.versions.map((one) => (
          <li key={one.number}>
            {one.number === report.number ? <strong>第 {one.version} 版</strong> : <a href={href(`/reports/${one.number}`)}>第 {one.version} 版</a>}
            {` · ${STATES[one.state]} · ${when(one.cutoff)} 截止 · `}<span className="muted digest" title={one.digest}>校验码 {one.digest.slice(0, 12)}</span>
            {one.version > 1 && (one.changed.length === 0 ? <p className="muted">与上一版数字相同</p> : <Changes report={report} lines={one.changed} caption={`第 ${one.version} 版与上一版的差异`} />)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Head({ report }: { report: Report }) {
  const signed = [report.prepared_by && `编报 ${report.prepared_by}`, report.reviewed_by && `审签 ${report.reviewed_by}`].filter(Boolean).join(" · ");
  const words = `${STATES[report.state]}${report.nil ? " · 零报告" : ""} · ${report.number ? `第 ${report.version} 版` : "按现有办件即时汇总"} · ${when(report.cutoff)} 截止${report.submitted_at ? ` · ${when(report.submitted_at)} 上报` : ""}${signed ? ` · ${signed}` : ""}${report.digest ? ` · 校验码 ${report.digest.slice(0, 12)}` : ""}`;
  return (
    <PageHead title={`${report.name}月报 · ${monthWords(report.month)}`} hint={words}>
      {report.case_id && <Button href={href(`/cases/${report.case_id}`)}>办理过程</Button>}
      {report.number && <Button icon={<DownloadOutlined />} href={url(`/reports/${report.number}.xlsx`)}>Excel</Button>}
      {report.number && <Button icon={<PrinterOutlined />} href={url(`/reports/${report.number}.pdf`)} target="_blank">打印</Button>}
    </PageHead>
  );
}

export function ReportPage({ number }: { number: string }) {
  const address = useAddress();
  const wide = useWide();
  const [behind, setBehind] = useState<Behind | null>(null);
  const query = number === "draft" ? { area: address.get("area"), month: address.get("month") } : {};
  const { data, error, refetch } = useQuery({ queryKey: ["report", number, query], queryFn: ({ signal }) => get<Report>(`/reports/${number}`, query, signal) });
  const view = address.get("view") || "total";
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (!data) return <div className="panel"><Skeleton active paragraph={{ rows: 10 }} /></div>;
  return (
    <div className="stack report">
      <nav aria-label="所在位置" className="crumbs"><a href={href("/reports", { month: data.month.slice(0, 7) })}>月报</a> / {data.name}</nav>
      <Head report={data} />
      {data.nil && <Alert type="info" showIcon title="本月没有发生，按零报告上报。" />}
      {data.note && <p className="panel">情况说明：{data.note}</p>}
      <Segmented className="no-print" value={view} onChange={(value) => address.set({ view: String(value) })} options={[{ value: "total", label: "全镇（街）合计" }, { value: "villages", label: "按村（居）" }]} />
      {view === "villages" ? <Villages report={data} open={setBehind} /> : <Totals report={data} open={setBehind} />}
      {data.adjustments.length > 0 && (
        <section className="panel" aria-labelledby="report-adjustments">
          <h2 id="report-adjustments">对以前月份的调整</h2>
          <Changes report={data} lines={data.adjustments} caption="对以前月份的调整" />
        </section>
      )}
      <Checks report={data} />
      <Versions report={data} />
      <Drawer
        title={behind ? `${behind.column.label} · ${behind.place}` : ""} open={behind !== null} onClose={() => setBehind(null)}
        placement={wide ? "right" : "bottom"} size={wide ? 520 : "85vh"} destroyOnHidden
      >
        {behind && <List report={data} behind={behind} />}
      </Drawer>
    </div>
  );
}
