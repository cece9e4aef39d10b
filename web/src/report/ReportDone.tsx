/** After the report: the number, what happens next, and the two things a person may want now. */
import { Button } from "antd";
import { useEffect, useRef } from "react";
import type { LeadMade } from "../api/types";
import { href } from "../app/router";

export function ReportDone({ made, again }: { made: LeadMade; again: () => void }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <section className="report report-done panel">
      <div className="report-tick" aria-hidden="true">✔</div>
      <h1 ref={title} tabIndex={-1}>线索已上报</h1>
      <p className="report-number">线索编号 <strong className="num">{made.number}</strong></p>
      <p>{made.message}</p>
      {made.duplicates.length > 0 && (
        <p className="muted">系统比对到 {made.duplicates.length} 条相近线索，已一并提示给镇（街）经办人。</p>
      )}
      <div className="report-next">
        {made.next_task_id && <Button type="primary" size="large" block href={href(`/tasks/${made.next_task_id}`)}>继续办理下一步</Button>}
        <Button size="large" block onClick={again} type={made.next_task_id ? "default" : "primary"}>再报一条</Button>
        <Button size="large" block href={href(`/cases/${made.case_id}`)}>查看这条线索的进展</Button>
      </div>
    </section>
  );
}
