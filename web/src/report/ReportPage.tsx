/** 上报线索: one minute, one hand. The few fields that matter first, the rest folded away. */
import { useQuery } from "@tanstack/react-query";
import { App, Button, Skeleton } from "antd";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import { useWrite } from "../api/queries";
import type { LeadForm, LeadMade } from "../api/types";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { ErrorSummary } from "../forms/ErrorSummary";
import { FormView } from "../forms/FormView";
import type { Errors } from "../forms/check";
import { keyOf } from "../forms/model";
import { useForm } from "../forms/useForm";
import { DuplicateHints } from "./DuplicateHints";
import { ReportDone } from "./ReportDone";
import { split } from "./split";
import { useLeaveGuard } from "./useLeaveGuard";
import "./report.css";

export function ReportPage() {
  const [round, setRound] = useState(0);
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["lead-form"], queryFn: () => get<LeadForm>("/leads/form"), staleTime: 300_000 });
  if (isPending) return <div className="report panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  if (!data) return <Problem error={error!} retry={() => void refetch()} />;
  return <Report key={round} lead={data} again={() => setRound((n) => n + 1)} />;
}

function Report({ lead, again }: { lead: LeadForm; again: () => void }) {
  const { message } = App.useApp();
  const [shape] = useState(() => split(lead.form, lead.values));
  const form = useForm(lead.form, lead.values);
  const [attempt, setAttempt] = useState(0);
  const [more, setMore] = useState(false);
  const [made, setMade] = useState<LeadMade | null>(null);
  const write = useWrite<unknown, LeadMade>("/leads");
  useLeaveGuard(form.touched && made === null, "线索还没有上报，离开后填写的内容不会保留。确定离开吗？");

  const folded = new Set(shape.rest.components.map(keyOf));
  const wrong = (errors: Errors) => {
    if (Object.keys(errors).some((path) => folded.has(path.split(".")[0]))) setMore(true);
    setAttempt((n) => n + 1);
  };
  const submit = () => {
    const { values, errors } = form.ready();
    if (!values) return wrong(errors);
    write.mutate({ values }, {
      onSuccess: setMade,
      onError: (error) => {
        if (error instanceof ApiError && error.fields.length > 0) {
          wrong(form.refuse(error.fields));
        } else void message.error(error.message, 6);
      },
    });
  };
  if (made) return <ReportDone made={made} again={again} />;
  const view = (schema: typeof shape.first) => (
    <FormView schema={schema} values={form.values} errors={form.errors} hidden={form.hidden} onChange={form.change} />
  );
  return (
    <form className="report" noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <PageHead title="上报线索" hint="先报要紧的，细节可由后续核实补充。遇危及生命的情况，先拨打 120、110。" />
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
    </form>
  );
}
