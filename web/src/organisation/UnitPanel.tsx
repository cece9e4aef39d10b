/** The posts of one unit: who holds them, who stands in, what is vacant – and, for who keeps them, every change of it. */
import { useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Skeleton } from "antd";
import { useState } from "react";
import { get } from "../api/client";
import { Problem } from "../common/Problem";
import { day } from "../common/time";
import { useChange } from "./dialogs";
import { AppointDialog, EndPostDialog, LiaisonDialog, PhoneDialog, SubstituteDialog } from "./postDialogs";
import type { Appointment, UnitDetail } from "./types";

type Open = { kind: "appoint" | "liaison" | "phone" } | { kind: "end" | "substitute"; post: Appointment } | null;

const span = (post: Appointment) => `${day(post.begins, { year: true })} 起${post.until ? `，至 ${day(post.until, { year: true })}` : ""}`;

export function UnitPanel({ area }: { area: string; mayChange: boolean }) {
  const [open, setOpen] = useState<Open>(null);
  const { data, error, refetch } = useQuery({ queryKey: ["organisation", "unit", area], queryFn: ({ signal }) => get<UnitDetail>("/organisation/unit", { area }, signal) });
  if (error) return <Problem error={error} retry={() => void refetch()} />;
  if (!data) return <div className="panel"><Skeleton active /></div>;
  const current = data.posts.filter((post) => post.state !== "ended");
  const past = data.posts.filter((post) => post.state === "ended");
  const close = () => setOpen(null);
  const town = data.unit.tier === "town" || data.unit.tier === "district";
  return (
    <section className="panel" aria-labelledby="unit-head">
      <div className="unit-head">
        <div>
          <h2 id="unit-head">{data.place}的岗位</h2>
          <p className="muted">{data.unit.kind_text} · {day(data.unit.valid_from, { year: true })} 设立{town && <> · 监督电话 {data.phone ?? data.phone_inherited ?? "未设（公示上印 12345）"}</>}</p>
        </div>
        {data.may_keep && (
          <div className="row">
            {data.unit.tier === "village" && <Button onClick={() => setOpen({ kind: "liaison" })}>联络员交接</Button>}
            {town && <Button onClick={() => setOpen({ kind: "phone" })}>监督电话</Button>}
            <Button type="primary" onClick={() => setOpen({ kind: "appoint" })}>任职</Button>
          </div>
        )}
        {!data.may_keep && data.unit.tier === "town" && <Button onClick={() => setOpen({ kind: "phone" })}>监督电话</Button>}
      </div>
      {data.vacancies.map((one) => (
        <Alert key={one.key} type="warning" showIcon className="dialog-field" title={`${one.label}${one.never ? "，从未任命" : `，已空缺 ${one.days} 天`}`} />
      ))}
      {current.length === 0 && <p className="muted">现在没有人在这里任职。</p>}
      <ul className="plain-list posts" aria-label="现任">
        {current.map((post) => <Post key={post.id} post={post} keeper={data.may_keep} end={() => setOpen({ kind: "end", post })} substitute={() => setOpen({ kind: "substitute", post })} />)}
      </ul>
      {past.length > 0 && (
        <details>
          <summary>历任（{past.length}）</summary>
          <ul className="plain-list posts">{past.map((post) => <li key={post.id}><span className="post-who"><strong>{post.name}</strong> {post.label}</span><span className="muted">{span(post)}</span></li>)}</ul>
        </details>
      )}
      {open?.kind === "appoint" && <AppointDialog area={area} offered={data.offered} close={close} />}
      {open?.kind === "liaison" && <LiaisonDialog area={area} before={data.unit.liaison} close={close} />}
      {open?.kind === "phone" && <PhoneDialog area={area} phone={data.phone} close={close} />}
      {open?.kind === "end" && <EndPostDialog post={open.post} close={close} />}
      {open?.kind === "substitute" && <SubstituteDialog post={open.post} close={close} />}
    </section>
  );
}

function Post({ post, keeper, end, substitute }: { post: Appointment; keeper: boolean; end: () => void; substitute: () => void }) {
  return (
    <li>
      <span className="post-who">
        <strong>{post.name}</strong> {post.label}
        {post.state === "future" && <span className="tag-future">未到任</span>}
        <small className="muted">{span(post)}{post.phone && ` · ${post.phone}`}</small>
        {post.substitutions.map((one) => <Standing key={one.id} one={one} keeper={keeper} />)}
      </span>
      {keeper && <span className="row"><Button size="small" onClick={substitute}>委托代理</Button><Button size="small" danger onClick={end}>免职</Button></span>}
    </li>
  );
}

function Standing({ one, keeper }: { one: Appointment["substitutions"][number]; keeper: boolean }) {
  const { message } = App.useApp();
  const write = useChange(`/organisation/substitutions/${one.id}/end`);
  return (
    <small className="standing">
      <b>代</b> {one.substitute_name}，{day(one.begins)} 至 {day(one.until)}（{one.reason}）
      {keeper && <Button type="link" size="small" loading={write.isPending} onClick={() => write.mutate({}, { onSuccess: (done) => void message.success(done.message) })}>终止</Button>}
      {write.error && <span role="alert"> {write.error.message}</span>}
    </small>
  );
}
