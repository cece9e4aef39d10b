/** Tabs that scroll sideways on a phone; arrow keys move, as the ARIA pattern asks. */
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";
import "./tabs.css";

export interface TabItem {
  key: string;
  label: ReactNode;
}

interface Props {
  label: string;
  items: TabItem[];
  current: string;
  onChange: (key: string) => void;
  /** Id of the element the tabs switch. */
  panel: string;
}

const MOVES: Record<string, (at: number, count: number) => number> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

export const tabId = (panel: string, key: string): string => `${panel}-tab-${key}`;

export function TabList({ label, items, current, onChange, panel }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (!list.current || !chosen) return;
    list.current.scrollLeft = chosen.offsetLeft - list.current.clientWidth / 2 + chosen.offsetWidth / 2;
  }, [current]);
  const move = (event: KeyboardEvent) => {
    const step = MOVES[event.key];
    if (!step) return;
    event.preventDefault();
    const next = items[step(items.findIndex((item) => item.key === current), items.length)];
    onChange(next.key);
    document.getElementById(tabId(panel, next.key))?.focus();
  };
  return (
    <div ref={list} className="tab-list" role="tablist" aria-label={label} onKeyDown={move}>
      {items.map((item) => (
        <button
          key={item.key} type="button" role="tab" id={tabId(panel, item.key)} aria-selected={item.key === current} aria-controls={panel}
          tabIndex={item.key === current ? 0 : -1} onClick={() => onChange(item.key)}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}

export function TabPanel({ id, current, children }: { id: string; current: string; children: ReactNode }) {
  return <div id={id} role="tabpanel" aria-labelledby={tabId(id, current)}>{children}</div>;
}
