/** 每日事项: the village's word of the day – one tap when there is nothing new, a reason while the neighbours report. */
import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useState } from "react";
import { useWrite } from "../api/queries";
import type { Done } from "../api/types";
import type { VillageToday } from "./types";
import "../forms/forms.css";

export function DayWord({ village }: { village: VillageToday }) {
  const { message } = App.useApp();
  const client = useQueryClient();
  const [done, setDone] = useState<string[]>([]);
  const [reason, setReason] = useState("");
  const [open, setOpen] = useState(false);
  const write = useWrite<unknown, Done>("/rounds/day");
  const asks = village.neighbours > 0;
  const send = () => write.mutate({ area: village.area, done, reason: reason.trim() || null }, {
    onSuccess: (answer) => { void message.success(answer.message); setOpen(false); for (const key of ["rounds", "coverage"]) void client.invalidateQueries({ queryKey: [key] }); },
    onError: (error) => void message.error(error.message, 6),
  });
  const flip = (code: string) => setDone((before) => (before.includes(code) ? before.filter((one) => one !== code) : [...before, code]));
  return (
    <section className="panel day-word" aria-label={`${village.name}今日`}>
      <div className="row">
        <h2>{village.name}今日</h2>
        <span className={village.said || village.state === "已访" ? "day-ok" : "day-owed"}>{village.said ? "✔ 已报告" : village.state}</span>
      </div>
      {village.said && !open && <p className="muted">今日已报告，如有补充可 <button type="button" className="link-button" onClick={() => setOpen(true)}>重新填写</button>。</p>}
      {(!village.said || open) && (
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
              <span>本镇（街）其他村（居）近 7 日上报了 {village.neighbours} 条线索，请写明本村（居）无新情况的依据</span>
              <Input value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} placeholder="如：已电话问询全部重点户" />
            </label>
          )}
          <Button type="primary" size="large" block loading={write.isPending} disabled={asks && reason.trim() === ""} onClick={send}>今日无新情况</Button>
        </>
      )}
    </section>
  );
}
