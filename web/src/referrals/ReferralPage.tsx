/** One referral: the letter as it was sent, what is awaited of the department, until when and why then, what has been said. */
import { useQuery } from "@tanstack/react-query";
import { Button, Result, Skeleton } from "antd";
import { useState } from "react";
import { ApiError, get } from "../api/client";
import { href } from "../app/router";
import { useWide } from "../app/useWide";
import { DueTag } from "../common/lights";
import { Problem } from "../common/Problem";
import { Receipts } from "../common/Receipts";
import { when } from "../common/time";
import { Timeline } from "../common/Timeline";
import { Answer } from "./Answer";
import { State } from "./ReferralListPage";
import type { ReferralDetail } from "./types";
import "../cases/cases.css";
import "../forms/forms.css";
import "./referrals.css";

export function ReferralPage({ reference }: { reference: string }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["referral", reference],
    queryFn: ({ signal }) => get<ReferralDetail>(`/referrals/${reference}`, undefined, signal),
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  if (isPending) return <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>;
  if (data) return <Shown detail={data} reload={() => void refetch()} />;
  if (error instanceof ApiError && error.status === 404) {
    return <Result status="info" title={<h1>没有找到这份转介单</h1>} subTitle={error.message} extra={<Button type="primary" href={href("/referrals")}>回到转介收发</Button>} />;
  }
  return <Problem error={error!} retry={() => void refetch()} />;
}

function Head({ detail: { referral: row } }: { detail: ReferralDetail }) {
  return (
    <header className="panel case-head">
      <nav aria-label="所在位置" className="crumbs"><a href={href("/referrals")}>转介收发</a> / {row.reference}</nav>
      <div className="row">
        <h1>{row.programme || "转介"}：{row.department_text}</h1>
        <State row={row} />
        {row.due.light !== "none" && <DueTag due={row.due} term />}
      </div>
      <p className="muted">
        转介编号 <span className="num">{row.reference}</span> · {when(row.sent_at)} 发出（{row.channel_text}）
        {row.place && ` · ${row.place}`}
        {row.case_id && <> · <a href={href(`/cases/${row.case_id}`)}>查看救助事项</a></>}
      </p>
    </header>
  );
}

function Letter({ detail }: { detail: ReferralDetail }) {
  return (
    <section className="panel" aria-labelledby="letter">
      <h2 id="letter">转介单</h2>
      <dl className="letter">
        {detail.letter.map((line) => <div key={line.label} className={line.label === "必要情况" ? "letter-wide" : undefined}><dt>{line.label}</dt><dd>{line.value || "–"}</dd></div>)}
      </dl>
    </section>
  );
}

function Awaited({ detail, reload }: { detail: ReferralDetail; reload: () => void }) {
  const [shown, setShown] = useState(false);
  const { awaited } = detail;
  if (!awaited) return null;
  const title = awaited.by_proxy ? "代部门登记答复" : awaited.label.replace(/^登记/, "");
  return (
    <section className="panel" aria-labelledby="answer">
      <h2 id="answer">{title}</h2>
      {awaited.by_proxy && <p className="muted">部门已在本系统答复的不用登记；只有书面或电话答复时由区镇代为登记，记录登记人。</p>}
      {awaited.by_proxy && !shown
        ? <Button onClick={() => setShown(true)}>{awaited.label}</Button>
        : <Answer key={awaited.subscription} reference={detail.referral.reference} awaited={awaited} reload={reload} />}
    </section>
  );
}

function Shown({ detail, reload }: { detail: ReferralDetail; reload: () => void }) {
  const wide = useWide();
  const course = <section className="panel" aria-labelledby="course"><h2 id="course">收发过程</h2><Timeline items={detail.timeline} /></section>;
  return (
    <div className="stack">
      <Head detail={detail} />
      <div className="case-body">
        <div className="stack">
          <Letter detail={detail} />
          <Awaited detail={detail} reload={reload} />
          {!wide && course}
        </div>
        <aside className="stack referral-beside">
          <section className="panel" aria-labelledby="limits"><h2 id="limits">时限</h2><Receipts receipts={detail.receipts} none="没有时限。" /></section>
          {wide && course}
        </aside>
      </div>
    </div>
  );
}
