/** Sends what waits: at the start, when the network is back, when the page is looked at again, and every minute while something waits. */
import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";
import { useCallback, useEffect } from "react";
import { endSession } from "../api/client";
import { useNow } from "../clock/useClock";
import { openQueue, sendAll, useQueue } from "./queue";

const EVERY = 60_000;

/** One round of sending, with its outcome in words. */
export function useSend(): (only?: string) => Promise<void> {
  const { message } = App.useApp();
  const client = useQueryClient();
  const now = useNow();
  return useCallback(async (only?: string) => {
    const outcome = await sendAll(now, only);
    if (!outcome) return;
    if (outcome.sent > 0) {
      void message.success(`已上传 ${outcome.sent} 条`);
      void client.invalidateQueries();
    }
    if (outcome.refused > 0) void message.warning(`有 ${outcome.refused} 条没有被接受，请在“待上传”查看原因`, 6);
    if (outcome.stop === "login") endSession();
    if (outcome.stop === "other") window.location.reload();
    if (outcome.stop === "offline" && only) void message.info("还是没有网络，内容仍在本机");
  }, [message, client, now]);
}

export function useOutbox(person: string): void {
  const send = useSend();
  const waiting = useQueue().entries.some((one) => one.state === "waiting");
  useEffect(() => {
    void openQueue(person).then(() => send());
    // The queue is opened once for its person; sending again is the next effect's.
  }, [person]);
  useEffect(() => {
    if (!waiting) return;
    const again = () => { if (document.visibilityState === "visible") void send(); };
    const timer = window.setInterval(again, EVERY);
    window.addEventListener("online", again);
    document.addEventListener("visibilitychange", again);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener("online", again);
      document.removeEventListener("visibilitychange", again);
    };
  }, [waiting, send]);
}
