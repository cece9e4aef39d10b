/** What of a case is masked for the reader and how to read it; who has read it. */
import { Button } from "antd";
import { useState } from "react";
import type { CaseDetail, Looked } from "../api/types";
import { RevealDialog } from "../common/RevealDialog";
import { when } from "../common/time";

export function Masked({ detail, reload }: { detail: CaseDetail; reload: () => void }) {
  const [open, setOpen] = useState(false);
  if (detail.revealed_until) return <p className="muted no-print">您可查阅敏感信息至 {when(detail.revealed_until)}，查阅已记录。</p>;
  if (!detail.masked) return null;
  return (
    <p className="row no-print case-masked">
      <span className="muted">您没有这件事项的在办环节：困难原因、病残情况等敏感信息已隐藏。</span>
      {detail.may_reveal && <Button onClick={() => setOpen(true)}>说明事由查阅</Button>}
      {open && <RevealDialog of={`/cases/${detail.case.id}`} hint="如：复核投诉所反映的情况" close={() => setOpen(false)} done={() => { setOpen(false); reload(); }} />}
    </p>
  );
}

export function LookedAt({ rows }: { rows: Looked[] }) {
  if (rows.length === 0) return <p className="muted">没有人查阅过这件事项的敏感信息。</p>;
  return (
    <>
      <ul className="plain-list case-looked">
        {rows.map((one) => (
          <li key={one.at + one.who + one.reason}>
            <strong>{one.who}</strong><span className="num">{when(one.at)}</span>
            <span>{one.until ? `说明事由：${one.reason}` : `办理环节：${one.reason}`}</span>
          </li>
        ))}
      </ul>
      <p className="muted">最近 20 条；同一人为同一环节每日记一次。</p>
    </>
  );
}
