// Which row was opened on another page, so that going back leads to it?

import { useEffect, useRef } from "react";

interface Opened {
  /** The entry of the browser's history that the table was in. */
  entry: string;
  row: string;
}

/** For so many frames it is tried: a second or less. */
const FRAMES_MAX = 40;

const opened = new Map<string, Opened>();

/** The router gives each entry a key; empty where there is none. */
const entryNow = (): string => String((history.state as { __TSR_key?: string } | null)?.__TSR_key ?? "");

export function noteOpened(table: string, row: string): void {
  opened.set(table, { entry: entryNow(), row });
}

/** Whoever looks at the heading or at nothing has not begun to do something else. */
const isElsewhere = (): boolean => {
  const active = document.activeElement;
  return active !== null && active !== document.body && !active.matches("h1,main");
};

/** After going back to the entry of the table, calls `go` with the row that was opened from it. */
export function useReturnTo(table: string, go: (row: string) => void): void {
  const latest = useRef(go);
  useEffect(() => {
    latest.current = go;
  });
  useEffect(() => {
    const known = opened.get(table);
    if (known && known.entry !== "" && known.entry === entryNow()) {
      // After the page has put the focus on its heading, and once the row is drawn.
      let left = FRAMES_MAX;
      let frame = requestAnimationFrame(function attempt() {
        if (isElsewhere() || left === 0) {
          opened.delete(table);
          return;
        }
        left -= 1;
        latest.current(known.row);
        frame = requestAnimationFrame(attempt);
      });
      return () => cancelAnimationFrame(frame);
    }
    return undefined;
  }, [table]);
}
