/** 消息: what happened to my cases and tasks, unread first to the eye. */
import { Button, Skeleton } from "antd";
import type { Notification } from "../api/types";
import { href } from "../app/router";
import { useMe } from "../app/session";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { when } from "../common/time";
import { useMarkRead, useNotifications } from "./queries";
import "./messages.css";

function target(one: Notification, stranger: boolean): string | undefined {
  if (one.task_id) return href(`/tasks/${one.task_id}`);
  if (one.case_id) return href(`/cases/${one.case_id}`);
  if (one.kind === "referral" || stranger) return href("/referrals");
  return undefined;
}

function Line({ one, read }: { one: Notification; read: (id: string) => void }) {
  const link = target(one, useMe().stranger);
  const body = (
    <>
      <span className="message-head">
        <strong>{one.title}</strong>
        {!one.read && <span className="message-new">未读</span>}
        <time className="muted" dateTime={one.at}>{when(one.at)}</time>
      </span>
      <span>{one.text}</span>
    </>
  );
  const seen = () => { if (!one.read) read(one.id); };
  return (
    <li className={one.read ? "message" : "message message-unread"}>
      {link ? <a href={link} onClick={seen}>{body}</a> : <button type="button" onClick={seen}>{body}</button>}
    </li>
  );
}

export function MessagesPage() {
  const { data, error, isPending, refetch } = useNotifications();
  const mark = useMarkRead();
  const unread = data?.items.filter((one) => !one.read).map((one) => one.id) ?? [];
  return (
    <div className="messages">
      <PageHead title="消息" hint={data && (unread.length ? `${unread.length} 条未读` : "全部已读")}>
        {unread.length > 0 && <Button loading={mark.isPending} onClick={() => mark.mutate(unread)}>全部标为已读</Button>}
      </PageHead>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {isPending && !error && <div className="panel"><Skeleton active /></div>}
      {data?.items.length === 0 && <Nothing title="没有消息" hint="时限提醒、催办、退回、转办和您上报线索的结果会通知到这里。" />}
      {data && data.items.length > 0 && (
        <ul className="plain-list message-list">
          {data.items.map((one) => <Line key={one.id} one={one} read={(id) => mark.mutate([id])} />)}
        </ul>
      )}
    </div>
  );
}
