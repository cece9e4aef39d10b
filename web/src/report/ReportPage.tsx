/** 上报线索: one minute, one hand. The few fields that matter first, the rest folded away. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Skeleton } from "antd";
import { useEffect, useState } from "react";
import { ApiError } from "../api/client";
import type { LeadForm, LeadMade } from "../api/types";
import { href, navigate } from "../app/router";
import { useMe } from "../app/session";
import { useNow } from "../clock/useClock";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { useAddress } from "../common/useAddress";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import type { Errors } from "../forms/check";
import { keyOf } from "../forms/model";
import { useForm } from "../forms/useForm";
import { KeptHere } from "../offline/KeptHere";
import { leadForm } from "../offline/provision";
import { useTakenUp } from "../offline/queue";
import type { Entry } from "../offline/types";
import { KeepsPhotos, useHandIn } from "../offline/useHandIn";
import { DuplicateHints } from "./DuplicateHints";
import { ReportDone } from "./ReportDone";
import { split } from "./split";
import { useLeaveGuard } from "./useLeaveGuard";
import "./report.css";

export function ReportPage() {
  const [round, setRound] = useState(0);
  const { data, error, isPending, refetch } = useQuery(leadForm);
  const key = useAddress().get("entry");
  const refused = useTakenUp(key);
  const again = () => { if (key) navigate("/report", { replace: true }); setRound((n) => n + 1); };
  if (isPending || refused === undefined) return <div className="report panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  if (!data) return <Problem error={error!} retry={() => void refetch()} />;
  return <Report key={`${round} ${key}`} lead={data} refused={refused} again={again} />;
}

function Report({ lead, refused, again }: { lead: LeadForm; refused: Entry | null; again: () => void }) {
  const me = useMe();
  const now = useNow();
  const { message } = App.useApp();
  const [shape] = useState(() => split(lead.form, lead.values));
  const form = useForm(lead.form, refused?.values ?? lead.values);
  const [attempt, setAttempt] = useState(0);
  const [more, setMore] = useState(false);
  const [made, setMade] = useState<LeadMade | null>(null);
  const [entry, setEntry] = useState<Entry | null>(null);
  const write = useHandIn<LeadMade>(refused?.key);
  useEffect(() => { if (refused?.fields.length) wrong(form.refuse(refused.fields)); }, []); // the refusal is shown once, where it was typed
  useLeaveGuard(form.touched && made === null && entry === null, "线索还没有上报，离开后填写的内容不会保留。确定离开吗？");

  const folded = new Set(shape.rest.components.map(keyOf));
  const wrong = (errors: Errors) => {
    if (Object.keys(errors).some((path) => folded.has(path.split(".")[0]))) setMore(true);
    setAttempt((n) => n + 1);
  };
  const submit = () => {
    const { values, errors } = form.ready();
    if (!values) return wrong(errors);
    const at = refused && !refused.fields.some((one) => one.path === "at") ? refused.at : now();
    const title = String(values.subject_name || values.place_text || "");
    write.mutate({ kind: "lead", path: "/leads", page: "/report", at, title, body: { values, at }, form: shape.whole, values: form.values }, {
      onSuccess: (handed) => ("answer" in handed ? setMade(handed.answer) : setEntry(handed.entry)),
      onError: (error) => {
        if (error instanceof ApiError && error.fields.length > 0) {
          wrong(form.refuse(error.fields));
        } else void message.error(error.message, 6);
      },
    });
  };
  if (made) return <ReportDone made={made} again={again} />;
  if (entry) return <KeptHere entry={entry}><Button type="primary" size="large" block onClick={again}>再报一条</Button></KeptHere>;
  const view = (schema: typeof shape.first) => (
    <FormView schema={schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
  );
  return (
    <KeepsPhotos value={me.id}><form className="report" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <PageHead title="上报线索" hint="先报要紧的，细节可由后续核实补充。遇危及生命的情况，先拨打 120、110。" />
      {refused && <Alert type="warning" showIcon title={`上次没有被接受：${refused.problem}`} action={<Button size="small" href={href("/outbox")}>待上传</Button>} />}
      <div className="panel">
        <ErrorSummary errors={form.errors} attempt={attempt} />
        {view(shape.first)}
        <DuplicateHints name={form.values.subject_name} area={form.values.place_area} phone={form.values.subject_phone} />
        {shape.rest.components.length > 0 && (
          <details className="report-more" open={more} onToggle={(event) => setMore(event.currentTarget.open)}>
            <summary>补充信息（选填）</summary>
            {view(shape.rest)}
          </details>
        )}
      </div>
      <div className="report-bar">
        <Button type="primary" size="large" htmlType="submit" block loading={write.isPending}>上报</Button>
      </div>
    </form></KeepsPhotos>
  );
}
