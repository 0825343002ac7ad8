// How does the keyboard move through rows?

import { useState, type KeyboardEvent } from "react";

const PAGE = 10;

/** One row can be reached by Tab; arrows, j and k, Home, End and the page keys move; Enter opens. */
export function useRowKeys(rows: number, show: (index: number) => void, open: (index: number) => void) {
  const [chosen, setCurrent] = useState(0);
  const current = Math.min(chosen, Math.max(rows - 1, 0));
  const go = (grid: Element | null, index: number) => {
    if (grid === null || index < 0 || rows === 0) {
      return;
    }
    const next = Math.max(0, Math.min(rows - 1, index));
    setCurrent(next);
    show(next);
    requestAnimationFrame(() => grid.querySelector<HTMLElement>(`[data-row="${next}"]`)?.focus({ preventScroll: true }));
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset["row"] === undefined || event.metaKey || event.ctrlKey || event.altKey) {
      return;
    }
    const moves: Record<string, number> = { ArrowDown: current + 1, j: current + 1, ArrowUp: current - 1, k: current - 1, Home: 0, End: rows - 1, PageDown: current + PAGE, PageUp: current - PAGE };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      go(event.currentTarget, Math.max(0, next));
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(current);
    }
  };
  return { current, setCurrent, go, onKeyDown };
}
