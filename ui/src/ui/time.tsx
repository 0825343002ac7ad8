// When was it? Relative at a glance, exact when pointed at.

import { useSyncExternalStore } from "react";
import { ago, moment } from "./format";

const TICK_MS = 5_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

// One and the same for every part: what is made while rendering would be a new subscription each time.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    // It stood still while nobody looked.
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      listeners.forEach((one) => one());
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** The time, to a few seconds; all parts of the page change together. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

export function RelativeTime({ at, className }: { at: string | number | null | undefined; className?: string }) {
  const current = useNow();
  if (at === null || at === undefined) {
    return <span className={className}>never</span>;
  }
  const instant = new Date(at);
  // What has just happened is later than the last tick: it is not in the future for that.
  const ahead = instant.getTime() - current;
  const shown = ahead > 0 && ahead <= 2 * TICK_MS ? instant.getTime() : current;
  return (
    <time dateTime={instant.toISOString()} title={moment(instant.getTime())} className={className}>
      {ago(instant.getTime(), shown)}
    </time>
  );
}
