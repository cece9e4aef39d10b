/** 成批录入: one row for each case. Enter and the arrow keys go down a column, totals are checked as they are typed. */
import { Button, Input, InputNumber, Popconfirm, Tooltip } from "antd";
import { useRef, useState, type KeyboardEvent } from "react";
import { href } from "../app/router";
import { DueTag } from "../common/lights";
import { check, count, VOTE_WORDS, VOTES, type Draft, type ItemDraft, type Vote } from "./draft";
import { RecusalDialog } from "./RecusalDialog";
import type { Meeting, MeetingItem } from "./types";

interface Props {
  meeting: Meeting;
  draft: Draft;
  editable: boolean;
  errors: Record<string, string>;
  onChange: (item: ItemDraft) => void;
  remove: (n: number) => void;
}

/** Where the keys lead: a column of one kind of totals. */
function below(list: HTMLElement | null, vote: Vote, from: number, step: number): void {
  const cells = [...(list?.querySelectorAll<HTMLInputElement>(`input[data-vote="${vote}"]:not(:disabled)`) ?? [])];
  const at = cells.findIndex((cell) => Number(cell.dataset.row) === from);
  const next = cells[at + step];
  next?.focus();
  next?.select();
}

export function Agenda({ meeting, draft, editable, errors, onChange, remove }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const typed = new Map(draft.items.map((one) => [one.n, one]));
  return (
    <ul ref={list} className="plain-list agenda" aria-label="评议对象">
      {meeting.items.map((item) => {
        const own = typed.get(item.n);
        if (!own) return null;
        return (
          <Row
            key={item.n} meeting={meeting} roll={draft.roll} item={item} own={own} editable={editable} errors={errors} onChange={onChange} remove={remove}
            move={(vote, step) => below(list.current, vote, item.n, step)}
          />
        );
      })}
    </ul>
  );
}

interface RowProps extends Omit<Props, "draft"> {
  roll: Draft["roll"];
  item: MeetingItem;
  own: ItemDraft;
  move: (vote: Vote, step: number) => void;
}

const STATES: Record<MeetingItem["state"], string> = { open: "", done: "已写入该户", postponed: "延期评议", void: "不再需要" };

function Outcome({ item, checked }: { item: MeetingItem; checked: ReturnType<typeof check> }) {
  const verdict = checked.state === "right" && item.verdict;
  return (
    <>
      <span className={`ballot ballot-${checked.state}`} role="status">{checked.state === "right" ? "✓ " : checked.state === "wrong" ? "■ " : ""}{checked.words}</span>
      {verdict && <span className={verdict.valid ? "muted" : "hot"}>{verdict.valid ? `意见：${verdict.text}` : "■ 会议无效，须重新组织"}</span>}
      {item.state !== "open" && <span className="muted">{STATES[item.state]}</span>}
    </>
  );
}

function Row({ meeting, roll, item, own, editable, errors, onChange, remove, move }: RowProps) {
  const [asking, setAsking] = useState(false);
  const automatic = item.recused.filter((one) => one.automatic);
  const people = editable ? count(roll, automatic, own.recused) : { voting: item.voting, residents: item.residents, recused: item.recused.length };
  const checked = check(own, people.voting);
  const postponed = checked.state === "postponed";
  const begun = meeting.state !== "draft"; // before the convening there is nothing to count
  const keys = (vote: Vote) => (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(vote, step);
  };
  const wrong = errors[`items[${item.n}].votes`] ?? errors[`items[${item.n}].dissent`];
  const withdrawn = [...automatic, ...own.recused.map((one) => ({ ...one, name: roll.find((other) => other.key === one.key)?.name ?? "", automatic: false }))];
  return (
    <li className={`agenda-row${wrong ? " agenda-wrong" : ""}`}>
      <div className="agenda-who">
        <span className="agenda-n">{item.n}</span>
        <a className="row-link" href={href(`/cases/${item.case_id}`)}>{item.title}</a> <span>{item.programme}</span>
        <div className="muted">{item.place} · {item.application_no}</div>
        {item.due && <DueTag due={item.due} term />}
      </div>
      <div className="agenda-recused">
        {withdrawn.map((one) => <span key={one.key} className={`recusal${one.automatic ? "" : " recusal-hand"}`}>{one.name} 回避：{one.why}</span>)}
        {editable && <Button size="small" type="link" onClick={() => setAsking(true)}>{withdrawn.length > 0 ? "改回避" : "登记回避"}</Button>}
      </div>
      {begun && <div className="agenda-votes" role="group" aria-label={`${item.title}的票数`}>
        {VOTES.map((vote) => (
          <label key={vote}>
            <span>{VOTE_WORDS[vote]}</span>
            <InputNumber
              min={0} max={500} precision={0} controls={false} inputMode="numeric" value={own[vote]} disabled={!editable || postponed} data-vote={vote} data-row={item.n}
              aria-label={`${item.title} ${VOTE_WORDS[vote]}`} onKeyDown={keys(vote)} onChange={(next) => onChange({ ...own, [vote]: next })}
            />
          </label>
        ))}
        {editable && !postponed && checked.state !== "right" && people.voting > 0 && (
          <Tooltip title="其余两项填 0"><Button size="small" onClick={() => onChange({ ...own, agree: people.voting, against: 0, abstain: 0 })}>全部同意</Button></Tooltip>
        )}
      </div>}
      <div className="agenda-check"><Outcome item={item} checked={checked} /></div>
      {begun && !postponed && (editable || own.opinion || own.dissent) && (
        <div className="agenda-words">
          <label><span>评议意见</span><Input.TextArea value={own.opinion} disabled={!editable} autoSize={{ minRows: 1, maxRows: 6 }} onChange={(event) => onChange({ ...own, opinion: event.target.value })} /></label>
          {((own.against ?? 0) > 0 || own.dissent) && (
            <label><span>不同意见（必填；没有说明的写“未说明理由”）</span><Input.TextArea value={own.dissent} disabled={!editable} autoSize={{ minRows: 1, maxRows: 6 }} onChange={(event) => onChange({ ...own, dissent: event.target.value })} /></label>
          )}
        </div>
      )}
      {(editable || own.postpone) && (
        <div className="agenda-acts">
          {(own.postpone || postponed) && <label className="agenda-postpone"><span>延期原因</span><Input value={own.postpone} disabled={!editable} maxLength={200} onChange={(event) => onChange({ ...own, postpone: event.target.value })} /></label>}
          {editable && !own.postpone && <Button size="small" type="link" onClick={() => onChange({ ...own, postpone: "情况待补充" })}>延期到下次会议</Button>}
          {editable && own.postpone && <Button size="small" type="link" onClick={() => onChange({ ...own, postpone: "" })}>不延期</Button>}
          {editable && <Popconfirm title={`把${item.title}移出议程？`} description="该户的环节不变，可列入其他会议。" okText="移出" onConfirm={() => remove(item.n)}><Button size="small" type="link">移出议程</Button></Popconfirm>}
          {item.task && meeting.state === "closed" && <a href={href(`/tasks/${item.task}`)}>单独办理</a>}
        </div>
      )}
      {item.failure && <p className="field-error">■ 未办结：{item.failure}</p>}
      {wrong && <p className="field-error">■ {wrong}</p>}
      {asking && <RecusalDialog title={item.title} roll={roll} automatic={automatic} byHand={own.recused} close={() => setAsking(false)} save={(recused) => { onChange({ ...own, recused }); setAsking(false); }} />}
    </li>
  );
}
