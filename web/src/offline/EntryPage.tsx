/** One entry as it was filled in. */
import { Button } from "antd";
import { href } from "../app/router";
import { Nothing } from "../common/Nothing";
import { PageHead } from "../common/PageHead";
import { when } from "../common/time";
import { useHidden } from "../forms/conditions";
import { FormView } from "../forms/FormView";
import { EntryActions } from "./EntryActions";
import { EntryState } from "./OutboxPage";
import { useQueue } from "./queue";
import { KIND_WORDS, type Entry } from "./types";
import "../report/report.css";
import "./offline.css";

const still = () => undefined;

function Shown({ entry }: { entry: Entry }) {
  const hidden = useHidden(entry.form, entry.values);
  return (
    <div className="stack report">
      <PageHead title={`${KIND_WORDS[entry.kind]}${entry.title && `：${entry.title}`}`} hint={`${when(entry.at)} 登记，存在本机`} />
      <section className="panel stack" aria-label="上传"><EntryState entry={entry} /><EntryActions entry={entry} /></section>
      <section className="panel" aria-label="登记的内容"><FormView schema={entry.form} values={entry.values} errors={{}} hidden={hidden} onChange={still} disabled /></section>
      <p><a href={href("/outbox")}>回到待上传</a></p>
    </div>
  );
}

export function EntryPage({ id }: { id: string }) {
  const entry = useQueue().entries.find((one) => one.key === id && one.state !== "sent");
  if (entry) return <Shown entry={entry} />;
  return <Nothing title="本机没有这条内容" hint="可能已经上传或删除。"><Button href={href("/outbox")}>回到待上传</Button></Nothing>;
}
