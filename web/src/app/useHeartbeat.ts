/** Lets the server know that this device is heard of: a village whose telephone is broken is helped, not blamed for silence. */
import { useEffect } from "react";
import { post, uuid } from "../api/client";

const EVERY = 30 * 60_000;
const NAME = "xunzhen-device";

function device(): string {
  try {
    const known = window.localStorage.getItem(NAME);
    if (known) return known;
    const made = uuid();
    window.localStorage.setItem(NAME, made);
    return made;
  } catch {
    return "no-storage"; // a browser that keeps nothing is one device per person
  }
}

/** `active`: only who holds a post of village or grid is waited for. */
export function useHeartbeat(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    let last = 0;
    const beat = () => {
      if (document.visibilityState !== "visible" || Date.now() - last < EVERY / 2) return;
      last = Date.now();
      void post("/heartbeat", { device: device(), waiting: 0 }).catch(() => undefined);
    };
    beat();
    const timer = window.setInterval(beat, EVERY);
    document.addEventListener("visibilitychange", beat);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", beat);
    };
  }, [active]);
}
