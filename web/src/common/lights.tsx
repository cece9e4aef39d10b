/** 红黄绿灯: always shape + words + date, never colour alone (people.md 3.5). */
import type { Due, Light as LightKey } from "../api/types";
import "./lights.css";

interface LightWords {
  /** One word for filters and legends. */
  word: string;
  /** The shape, distinguishable without colour. */
  shape: string;
}

export const LIGHTS: Record<LightKey, LightWords> = {
  normal: { word: "正常", shape: "○" },
  soon: { word: "临期", shape: "△" },
  today: { word: "今日到期", shape: "◔" },
  overdue: { word: "超期", shape: "■" },
  paused: { word: "已中止", shape: "‖" },
  extended: { word: "已延期", shape: "↗" },
  provisional: { word: "未定", shape: "?" },
  none: { word: "无时限", shape: "–" },
};

/** The words of a light; the server's own sentence wins, and without one the bare word is said. */
export function dueWords(due: Due): string {
  return due.text || LIGHTS[due.light].word;
}

/** Shape and words of a light, wherever no whole deadline is at hand. */
export function Light({ light, words }: { light: LightKey; words: string }) {
  return (
    <span className={`light light-${light}`}>
      <span className="light-shape" aria-hidden="true">{(LIGHTS[light] ?? LIGHTS.none).shape}</span>
      <span>{words}</span>
    </span>
  );
}

export function DueTag({ due, term = false }: { due: Due; term?: boolean }) {
  const light = LIGHTS[due.light] ?? LIGHTS.none;
  return (
    <span className={`light light-${due.light}`}>
      <span className="light-shape" aria-hidden="true">{light.shape}</span>
      <span>
        {dueWords(due)}
        {term && due.term_name && <span className="light-term">{due.term_name}</span>}
        {due.provisional && due.light !== "provisional" && <span className="light-term">暂定</span>}
      </span>
    </span>
  );
}
