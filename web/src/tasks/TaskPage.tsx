/** One step of one case: facts on the left, the form in the middle, limits and course on the right. */
import { Button, Result, Skeleton } from "antd";
import { ApiError } from "../api/client";
import { useCase, useTask } from "../api/queries";
import type { TaskDetail } from "../api/types";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { PrintMenu } from "../cases/PrintMenu";
import { Flags } from "../common/Flags";
import { DueTag } from "../common/lights";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { Facts, Figures } from "../common/Sections";
import { Timeline } from "../common/Timeline";
import { Before } from "../loop/PastLeads";
import { togetherWords } from "./links";
import { Asked } from "../requests/Line";
import { TaskForm } from "./TaskForm";

export function TaskPage({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useTask(id);
  if (isPending) return <div className="panel"><Skeleton active paragraph={{ rows: 10 }} /></div>;
  if (error instanceof ApiError && (error.status === 404 || error.status === 403) && !data) return <Gone sentence={error.message} />;
  if (!data) return <Problem error={error!} retry={() => void refetch()} />;
  return <Open detail={data} reload={async () => (await refetch()).data} />;
}

function Gone({ sentence }: { sentence: string }) {
  return (
    <Result
      status="info" title={<h1>这个环节现在不能办理</h1>} subTitle={sentence}
      extra={<Button type="primary" href={href("/tasks")}>回到我的待办</Button>}
    />
  );
}

function Head({ detail }: { detail: TaskDetail }) {
  const { task } = detail;
  return (
    <header className="task-head">
      <nav aria-label="所在位置" className="crumbs"><a href={href("/tasks")}>我的待办</a> / {task.case_number}</nav>
      <div className="row">
        <h1>{task.name}</h1>
        <DueTag due={task.due} term />
        <Flags urgent={task.urgent} flags={task.flags} />
        <span className="task-print no-print"><PrintMenu id={task.case_id} /></span>
      </div>
      <p className="muted">
        <a href={href(`/cases/${task.case_id}`)}><strong>{task.title}</strong></a> · {task.place} · {task.process_name}
        {task.came_from && ` · 来自 ${task.came_from}`}
      </p>
      {detail.masked.length > 0 && <p className="muted">这一环节不由您办理，其中的敏感信息已隐藏；可在事项页面说明事由查阅。</p>}
    </header>
  );
}

const LEAD = "active_discovery";

function Cosigners({ detail }: { detail: TaskDetail }) {
  const words = togetherWords(detail.task);
  if (!words) return null;
  return (
    <section className="panel" aria-label="共同办理">
      <h2>共同办理</h2>
      <p>{words}。</p>
      {detail.cosigners.length > 0 && (
        <ul className="plain-list">
          {detail.cosigners.map((person) => <li key={person.id}>✔ {person.name} 已签</li>)}
        </ul>
      )}
    </section>
  );
}

function Open({ detail, reload }: { detail: TaskDetail; reload: () => Promise<TaskDetail | undefined> }) {
  const wide = useWide();
  const { data: found } = useCase(detail.task.case_id);
  const known = (found?.sections ?? []).filter((section) => !section.figures);
  const facts = found ? <Facts sections={known} /> : <Skeleton active paragraph={{ rows: 4 }} />;
  return (
    <>
      <Head detail={detail} />
      <div className="task-page">
        <aside className="task-facts" aria-label="事项情况">
          {wide ? (
            <section className="panel"><h2>事项情况</h2>{facts}</section>
          ) : (
            <details className="panel fold"><summary>事项情况</summary>{facts}</details>
          )}
        </aside>
        <TaskForm detail={detail} reload={reload} about={detail.about.length > 0 && <Figures sections={detail.about} />} />
        <aside className="task-side" aria-label="时限与办理过程">
          {detail.task.process === LEAD && <Before number={detail.task.case_number} />}
          <Cosigners detail={detail} />
          <Asked requests={detail.requests} title="征求意见与催办" />
          <section className="panel"><h2>办理时限</h2><Receipts receipts={detail.receipts} /></section>
          <section className="panel">
            <h2>办理过程</h2>
            {found ? <Timeline items={found.timeline} upcoming={found.upcoming} limit={6} /> : <Skeleton active />}
          </section>
        </aside>
      </div>
    </>
  );
}
