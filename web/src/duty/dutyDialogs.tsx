/** One turn, or whole days by turns. */
import { DatePicker, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { toInstant } from "../common/time";
import { Day, Labelled, WriteDialog } from "../organisation/dialogs";
import type { RosterMonth } from "./types";

export function TurnDialog({ data, close }: { data: RosterMonth; close: () => void }) {
  const [person, setPerson] = useState<string>();
  const [begins, setBegins] = useState<Dayjs | null>(null);
  const [ends, setEnds] = useState<Dayjs | null>(null);
  const picker = (label: string, value: Dayjs | null, set: (next: Dayjs | null) => void) => (
    <Labelled label={label}><DatePicker className="field-select" aria-label={label} showTime={{ format: "HH:mm", minuteStep: 10 }} format="YYYY-MM-DD HH:mm" value={value} onChange={(next: Dayjs | null) => set(next)} /></Labelled>
  );
  return (
    <WriteDialog title="排一班" okText="排班" path="/roster" ready={Boolean(person && begins && ends?.isAfter(begins))} close={close} body={() => ({ town: data.town, person, begins: begins && toInstant(begins), ends: ends && toInstant(ends) })}>
      <Labelled label="值班人" id="turn-person"><Select id="turn-person" className="field-select" aria-label="值班人" value={person} onChange={setPerson} options={data.people} placeholder="选择本镇（街）人员" /></Labelled>
      {picker("开始", begins, (next) => { setBegins(next); if (next && !ends) setEnds(next.add(1, "day")); })}
      {picker("结束", ends, setEnds)}
    </WriteDialog>
  );
}

export function RotateDialog({ data, close }: { data: RosterMonth; close: () => void }) {
  const month = dayjs(`${data.month}-01`);
  const [people, setPeople] = useState<string[]>([]);
  const [first, setFirst] = useState<string | null>(month.format("YYYY-MM-DD"));
  const [last, setLast] = useState<string | null>(month.endOf("month").format("YYYY-MM-DD"));
  return (
    <WriteDialog title="轮流排班" okText="排班" path="/roster/rotate" ready={people.length > 0 && Boolean(first && last)} close={close} body={() => ({ town: data.town, people, first, last })}>
      <Labelled label="按这个次序轮流" id="rotate-people"><Select id="rotate-people" className="field-select" mode="multiple" aria-label="值班人员" value={people} onChange={setPeople} options={data.people} placeholder="依次选择" /></Labelled>
      <Day label="自" value={first} onChange={setFirst} />
      <Day label="至（含当日）" value={last} onChange={setLast} min={first ?? undefined} />
      <p className="muted">每班自 8:30 到次日 8:30；已经排过的日子不变。</p>
    </WriteDialog>
  );
}
