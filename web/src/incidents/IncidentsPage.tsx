/** 运行异常: automatic steps that failed, with the cause and the button that tries again. */
import { useQuery } from "@tanstack/react-query";
import { App, Button, Segmented, Skeleton } from "antd";
import { get, post } from "../api/client";
import { useWrite } from "../api/queries";
import type { Done, Incident, Page, ScheduleRow } from "../api/types";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Pager } from "../common/Pager";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { useAddress } from "../common/useAddress";
import type { Lateness } from "../legal/types";
import "./incidents.css";

function Card({ incident, reload }: { incident: Incident; reload: () => void }) {
  const { message } = App.useApp();
  const retry = useWrite<unknown, Done>(`/incidents/${incident.id}/retry`);
  const again = () =>
    retry.mutate({ revision: incident.revision }, {
      onSuccess: (done) => { void message.success(done.message || "已重新运行"); reload(); },
      onError: (error) => { void message.error(error.message, 6); reload(); },
    });
  return (
    <li className="panel incident">
      <div className="incident-text">
        <h2>{incident.name ?? incident.element}</h2>
        <p className="muted"><a href={href(`/cases/${incident.case_id}`)}>{incident.title}</a> · <span className="num">{incident.case_number}</span></p>
        <p>{incident.message}</p>
        <p className="muted">{when(incident.at)} · 已尝试 {incident.attempts} 次 · 代码 {incident.code}</p>
      </div>
      {incident.state === "open" && <Button type="primary" loading={retry.isPending} onClick={again} aria-label={`重新运行：${incident.name ?? incident.element}，${incident.title}`}>重新运行</Button>}
    </li>
  );
}

const PER: Record<string, string> = { village: "每个村（居）", town: "每个镇（街）", district: "全区", review: "到期复核的每户" };
const each = (per: string | null): string => `${(per ?? "district").split(",").map((one) => PER[one] ?? one).join("、")}一件`;

/** 定时启动: what the clock will start next; a failed turn waits for a person. */
function Schedules() {
  const { message } = App.useApp();
  const { data, refetch } = useQuery({ queryKey: ["schedules"], queryFn: ({ signal }) => get<ScheduleRow[]>("/schedules", undefined, signal) });
  if (!data || data.length === 0) return null;
  const again = async (id: string) => {
    try {
      void message.success((await post<Done>(`/schedules/${id}/retry`)).message);
    } catch (error) {
      void message.error(error instanceof Error ? error.message : "没有成功", 6);
    }
    void refetch();
  };
  return (
    <section className="panel" aria-labelledby="schedules">
      <h2 id="schedules">定时启动</h2>
      <ul className="plain-list">
        {data.map((one) => (
          <li key={one.id} className="row">
            <strong>{one.name}</strong>
            <span className="muted">{each(one.per)} · 下次 {when(one.due)}</span>
            {one.state === "failed" && <><span className="status status-incident">未能启动：{one.error}</span><Button onClick={() => void again(one.id)}>重新启动</Button></>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** 计时情况: how late the clock's work was done. */
function Late() {
  const { data } = useQuery({ queryKey: ["lateness"], queryFn: ({ signal }) => get<Lateness>("/lateness", undefined, signal) });
  if (!data) return null;
  return (
    <section className="panel" aria-labelledby="lateness">
      <h2 id="lateness">计时情况</h2>
      <p>{data.text}</p>
    </section>
  );
}

export function IncidentsPage() {
  const address = useAddress();
  const state = address.get("state") || "open";
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["incidents", state, address.page],
    queryFn: ({ signal }) => get<Page<Incident>>("/incidents", { state, page: address.page }, signal),
  });
  return (
    <div className="stack">
      <PageHead title="运行异常" hint="自动环节多次尝试仍未完成，需要人查明原因后重新运行。">
        <Segmented
          aria-label="异常状态" value={state} onChange={(next) => address.set({ state: next === "open" ? undefined : next })}
          options={[{ value: "open", label: "待处理" }, { value: "resolved", label: "已处理" }]}
        />
      </PageHead>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title={state === "open" ? "没有待处理的异常" : "还没有处理过的异常"} hint="发放、通知、文书等自动环节失败时会列在这里，附原因。" />}
      {data && data.items.length > 0 && (
        <ul className="plain-list stack">
          {data.items.map((one) => <Card key={one.id} incident={one} reload={() => void refetch()} />)}
        </ul>
      )}
      {data && <Pager total={data.total} page={address.page} size={data.size} onChange={(page) => address.set({ page })} />}
      {state === "open" && <Late />}
      {state === "open" && <Schedules />}
    </div>
  );
}
