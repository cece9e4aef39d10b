/** 办理过程: newest first, what is expected above it in grey; automatic acts are called automatic. */
import { useState } from "react";
import type { TimelineItem } from "../api/types";
import { shanghai, when } from "./time";
import "./timeline.css";

const KINDS: Record<TimelineItem["kind"], string> = { person: "人工", system: "系统自动", deadline: "时限", material: "材料", incident: "异常" };
const TIERS: Record<string, string> = { district: "区", town: "镇街", village: "村居", grid: "网格" };

/** Entered more than ten minutes after it happened: worth saying. */
function enteredLater(item: TimelineItem): boolean {
  const at = shanghai(item.at);
  const entered = shanghai(item.entered_at);
  return Boolean(at && entered && Math.abs(entered.diff(at, "minute")) > 10);
}

function Item({ item, expected }: { item: TimelineItem; expected: boolean }) {
  const who = [item.tier && (TIERS[item.tier] ?? item.tier), item.who].filter(Boolean).join(" · ");
  return (
    <li className={`moment moment-${item.kind}${expected ? " moment-expected" : ""}`}>
      <div className="moment-head">
        <strong>{item.title}</strong>
        {item.kind !== "person" && <span className="moment-kind">{KINDS[item.kind]}</span>}
      </div>
      <div className="muted">
        {expected ? "预计 " : ""}
        <time dateTime={item.at}>{when(item.at)}</time>
        {who && ` · ${who}`}
      </div>
      {enteredLater(item) && <div className="muted">（{when(item.entered_at)} 录入）</div>}
      {item.text && <p>{item.text}</p>}
      {item.details.length > 0 && (
        <details>
          <summary>查看内容</summary>
          <dl>
            {item.details.map((detail, index) => (
              <div key={index}>
                <dt>{String(detail.label ?? "")}</dt>
                <dd>{String(detail.value ?? "")}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}

interface Props {
  items: TimelineItem[];
  upcoming?: TimelineItem[];
  /** Show this many at first. */
  limit?: number;
  filters?: boolean;
}

export function Timeline({ items, upcoming = [], limit, filters = false }: Props) {
  const [kind, setKind] = useState<TimelineItem["kind"] | "all">("all");
  const [all, setAll] = useState(false);
  const sorted = [...items].sort((a, b) => b.at.localeCompare(a.at));
  const fitting = sorted.filter((item) => kind === "all" || item.kind === kind);
  const shown = limit && !all ? fitting.slice(0, limit) : fitting;
  const kinds = (Object.keys(KINDS) as TimelineItem["kind"][]).filter((one) => items.some((item) => item.kind === one));
  return (
    <div>
      {filters && kinds.length > 1 && (
        <div className="moment-filter" role="group" aria-label="按类别筛选办理过程">
          {(["all", ...kinds] as const).map((one) => (
            <button key={one} type="button" aria-pressed={kind === one} onClick={() => setKind(one)}>
              {one === "all" ? "全部" : KINDS[one]}
            </button>
          ))}
        </div>
      )}
      <ol className="timeline">
        {kind === "all" && upcoming.map((item) => <Item key={item.id} item={item} expected />)}
        {shown.map((item) => <Item key={item.id} item={item} expected={false} />)}
      </ol>
      {fitting.length === 0 && <p className="muted">还没有这类记录。</p>}
      {shown.length < fitting.length && (
        <button type="button" className="more-button" onClick={() => setAll(true)}>显示更早的 {fitting.length - shown.length} 条</button>
      )}
    </div>
  );
}
