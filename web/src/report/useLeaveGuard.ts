/** Nothing is kept on the server before it is sent, so leaving asks. */
import { useEffect } from "react";
import { hold } from "../app/router";

export function useLeaveGuard(active: boolean, question: string): void {
  useEffect(() => {
    if (!active) return;
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", leaving);
    const release = hold(() => window.confirm(question));
    return () => {
      window.removeEventListener("beforeunload", leaving);
      release();
    };
  }, [active, question]);
}
