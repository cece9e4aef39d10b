/** Stages of the case, each with the time it was reached; on a phone the one that counts: 「第 4 步 公示」. */
import type { StageState } from "../api/types";
import { useWide } from "../app/useWide";
import { when } from "../common/time";

const MARK: Partial<Record<StageState["state"], string>> = { done: "✔", skipped: "–" };
const WORD: Record<StageState["state"], string> = { done: "已完成", current: "正在办理", todo: "未到", skipped: "未经过" };

function current(stages: StageState[]): number {
  const at = stages.findIndex((stage) => stage.state === "current");
  return at >= 0 ? at : stages.findLastIndex((stage) => stage.state === "done");
}

export function StepBar({ stages }: { stages: StageState[] }) {
  const wide = useWide();
  if (stages.length === 0) return null;
  const list = (
    <ol className="steps" aria-label="办理阶段">
      {stages.map((stage, index) => (
        <li key={stage.key} className={`step step-${stage.state}`} aria-current={stage.state === "current" ? "step" : undefined}>
          <span className="step-mark" aria-hidden="true">{MARK[stage.state] ?? index + 1}</span>
          <span>
            {stage.name}
            <small>{stage.at ? when(stage.at) : WORD[stage.state]}</small>
          </span>
        </li>
      ))}
    </ol>
  );
  if (wide) return list;
  const at = current(stages);
  return (
    <details className="steps-fold">
      <summary>第 {at + 1} 步，共 {stages.length} 步：<strong>{stages[at]?.name ?? "尚未开始"}</strong></summary>
      {list}
    </details>
  );
}
