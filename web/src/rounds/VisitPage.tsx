/** 入户登记: one screen on a phone. What is needed becomes a lead in the same form, what has changed goes to the town. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Skeleton } from "antd";
import dayjs from "dayjs";
import { useEffect, useMemo, useState } from "react";
import { ApiError, get } from "../api/client";
import { href } from "../app/router";
import { useClock, useNow } from "../clock/useClock";
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
import { kept } from "../offline/kept";
import { KeptHere } from "../offline/KeptHere";
import { unreachable } from "../offline/outbox";
import { FIRST_ROUNDS, visitChoices } from "../offline/provision";
import { useTakenUp } from "../offline/queue";
import type { Entry } from "../offline/types";
import { useHandIn } from "../offline/useHandIn";
import type { Rounds, VisitChoices, VisitDone, VisitHome } from "./types";
import { visitForm } from "./visitForm";
import "../homes/homes.css";
import "../report/report.css";

const MINUTES = 20; // a plain visit; both instants can be corrected

/** The household's page, or without a network what the kept list of today says of it. */
async function visited(household: string): Promise<VisitHome> {
  try {
    return await get<HomeDetail>(`/register/${household}`);
  } catch (error) {
    if (!unreachable(error)) throw error;
    const row = (await kept<Rounds>("/rounds", FIRST_ROUNDS)).items.find((one) => one.id === household);
    if (!row) throw new ApiError(0, "offline", "没有网络，本机没有备存这一户（只备存七日内应走访的户）。可先登记为巡查，联网后补登。");
    return { ...row, members: row.members.map((name) => ({ name, left_on: null })), leads: [] };
  }
}

export function VisitPage() {
  const address = useAddress();
  const household = address.get("household");
  const refused = useTakenUp(address.get("entry"));
  const choices = useQuery(visitChoices);
  const home = useQuery({ queryKey: ["visit-home", household], queryFn: () => visited(household), enabled: household !== "" });
  const clock = useClock();
  const error = choices.error ?? home.error;
  if (error) return <Problem error={error} />;
  if (!choices.data || (household && !home.data) || !clock.data || refused === undefined) return <div className="report panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  return <Visit key={`${household} ${address.get("entry")}`} choices={choices.data} home={home.data ?? null} refused={refused} start={clock.data.now} />;
}

function Done({ made, home }: { made: VisitDone; home: VisitHome | null }) {
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

interface VisitProps {
  choices: VisitChoices;
  home: VisitHome | null;
  refused: Entry | null;
  /** When the form was opened. */
  start: string;
}

function Visit({ choices, home, refused, start }: VisitProps) {
  const { message } = App.useApp();
  const now = useNow();
  const schema = useMemo(() => visitForm(choices, home), [choices, home]);
  const at = shanghai(start) ?? dayjs();
  const form = useForm(schema as unknown as Record<string, unknown>, refused?.values ?? {
    kind: home?.focus.length ? "focus" : "patrol", needs: [], started_at: toInstant(at.subtract(MINUTES, "minute")), ended_at: toInstant(at),
  });
  const [attempt, setAttempt] = useState(0);
  const [made, setMade] = useState<VisitDone | null>(null);
  const [entry, setEntry] = useState<Entry | null>(null);
  const write = useHandIn<VisitDone>(refused?.key);
  useEffect(() => { if (refused?.fields.length) { form.refuse(refused.fields); setAttempt((n) => n + 1); } }, []); // the refusal is shown once, where it was typed
  useLeaveGuard(form.touched && made === null && entry === null, "走访还没有登记，离开后填写的内容不会保留。确定离开吗？");
  const submit = () => {
    const { values } = form.ready();
    if (!values) return setAttempt((n) => n + 1);
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
    write.mutate({
      kind: "visit", path: "/visits", page: home ? `/rounds/visit?household=${home.id}` : "/rounds/visit", at: refused?.at ?? now(), title: home?.head ?? "巡查与指导",
      body: { ...given, household: home?.id ?? null }, form: schema, values: form.values, subject: { household: home?.id },
    }, {
      onSuccess: (handed) => { if ("answer" in handed) { setMade(handed.answer); window.scrollTo(0, 0); } else setEntry(handed.entry); },
      onError: (error) => {
        if (error instanceof ApiError && error.fields.length > 0) { form.refuse(error.fields); setAttempt((n) => n + 1); }
        else void message.error(error.message, 6);
      },
    });
  };
  if (made) return <Done made={made} home={home} />;
  if (entry) return <KeptHere entry={entry}><Button type="primary" size="large" block href={href("/rounds")}>回到今日走访</Button></KeptHere>;
  const declined = (home?.leads ?? []).filter((one) => one.refused);
  return (
    <form className="report" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <PageHead title={home ? `入户：${home.head}` : "巡查与指导"} hint={home ? [home.place, home.address].filter(Boolean).join(" ") : "没有到户的巡查、包片指导；听到的诉求可直接成为线索"} />
      {refused && <Alert type="warning" showIcon title={`上次没有被接受：${refused.problem}`} action={<Button size="small" href={href("/outbox")}>待上传</Button>} />}
      {home && (
        <section className="panel">
          <div className="row"><Tags items={home.focus} kind="focus" /><Tags items={home.programmes} kind="aid" /><NextVisit row={home} /></div>
          {declined.length > 0 && <><p><strong>此前上报未采纳，请留意有无变化</strong></p><PastLeads rows={declined} /></>}
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
