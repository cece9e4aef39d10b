/** Moving the simulated clock on: what falls due on the way happens on the way. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, DatePicker, Modal } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { post } from "../api/client";
import type { ClockAdvance, ClockState } from "../api/types";
import { toInstant, toWall, when } from "../common/time";
import { useWide } from "../app/useWide";

const STEPS: { label: string; by: string }[] = [
  { label: "前进 1 小时", by: "PT1H" },
  { label: "前进 1 天", by: "P1D" },
  { label: "前进 7 天", by: "P7D" },
];

export function ClockDialog({ state, onClose }: { state: ClockState; onClose: () => void }) {
  const client = useQueryClient();
  const wide = useWide();
  const { message } = App.useApp();
  const [to, setTo] = useState<Dayjs | null>(null);
  const advance = useMutation({
    mutationFn: (body: ClockAdvance) => post<ClockState>("/clock/advance", body),
    onSuccess: (next) => {
      client.setQueryData(["clock"], next);
      void client.invalidateQueries();
      void message.success(`模拟时钟已到 ${when(next.now)}`);
    },
  });
  return (
    <Modal open title="模拟时钟" footer={null} onCancel={onClose}>
      <p>现在是 <strong className="num">{when(state.now)}</strong>。前进后，期间到期的提醒、催办和定时环节会依次发生；时钟不能后退。</p>
      {advance.error && <Alert type="error" showIcon role="alert" title={advance.error.message} />}
      <div className="clock-steps">
        {STEPS.map((step) => (
          <Button key={step.by} size="large" disabled={advance.isPending} onClick={() => advance.mutate({ by: step.by })}>{step.label}</Button>
        ))}
      </div>
      <form className="clock-to" onSubmit={(event) => { event.preventDefault(); if (to) advance.mutate({ to: toInstant(to) }); }}>
        <label htmlFor="clock-to">前进到</label>
        <DatePicker
          id="clock-to" className="field-select" value={to} minDate={toWall(state.now) ?? undefined} showTime={{ format: "HH:mm" }} format="YYYY-MM-DD HH:mm"
          needConfirm={false} inputReadOnly={!wide} placeholder="选择日期和时间" onChange={setTo}
        />
        <Button size="large" type="primary" htmlType="submit" disabled={!to} loading={advance.isPending}>前进</Button>
      </form>
    </Modal>
  );
}
