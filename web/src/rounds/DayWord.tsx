/** 每日事项: the village's word of the day – one tap when there is nothing new, a reason while the neighbours report. */
import { Alert, App, Button, Input } from "antd";
import { useState } from "react";
import type { Done } from "../api/types";
import { href, navigate } from "../app/router";
import { useNow } from "../clock/useClock";
import { day as dayWords, shanghai, when } from "../common/time";
import type { FormSchema } from "../forms/model";
import { useQueue } from "../offline/queue";
import type { Entry } from "../offline/types";
import { useHandIn } from "../offline/useHandIn";
import type { VillageToday } from "./types";
import "../forms/forms.css";

const shape = (village: VillageToday): FormSchema => ({
  components: [
    { type: "checklist", key: "done", label: "今日做了什么", values: village.items },
    { type: "textfield", key: "reason", label: "无新情况的依据" },
  ],
});

/** `refused`: the word of a day that was not accepted and is said again, for that day. */
export function DayWord({ village, refused }: { village: VillageToday; refused: Entry | null }) {
  const { message } = App.useApp();
  const now = useNow();
  const [done, setDone] = useState<string[]>(refused?.values.done ?? []);
  const [reason, setReason] = useState<string>(refused?.values.reason ?? "");
  const [open, setOpen] = useState(refused !== null);
  const write = useHandIn<Done>(refused?.key);
  const today = shanghai(now())?.format("YYYY-MM-DD") ?? "";
  const day = refused?.subject?.day ?? today;
  const kept = useQueue().entries.find((one) => one.state === "waiting" && one.kind === "day" && one.subject?.area === village.area && one.subject.day === day);
  const asks = village.neighbours > 0 || refused !== null;
  const send = () => {
    const values = { done, reason: reason.trim() || null };
    write.mutate({
      kind: "day", path: "/rounds/day", page: "/rounds", at: refused?.at ?? now(), title: village.name, body: { area: village.area, day, ...values },
      form: shape(village), values, subject: { area: village.area, day },
    }, {
      onSuccess: (handed) => {
        setOpen(false);
        if (refused) navigate("/rounds", { replace: true });
        if ("answer" in handed) void message.success(handed.answer.message);
        else void message.info("已存在本机，联网后自动上传", 6);
      },
      onError: (error) => void message.error(error.message, 6),
    });
  };
  const flip = (code: string) => setDone((before) => (before.includes(code) ? before.filter((one) => one !== code) : [...before, code]));
  const told = kept ? "⇧ 待上传" : village.said ? "✔ 已报告" : village.state;
  const silent = !kept && !village.said;
  return (
    <section className="panel day-word" aria-label={`${village.name}今日`}>
      <div className="row">
        <h2>{village.name}{day === today ? "今日" : dayWords(day)}</h2>
        <span className={kept ? "day-kept" : village.said || village.state === "已访" ? "day-ok" : "day-owed"}>{told}</span>
      </div>
      {kept && <p className="muted">{when(kept.at)} 登记，<a href={href("/outbox")}>已存在本机，联网后自动上传</a>。</p>}
      {refused && open && <Alert type="warning" showIcon title={`上次没有被接受：${refused.problem}`} />}
      {village.said && !kept && !open && <p className="muted">今日已报告，如有补充可 <button type="button" className="link-button" onClick={() => setOpen(true)}>重新填写</button>。</p>}
      {(silent || open) && (
        <>
          <div className="chips" role="group" aria-label="今日做了什么（可不选）">
            {village.items.map((one) => (
              <label key={one.value} className={`chip${done.includes(one.value) ? " chip-on" : ""}`}>
                <input type="checkbox" checked={done.includes(one.value)} onChange={() => flip(one.value)} /><span>{one.label}</span>
              </label>
            ))}
          </div>
          {asks && (
            <label className="dialog-field">
              <span>{village.neighbours > 0 ? `本镇（街）其他村（居）近 7 日上报了 ${village.neighbours} 条线索，请写明本村（居）无新情况的依据` : "请写明本村（居）无新情况的依据"}</span>
              <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} placeholder="如：已电话问询全部重点户" />
            </label>
          )}
          <Button type="primary" size="large" block loading={write.isPending} disabled={asks && reason.trim() === ""} onClick={send}>今日无新情况</Button>
        </>
      )}
    </section>
  );
}
