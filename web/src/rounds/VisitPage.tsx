/** 入户登记: one screen on a phone. What is needed becomes a lead in the same form, what has changed goes to the town. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import dayjs from "dayjs";
import { useMemo, useState } from "react";
import { ApiError, get } from "../api/client";
import { useWrite } from "../api/queries";
import { href } from "../app/router";
import { useClock } from "../clock/useClock";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { shanghai, toInstant } from "../common/time";
import { useAddress } from "../common/useAddress";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import { useForm } from "../forms/useForm";
import { useLeaveGuard } from "../report/useLeaveGuard";
import { NextVisit, Tags } from "../homes/parts";
import type { HomeDetail } from "../homes/types";
import { PastLeads } from "../loop/PastLeads";
import type { VisitChoices, VisitDone } from "./types";
import { visitForm } from "./visitForm";
import "../homes/homes.css";
import "../report/report.css";

const MINUTES = 20; // a plain visit; both instants can be corrected

export function VisitPage() {
  const household = useAddress().get("household");
  const choices = useQuery({ queryKey: ["visit-choices"], queryFn: () => get<VisitChoices>("/visits/choices"), staleTime: 300_000 });
  const home = useQuery({ queryKey: ["register", household], queryFn: () => get<HomeDetail>(`/register/${household}`), enabled: household !== "" });
  const clock = useClock();
  const error = choices.error ?? home.error;
  if (error) return <Problem error={error} />;
  if (!choices.data || (household && !home.data) || !clock.data) return <div className="report panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  return <Visit key={household} choices={choices.data} home={home.data ?? null} now={clock.data.now} />;
}

function Done({ made, home }: { made: VisitDone; home: HomeDetail | null }) {
  return (
    <section className="report report-done panel">
      <div className="report-tick" aria-hidden="true">✔</div>
      <h1>走访已登记</h1>
      <p>{made.message}</p>
      <div className="report-next">
        <Button type="primary" size="large" block href={href("/rounds")}>回到今日走访</Button>
        {made.case_id && <Button size="large" block href={href(`/cases/${made.case_id}`)}>查看这条线索</Button>}
        {home && <Button size="large" block href={href(`/homes/${home.id}`)}>查看这一户</Button>}
      </div>
    </section>
  );
}

function Visit({ choices, home, now }: { choices: VisitChoices; home: HomeDetail | null; now: string }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const schema = useMemo(() => visitForm(choices, home), [choices, home]);
  const at = shanghai(now) ?? dayjs();
  const form = useForm(schema as unknown as Record<string, unknown>, {
    kind: home ? "focus" : "patrol", needs: [], started_at: toInstant(at.subtract(MINUTES, "minute")), ended_at: toInstant(at),
  });
  const [attempt, setAttempt] = useState(0);
  const [made, setMade] = useState<VisitDone | null>(null);
  const write = useWrite<unknown, VisitDone>("/visits");
  useLeaveGuard(form.touched && made === null, "走访还没有登记，离开后填写的内容不会保留。确定离开吗？");
  const submit = () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
    write.mutate({ ...given, household: home?.id ?? null }, {
      onSuccess: (answer) => { setMade(answer); window.scrollTo(0, 0); void client.invalidateQueries({ queryKey: ["register"] }); void client.invalidateQueries({ queryKey: ["rounds"] }); },
      onError: (error) => {
        if (error instanceof ApiError && error.fields.length > 0) { form.refuse(error.fields); setAttempt((n) => n + 1); }
        else void message.error(error.message, 6);
      },
    });
  };
  if (made) return <Done made={made} home={home} />;
  const refused = (home?.leads ?? []).filter((one) => one.refused);
  return (
    <form className="report" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <PageHead title={home ? `入户：${home.head}` : "巡查与指导"} hint={home ? [home.place, home.address].filter(Boolean).join(" ") : "没有到户的巡查、包片指导；听到的诉求可直接成为线索"} />
      {home && (
        <section className="panel">
          <div className="row"><Tags items={home.focus} kind="focus" /><Tags items={home.programmes} kind="aid" /><NextVisit row={home} /></div>
          {refused.length > 0 && <><p><strong>此前上报未采纳，请留意有无变化</strong></p><PastLeads rows={refused} /></>}
        </section>
      )}
      <div className="panel visit-form">
        <ErrorSummary errors={form.errors} attempt={attempt} />
        <FormView schema={schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
      </div>
      <div className="report-bar"><Button type="primary" size="large" htmlType="submit" block loading={write.isPending}>登记走访</Button></div>
    </form>
  );
}
