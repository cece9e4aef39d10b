/** One term or parameter: what is in force, on which basis, what the district may choose, what waits for a second person. */
import { App, Button } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import { day } from "../common/time";
import { Decide, Propose } from "./dialogs";
import type { LegalChange, LegalItem } from "./types";

interface Props {
  item: LegalItem;
  whole: boolean;
  may: boolean;
  reload: () => void;
}

export function ItemCard({ item, whole, may, reload }: Props) {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState(false);
  const close = () => { setOpen(false); reload(); };
  return (
    <li className="panel legal-item">
      <div className="legal-head">
        <h2>{item.name}</h2>
        <strong className="legal-value">{item.words}</strong>
        {item.choice && <span className="moment-kind">区里自 {day(item.chosen_from, { year: true }) || "生效日"} 起定，依据为 {item.lawful}</span>}
        {item.coming && <span className="moment-kind">{day(item.coming.valid_from, { year: true })} 起为 {item.coming.value}</span>}
      </div>
      <p className="muted">
        {item.start_event && <>自{item.start_event}起，{item.counting} · </>}
        {item.citation ?? "未注明依据"}{item.confidence_words && `（${item.confidence_words}）`}
      </p>
      {item.pending && <Pending change={item.pending} done={reload} />}
      {(whole || shown) && <More item={item} />}
      <div className="row">
        {may && !item.pending && <Button onClick={() => setOpen(true)} aria-label={`提出调整：${item.name}`}>提出调整</Button>}
        {!whole && <Button type="link" onClick={() => setShown(!shown)} aria-expanded={shown} aria-label={`${item.name}：${shown ? "收起" : "说明"}`}>{shown ? "收起" : "说明"}</Button>}
      </div>
      {open && <Propose item={item} close={() => setOpen(false)} done={close} />}
    </li>
  );
}

function More({ item }: { item: LegalItem }) {
  const unit = item.words.replace(/^[\d.]+/, "");
  const bounds = item.choices.length > 0
    ? item.choices.map((one) => one.label).join("、")
    : [item.least !== null && `不少于 ${item.least}${unit}`, item.most !== null && `不超过 ${item.most}${unit}`].filter(Boolean).join("，") || "不限";
  const rows: [string, string | null][] = [
    ["可选范围", item.direction ? `${item.direction}（${bounds}）` : bounds],
    ["可中止计时", item.pauses.join("、") || null],
    ["延长", item.extension],
    ["到期", item.expiry.join("；") || null],
    ["代码", item.key],
  ];
  return (
    <dl className="legal-more">
      {rows.map(([label, text]) => text && <div key={label}><dt>{label}</dt><dd>{text}</dd></div>)}
    </dl>
  );
}

function Pending({ change, done }: { change: LegalChange; done: () => void }) {
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const withdraw = useWrite<unknown, Done>(`/terms/changes/${change.id}/withdraw`);
  const back = () => withdraw.mutate({ revision: change.revision }, { onSuccess: (answer) => { void message.success(answer.message); done(); }, onError: (error) => { void message.error(error.message, 6); done(); } });
  return (
    <div className="legal-pending">
      <p><strong>待确认：</strong>{change.before} → <strong>{change.value}</strong>，{day(change.valid_from, { year: true })} 起。理由：{change.reason}（{change.proposed_by}提出）</p>
      <div className="row">
        {change.can.includes("confirm") && <Button type="primary" onClick={() => setOpen(true)} aria-label={`确认或不同意：${change.name}`}>确认或不同意</Button>}
        {change.can.includes("withdraw") && <Button loading={withdraw.isPending} onClick={back} aria-label={`撤回：${change.name}`}>撤回</Button>}
        {change.can.includes("withdraw") && <span className="muted">须由另一人确认</span>}
      </div>
      {open && <Decide change={change} close={() => setOpen(false)} done={() => { setOpen(false); done(); }} />}
    </div>
  );
}
