/** What the linter says, and what the draft changes, both in words that lead to the drawing. */
import { Button } from "antd";
import type { Finding } from "../api/types";
import type { Comparison } from "./words";

const SEVERITY = { error: "错误", warning: "警告", info: "提示" } as const;

export function Findings({ found, onShow }: { found: Finding[]; onShow: (element: string | null, file: string) => void }) {
  const errors = found.filter((one) => one.severity === "error").length;
  return (
    <section aria-label="检查结果">
      <h2>检查结果：{found.length === 0 ? "没有问题" : `${errors} 个错误，${found.length - errors} 个提醒`}</h2>
      {found.length > 0 && (
        <ul className="design-list" tabIndex={0} aria-label="检查结果">
          {found.map((one, at) => (
            <li key={at} className={`design-${one.severity}`}>
              <Button type="link" size="small" disabled={!one.element} onClick={() => onShow(one.element, one.file)}>
                {SEVERITY[one.severity]}：{one.name ?? one.element ?? one.file}
              </Button>
              {one.message}。{one.remedy}。
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** `compact`: inside a dialog, without links to the drawing. */
export function Changes({ found, onShow }: { found: Comparison | undefined; onShow?: (element: string | null, file: string) => void }) {
  if (!found) return <p className="muted">正在比较…</p>;
  const against = found.version ? `与现行第 ${found.version} 版相比` : "新的流程包";
  return (
    <section aria-label="改动内容">
      <h2>改动内容（{against}）：{found.changes.length === 0 ? "没有改动" : `${found.changes.length} 处`}</h2>
      {found.changes.length > 0 && (
        <ul className="design-list design-changes" tabIndex={0} aria-label="改动内容">
          {found.changes.map((one, at) => (
            <li key={at}>
              {one.text}
              {onShow && one.element && one.file.endsWith(".bpmn") && one.kind !== "removed" && <Button type="link" size="small" onClick={() => onShow(one.element, one.file)}>看图</Button>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
