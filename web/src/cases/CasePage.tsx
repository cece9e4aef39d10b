/** 一户一档: where the case stands, what is in it, how it got here, what may be done. */
import { Button, Result, Skeleton } from "antd";
import { lazy, Suspense } from "react";
import { ApiError } from "../api/client";
import { useCase } from "../api/queries";
import type { CaseDetail } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { Flags } from "../common/Flags";
import { DueTag } from "../common/lights";
import { Problem } from "../common/Problem";
import { Sections } from "../common/Sections";
import { when } from "../common/time";
import { Timeline } from "../common/Timeline";
import { TabList, TabPanel } from "../common/TabList";
import { useAddress } from "../common/useAddress";
import { CaseLadder } from "../ladder/CaseLadder";
import { Before } from "../loop/PastLeads";
import { Asked } from "../requests/Line";
import { CaseActions } from "./CaseActions";
import { CaseLimits, running } from "./CaseLimits";
import { CaseTasks, Incidents, Related } from "./parts";
import { PrintMenu } from "./PrintMenu";
import { LookedAt, Masked } from "./Sensitive";
import { STATUS } from "./status";
import { StepBar } from "./StepBar";
import "./cases.css";

const CaseDiagram = lazy(async () => ({ default: (await import("../diagram/CaseDiagram")).CaseDiagram }));

export function CasePage({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useCase(id);
  if (isPending) return <div className="panel"><Skeleton active paragraph={{ rows: 10 }} /></div>;
  if (data) return <Shown detail={data} reload={() => void refetch()} />;
  if (error instanceof ApiError && error.status === 404) {
    return <Result status="info" title={<h1>没有找到这件事项</h1>} subTitle={error.message} extra={<Button type="primary" href={href("/cases")}>回到救助事项</Button>} />;
  }
  return <Problem error={error!} retry={() => void refetch()} />;
}

const LEAD = "active_discovery";
const PANEL = "case-content";

function Head({ detail }: { detail: CaseDetail }) {
  const { case: row } = detail;
  return (
    <header className="panel case-head">
      <nav aria-label="所在位置" className="crumbs"><a href={href("/cases")}>救助事项</a> / {row.number}</nav>
      <div className="row">
        <h1>{row.title}</h1>
        <span className={`status status-${row.status}`}>{STATUS[row.status]}</span>
        {row.status === "active" && <DueTag due={row.due} term />}
        <Flags urgent={row.urgent} flags={[]} />
        <span className="case-print no-print"><PrintMenu id={row.id} /></span>
      </div>
      <p className="muted">
        {row.place} · {row.process_name} · 档案号 <span className="num">{row.number}</span> · {when(row.opened_at)} 登记
        {row.closed_at && ` · ${when(row.closed_at)} 办结`}
      </p>
      {detail.conclusion && <p className="conclusion"><strong>办理结果：</strong>{detail.conclusion}</p>}
      <StepBar stages={detail.stages} />
    </header>
  );
}

function Shown({ detail, reload }: { detail: CaseDetail; reload: () => void }) {
  const wide = useWide();
  const address = useAddress();
  const course = <Timeline items={detail.timeline} upcoming={detail.upcoming} filters limit={wide ? 20 : 12} />;
  const tabs = [
    { key: "file", label: "档案", children: <>{detail.limited && <p className="muted" role="note">{detail.limited}</p>}<Masked detail={detail} reload={reload} />{(detail.sections.length > 0 || !detail.limited) && <Sections sections={detail.sections} />}</> },
    ...(wide ? [] : [{ key: "course", label: "办理过程", children: course }]),
    { key: "terms", label: `时限 ${running(detail.receipts).length || ""}`, children: <CaseLimits detail={detail} reload={reload} /> },
    {
      key: "diagram", label: "流程图",
      children: (
        <Suspense fallback={<Skeleton active />}>
          <CaseDiagram processes={detail.processes} tokens={detail.tokens} />
        </Suspense>
      ),
    },
    { key: "related", label: `关联事项 ${detail.related.length || ""}`, children: <Related rows={detail.related} /> },
    ...(detail.looked.length > 0 ? [{ key: "looked", label: "查阅记录", children: <LookedAt rows={detail.looked} /> }] : []),
  ];
  const shown = tabs.find((tab) => tab.key === address.get("tab")) ?? tabs[0];
  return (
    <div className="stack">
      <Head detail={detail} />
      <Incidents detail={detail} reload={reload} />
      <div className="case-now">
        <CaseTasks tasks={detail.tasks} />
        <CaseActions detail={detail} reload={reload} />
      </div>
      <CaseLadder id={detail.case.id} />
      {detail.case.process === LEAD && <Before number={detail.case.number} />}
      <Asked requests={detail.requests} title="征求意见、抄送与催办" />
      <div className="case-body">
        <section className="panel case-tabs" aria-label="事项内容">
          <TabList label="事项内容" panel={PANEL} items={tabs} current={shown.key} onChange={(tab) => address.set({ tab: tab === "file" ? undefined : tab })} />
          <TabPanel id={PANEL} current={shown.key}>{shown.children}</TabPanel>
        </section>
        {wide && (
          <aside className="panel" aria-label="办理过程">
            <h2>办理过程</h2>
            {course}
          </aside>
        )}
      </div>
    </div>
  );
}
