/** 值班表: a town's month day by day, the hours nobody is planned for, who is on duty now. */
import { LeftOutlined, PhoneOutlined, RightOutlined } from "@ant-design/icons";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Popconfirm, Select, Skeleton } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { get } from "../api/client";
import { PageHead } from "../common/PageHead";
import { Problem } from "../common/Problem";
import { shanghai, when } from "../common/time";
import { useAddress } from "../common/useAddress";
import { useAreas } from "../forms/fields/AreaControl";
import { useChange } from "../organisation/dialogs";
import { RotateDialog, TurnDialog } from "./dutyDialogs";
import type { Gap, RosterMonth, Turn } from "./types";
import "./duty.css";

export function DutyPage() {
  const address = useAddress();
  const [open, setOpen] = useState<"turn" | "rotate" | null>(null);
  const [town, month] = [address.get("town"), address.get("month")];
  const { data, error, refetch } = useQuery({ queryKey: ["roster", town, month], placeholderData: keepPreviousData, queryFn: ({ signal }) => get<RosterMonth>("/roster", { town, month }, signal) });
  const { data: areas = [] } = useAreas();
  const towns = areas.filter((area) => area.tier === "town").map((area) => ({ value: area.path, label: area.name }));
  const go = (months: number) => data && address.set({ month: dayjs(`${data.month}-01`).add(months, "month").format("YYYY-MM") });
  return (
    <>
      <PageHead title="值班表" hint={data && `${data.name} · 急难线索随时找得到人；没有排班的时段由服务办全体接收`}>
        {data?.may_plan && <Button onClick={() => setOpen("turn")}>排一班</Button>}
        {data?.may_plan && <Button type="primary" onClick={() => setOpen("rotate")}>轮流排班</Button>}
      </PageHead>
      {error && <Problem error={error} retry={() => void refetch()} />}
      {!data && !error && <div className="panel"><Skeleton active paragraph={{ rows: 8 }} /></div>}
      {data && (
        <div className="stack">
          <Now data={data} />
          <div className="filters">
            <span className="row">
              <Button icon={<LeftOutlined />} aria-label="上个月" onClick={() => go(-1)} />
              <strong className="duty-month">{dayjs(`${data.month}-01`).format("YYYY年M月")}</strong>
              <Button icon={<RightOutlined />} aria-label="下个月" onClick={() => go(1)} />
            </span>
            {towns.length > 1 && <Select aria-label="镇（街）" value={data.town} options={towns} showSearch={{ optionFilterProp: "label" }} onChange={(next) => address.set({ town: next })} />}
          </div>
          <Gaps gaps={data.gaps} />
          <Month data={data} />
        </div>
      )}
      {open === "turn" && data && <TurnDialog data={data} close={() => setOpen(null)} />}
      {open === "rotate" && data && <RotateDialog data={data} close={() => setOpen(null)} />}
    </>
  );
}

function Now({ data }: { data: RosterMonth }) {
  const planned = data.on_duty.some((one) => one.planned);
  return (
    <section className="panel duty-now" aria-label="现在值班">
      <h2>现在值班</h2>
      {!planned && <p className="duty-gap">此刻没有排班，由服务办全体接收：</p>}
      <ul className="plain-list row">
        {data.on_duty.map((one) => (
          <li key={one.name}><strong>{one.name}</strong>{one.phone ? <a href={`tel:${one.phone}`}> <PhoneOutlined aria-hidden /> {one.phone}</a> : <span className="muted">（未登记电话）</span>}</li>
        ))}
        {data.on_duty.length === 0 && <li className="duty-gap">没有任何人可以接收，请立即排班或任职。</li>}
      </ul>
    </section>
  );
}

function Gaps({ gaps }: { gaps: Gap[] }) {
  if (gaps.length === 0) return <Alert type="success" showIcon title="本月每个时段都有人值班。" />;
  return (
    <Alert
      type="warning" showIcon title={`本月有 ${gaps.length} 段时间没有排班`}
      description={<ul className="plain-list">{gaps.slice(0, 6).map((gap) => <li key={gap.begins}>{when(gap.begins)} 至 {when(gap.ends)}</li>)}{gaps.length > 6 && <li>…</li>}</ul>}
    />
  );
}

const touches = (turn: { begins: string; ends: string }, from: dayjs.Dayjs) =>
  (shanghai(turn.begins)?.valueOf() ?? 0) < from.add(1, "day").valueOf() && (shanghai(turn.ends)?.valueOf() ?? 0) > from.valueOf();

function Month({ data }: { data: RosterMonth }) {
  const first = dayjs(`${data.month}-01T00:00:00+08:00`).utcOffset(8 * 60);
  const days = Array.from({ length: first.daysInMonth() }, (_, n) => first.add(n, "day"));
  const before = (first.day() + 6) % 7; // the week begins on Monday
  return (
    <ol className="duty-grid" aria-label={`${data.month} 值班`}>
      {["一", "二", "三", "四", "五", "六", "日"].map((name) => <li key={name} className="duty-week" aria-hidden>周{name}</li>)}
      {before > 0 && <li aria-hidden className="duty-blank" style={{ gridColumn: `span ${before}` }} />}
      {days.map((date) => {
        const turns = data.turns.filter((turn) => (shanghai(turn.begins)?.isSame(date, "day") ?? false));
        const gap = data.gaps.some((one) => touches(one, date));
        return (
          <li key={date.date()} className={gap ? "duty-day duty-open" : "duty-day"}>
            <span className="duty-date">{date.date()}日<span className="duty-name"> 周{"日一二三四五六"[date.day()]}</span></span>
            {turns.map((turn) => <TurnChip key={turn.id} turn={turn} />)}
            {gap && <span className="duty-gap">{turns.length ? "有空档" : "未排班"}</span>}
          </li>
        );
      })}
    </ol>
  );
}

function TurnChip({ turn }: { turn: Turn }) {
  const { message } = App.useApp();
  const write = useChange(`/roster/${turn.id}/remove`);
  const remove = () => write.mutate({}, { onSuccess: (done) => void message.success(done.message), onError: (error) => void message.error(error.message) });
  const text = `${shanghai(turn.begins)?.format("HH:mm")}–${shanghai(turn.ends)?.format(shanghai(turn.ends)?.isSame(shanghai(turn.begins), "day") ? "HH:mm" : "次日HH:mm")}`;
  return (
    <span className="duty-turn">
      <strong>{turn.name}</strong> <small>{text}</small>
      {turn.may_remove && <Popconfirm title={`撤去${turn.name}的这一班？`} okText="撤班" cancelText="不" onConfirm={remove}><Button type="text" size="small" aria-label={`撤去${turn.name}的这一班`}>×</Button></Popconfirm>}
    </span>
  );
}
