/** 模拟时钟: only on a server whose clock is simulated. */
import { ClockCircleOutlined } from "@ant-design/icons";
import { lazy, Suspense, useState } from "react";
import { shanghai, when } from "../common/time";
import { useWide } from "../app/useWide";
import { useClock } from "./useClock";

const ClockDialog = lazy(async () => ({ default: (await import("./ClockDialog")).ClockDialog }));

export function ClockControl() {
  const wide = useWide();
  const [open, setOpen] = useState(false);
  const { data } = useClock();
  if (!data?.simulated) return null;
  return (
    <>
      <button type="button" className="shell-tool" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <ClockCircleOutlined aria-hidden />
        <span className={wide ? undefined : "sr-only"}>模拟时钟{wide ? <br /> : " "}<strong className="num">{when(data.now)}</strong></span>
        {!wide && <span className="num" aria-hidden="true">{shanghai(data.now)?.format("M月D日")}</span>}
      </button>
      {open && (
        <Suspense>
          <ClockDialog state={data} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
