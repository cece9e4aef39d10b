/** Lists with their counters; how many are past their limit is said in words, not only in red. */
import { TabList } from "../common/TabList";
import { TABS } from "./tabs";

interface Props {
  current: string;
  counters: Record<string, Record<string, number>>;
  panel: string;
  onChange: (key: string) => void;
}

export function TabBar({ current, counters, panel, onChange }: Props) {
  return (
    <TabList
      label="事项分类" current={current} onChange={onChange} panel={panel}
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
