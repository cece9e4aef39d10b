/** Lists with their counters; how many are past their limit is said in words, not only in red. */
import { Tabs } from "antd";
import { TABS } from "./tabs";

interface Props {
  current: string;
  counters: Record<string, Record<string, number>>;
  onChange: (key: string) => void;
}

export function TabBar({ current, counters, onChange }: Props) {
  return (
    <Tabs
      activeKey={current} onChange={onChange} className="task-tabs"
      items={TABS.map((tab) => {
        const count = counters[tab.key];
        return {
          key: tab.key,
          label: (
            <>
              {tab.label}
              {count && <span className="tab-count"> {count.all}</span>}
              {count?.red ? <span className="tab-red">超期 {count.red}</span> : null}
            </>
          ),
        };
      })}
    />
  );
}
