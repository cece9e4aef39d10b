/** Lets the server know that this device is heard of: a village whose telephone is broken is helped, not blamed for silence. */
import { useEffect, useRef } from "react";
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

/** `active`: only who holds a post of village or grid is waited for. `waiting`: entries this device keeps back; a new number is told at once. */
export function useHeartbeat(active: boolean, waiting: number): void {
  const told = useRef({ at: 0, waiting: -1 });
  useEffect(() => {
    if (!active) return;
    const beat = () => {
      if (document.visibilityState !== "visible" || (told.current.waiting === waiting && Date.now() - told.current.at < EVERY / 2)) return;
      const before = told.current;
      told.current = { at: Date.now(), waiting };
      void post("/heartbeat", { device: device(), waiting }).catch(() => { told.current = before; });
    };
    beat();
    const timer = window.setInterval(beat, EVERY);
    document.addEventListener("visibilitychange", beat);
    window.addEventListener("online", beat);
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", beat);
      window.removeEventListener("online", beat);
    };
  }, [active, waiting]);
}
