/** Open steps, related cases and incidents of one case. */
import { Alert, App, Button } from "antd";
import { post } from "../api/client";
import { useWrite } from "../api/queries";
import type { CaseDetail, CaseRow, Done, TaskRow, Value } from "../api/types";
import { href } from "../app/router";
import { Flags } from "../common/Flags";
import { DueTag } from "../common/lights";
import { when } from "../common/time";
import { signedWords } from "../tasks/links";
import { whereWords } from "./status";

export function CaseTasks({ tasks }: { tasks: TaskRow[] }) {
  if (tasks.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="open-steps">
      <h2 id="open-steps">当前环节</h2>
      <ul className="plain-list open-steps">
        {tasks.map((task) => (
          <li key={task.id}>
            <span className="open-step-name">
              <strong>{task.name}</strong> <Flags urgent={false} flags={task.flags} />
              <small className="muted">
                {task.mine ? "由您承办" : task.holder ? `承办人 ${task.holder}` : "待认领"}
                {signedWords(task) && ` · ${signedWords(task)}`} · {when(task.created_at)} 到达
              </small>
            </span>
            <DueTag due={task.due} term />
            {(task.mine || task.claimable) && <Button type="primary" href={href(`/tasks/${task.id}`)}>{task.verb || "去办理"}</Button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Related({ rows }: { rows: CaseRow[] }) {
  if (rows.length === 0) return <p className="muted">没有关联事项。重复线索、由本事项引出的申请和回访会列在这里。</p>;
  return (
    <ul className="plain-list open-steps">
      {rows.map((row) => (
        <li key={row.id}>
          <span className="open-step-name">
            <a href={href(`/cases/${row.id}`)}><strong>{row.process_name}</strong> · {row.title}</a>
            <small className="muted num">{row.number} · {when(row.opened_at)} 登记</small>
          </span>
          <span>{whereWords(row)}</span>
        </li>
      ))}
    </ul>
  );
}

interface IncidentView {
  id: string;
  name: string;
  message: string;
  at?: string;
  revision?: number;
}

/** Incidents travel as loose objects in a case; what is missing is left out. */
function incidentOf(raw: Record<string, Value>): IncidentView {
  return { id: String(raw.id ?? ""), name: String(raw.name ?? raw.element ?? "自动环节"), message: String(raw.message ?? ""), at: raw.at, revision: raw.revision };
}

function Retry({ incident, reload }: { incident: IncidentView; reload: () => void }) {
  const { message } = App.useApp();
  const write = useWrite<unknown, Done>(`/incidents/${incident.id}/retry`, post);
  return (
    <Button
      loading={write.isPending}
      onClick={() => write.mutate({ revision: incident.revision ?? 0 }, {
        onSuccess: (done) => { void message.success(done.message || "已重新运行"); reload(); },
        onError: (error) => void message.error(error.message, 6),
      })}
    >
      重新运行
    </Button>
  );
}

export function Incidents({ detail, reload }: { detail: CaseDetail; reload: () => void }) {
  const list = detail.incidents.filter((raw) => (raw.state ?? "open") === "open").map(incidentOf);
  return list.map((incident) => (
    <Alert
      key={incident.id} type="error" showIcon role="alert" title={`「${incident.name}」没能自动完成`}
      description={`${incident.at ? `${when(incident.at)}　` : ""}${incident.message}`}
      action={incident.id && incident.revision !== undefined && <Retry incident={incident} reload={reload} />}
    />
  ));
}
