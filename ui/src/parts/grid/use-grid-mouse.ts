// How does the mouse choose cells?

import type { MouseEvent } from "react";
import type { Place, Selection } from "./selection";

function placeOf(event: MouseEvent): { row: number; column: number | undefined } | undefined {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const row = target?.closest<HTMLElement>("[data-row]")?.dataset["row"];
  const column = target?.closest<HTMLElement>("[data-column]")?.dataset["column"];
  return row === undefined ? undefined : { row: Number(row), column: column === undefined ? undefined : Number(column) };
}

/** A press chooses a cell, or a row by its number; with shift or by drawing it chooses up to there. */
export function gridMouse(selection: Selection, setSelection: (selection: Selection) => void, columns: number, open: (place: Place) => void) {
  const choose = (event: MouseEvent, goesOn: boolean) => {
    const at = placeOf(event);
    if (at === undefined) {
      return;
    }
    const isRow = at.column === undefined;
    const focus = { row: at.row, column: at.column ?? columns - 1 };
    const anchor = goesOn ? selection.anchor : isRow ? { row: at.row, column: 0 } : focus;
    if (focus.row !== selection.focus.row || focus.column !== selection.focus.column || !goesOn) {
      setSelection({ anchor, focus });
    }
  };
  return {
    onMouseDown: (event: MouseEvent) => event.button === 0 && choose(event, event.shiftKey),
    onMouseMove: (event: MouseEvent) => event.buttons === 1 && choose(event, true),
    onDoubleClick: (event: MouseEvent) => {
      const at = placeOf(event);
      if (at?.column !== undefined) {
        open({ row: at.row, column: at.column });
      }
    },
  };
}
