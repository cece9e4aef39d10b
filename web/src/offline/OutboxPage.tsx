/** 待上传: what lies on this device, oldest first, with the state of each and what can be done with it. */
import { Alert, Button } from "antd";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { when } from "../common/time";
import { useDown } from "./connection";
import { useQueue } from "./queue";
import { EntryActions } from "./EntryActions";
import { KIND_WORDS, type Entry } from "./types";
import { useSend } from "./useOutbox";
import "./offline.css";

export function EntryState({ entry }: { entry: Entry }) {
  if (entry.state === "sent") return <span className="entry-sent">✔ {when(entry.sentAt)} 已上传</span>;
  if (entry.state === "refused") return <span className="entry-refused">■ 没有被接受：{entry.problem}</span>;
  return <span className="entry-waiting">⇧ 待上传{entry.problem && <span className="muted">（已试 {entry.tries} 次：{entry.problem}）</span>}</span>;
}

function Row({ entry }: { entry: Entry }) {
  return (
    <li className={`panel entry entry-is-${entry.state}`}>
      <span className="row">
        <strong>{KIND_WORDS[entry.kind]}</strong>
        {entry.title && <span>{entry.title}</span>}
        <span className="muted num">{when(entry.at)} 登记</span>
      </span>
      <EntryState entry={entry} />
      {entry.answer && <span>{entry.answer.message}</span>}
      {entry.answer?.case_id && <a href={href(`/cases/${entry.answer.case_id}`)}>查看这条线索</a>}
      <EntryActions entry={entry} look />
    </li>
  );
}

export function OutboxPage() {
  const { entries, busy } = useQueue();
  const down = useDown();
  const send = useSend();
  const waits = entries.some((one) => one.state === "waiting");
  return (
    <div className="stack report">
      <PageHead title="待上传" hint="没有网络时登记的内容存在本机，联网后按登记的先后自动上传，登记时间不变。">
        {waits && <Button type="primary" loading={busy} onClick={() => void send()}>全部上传</Button>}
      </PageHead>
      {down && <Alert type="info" showIcon title="现在连不上服务器。有网络时打开本系统即自动上传。" />}
      {entries.length === 0
        ? <Nothing title="没有待上传的内容" hint="没有网络时上报的线索、登记的走访和今日无新情况会列在这里。" />
        : <ul className="plain-list stack" aria-label="待上传">{entries.map((entry) => <Row key={entry.key} entry={entry} />)}</ul>}
    </div>
  );
}
