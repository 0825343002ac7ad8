// How does the keyboard move in the grid, choose, copy and open?

import type { KeyboardEvent } from "react";
import { everything, led, type Extent, type Place, type Selection } from "./selection";

export interface GridActions {
  select: (selection: Selection) => void;
  /** Ctrl+C. */
  copy: () => void;
  /** Enter: the cell in full. */
  open: (place: Place) => void;
  /** Wider or narrower by so many pixels. */
  widen: (column: number, by: number) => void;
  /** Alt and down: what can be done with the column. */
  menu: (column: number) => void;
  /** Ctrl and space: all cells of the column. */
  column: (column: number) => void;
}

const STEP = 24;

/** What a key does in the grid; the page hears the keys that do nothing here. */
export function gridKeys(selection: Selection, extent: Extent, actions: GridActions): (event: KeyboardEvent) => void {
  return (event) => {
    const isControl = event.ctrlKey || event.metaKey;
    if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      actions.widen(selection.focus.column, event.key === "ArrowRight" ? STEP : -STEP);
    } else if (event.altKey && event.key === "ArrowDown") {
      actions.menu(selection.focus.column);
    } else if (isControl && event.key === " ") {
      actions.column(selection.focus.column);
    } else if (isControl && event.key.toLowerCase() === "c") {
      // Words that were marked with the mouse are the browser's to copy.
      if ((getSelection()?.toString() ?? "") !== "") {
        return;
      }
      actions.copy();
    } else if (isControl && event.key.toLowerCase() === "a") {
      actions.select(everything(extent));
    } else if (event.key === "Enter") {
      actions.open(selection.focus);
    } else if (event.key === "Escape" && selection.anchor !== selection.focus) {
      actions.select({ anchor: selection.focus, focus: selection.focus });
    } else {
      const focus = led(selection.focus, event.key, isControl, extent);
      if (focus === undefined) {
        return;
      }
      actions.select({ anchor: event.shiftKey ? selection.anchor : focus, focus });
    }
    event.preventDefault();
  };
}
