/** 模拟时钟: only on a server whose clock is simulated. Moving it on fires what falls due on the way. */
import { ClockCircleOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Modal } from "antd";
import { useState } from "react";
import { get, post } from "../api/client";
import type { ClockAdvance, ClockState } from "../api/types";
import { shanghai, toInstant, when } from "../common/time";
import dayjs from "dayjs";
import { useWide } from "../app/useWide";

const STEPS: { label: string; by: string }[] = [
  { label: "前进 1 小时", by: "PT1H" },
  { label: "前进 1 天", by: "P1D" },
  { label: "前进 7 天", by: "P7D" },
];

export function ClockControl() {
  const client = useQueryClient();
  const wide = useWide();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [to, setTo] = useState("");
  const { data } = useQuery({ queryKey: ["clock"], queryFn: () => get<ClockState>("/clock"), retry: false });
  const advance = useMutation({
    mutationFn: (body: ClockAdvance) => post<ClockState>("/clock/advance", body),
    onSuccess: (state) => {
      client.setQueryData(["clock"], state);
      void client.invalidateQueries();
      void message.success(`模拟时钟已到 ${when(state.now)}`);
    },
  });
  if (!data?.simulated) return null;
  const earliest = shanghai(data.now)?.format("YYYY-MM-DDTHH:mm");
  return (
    <>
      <button type="button" className="shell-tool" onClick={() => setOpen(true)} aria-label={`模拟时钟 ${when(data.now)}，打开设置`}>
        <ClockCircleOutlined aria-hidden />
        {wide ? <span>模拟时钟<br /><strong className="num">{when(data.now)}</strong></span> : <span className="num">{shanghai(data.now)?.format("M/D")}</span>}
      </button>
      <Modal open={open} title="模拟时钟" footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
        <p>现在是 <strong className="num">{when(data.now)}</strong>。前进后，期间到期的提醒、催办和定时环节会依次发生；时钟不能后退。</p>
        {advance.error && <Alert type="error" showIcon role="alert" title={advance.error.message} />}
        <div className="clock-steps">
          {STEPS.map((step) => (
            <Button key={step.by} size="large" disabled={advance.isPending} onClick={() => advance.mutate({ by: step.by })}>{step.label}</Button>
          ))}
        </div>
        <form
          className="clock-to"
          onSubmit={(event) => { event.preventDefault(); if (to) advance.mutate({ to: toInstant(dayjs(to)) }); }}
        >
          <label>
            前进到
            <input type="datetime-local" className="native-date" value={to} min={earliest} onChange={(event) => setTo(event.target.value)} />
          </label>
          <Button size="large" type="primary" htmlType="submit" disabled={!to} loading={advance.isPending}>前进</Button>
        </form>
      </Modal>
    </>
  );
}
