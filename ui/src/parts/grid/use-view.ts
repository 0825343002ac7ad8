// Which rows and columns of a result are on the screen, where does each begin, and how is one brought into view?

import { useCallback, useDeferredValue, useEffect, useMemo, useState, type RefObject } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { shownColumns, shownRows, type Arrangement } from "./arrange";
import type { OpenCell } from "./cell-viewer";
import type { Shown } from "./find";
import { columnsInView, firstWidths, fitting, frozenColumns, HEADER_HEIGHT, NARROWEST, NUMBERS_WIDTH, ROW_HEIGHT, startsOf } from "./layout";
import type { Place, Selection } from "./selection";
import { useColumnWidths } from "./use-arrangement";

const WIDEST_WHEN_FIT = 1_200;

export interface View {
  /** Of each shown column its place in the result as it came. */
  order: readonly number[];
  /** Of each shown row the same. */
  at: (row: number) => number;
  shown: Shown;
}

/** What is shown of a result, by places on the screen. */
export function useView(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[], count: number, arrangement: Arrangement): View {
  const { hidden, pinned, sort, filters } = arrangement;
  const order = useMemo(() => shownColumns(columns.length, { hidden, pinned }), [columns.length, hidden, pinned]);
  // Sorting a hundred thousand rows takes a moment: while more come, and while one types, what was there stays.
  const asked = useDeferredValue(useMemo(() => ({ count, sort, filters }), [count, sort, filters]));
  const chosen = useMemo(() => shownRows(rows, asked.count, columns, asked), [rows, columns, asked]);
  return useMemo(() => {
    const at = (row: number) => (chosen === undefined ? row : (chosen[row] ?? -1));
    return { order, at, shown: { rows: chosen?.length ?? count, columns: order.length, at: (row: number, column: number) => rows[at(row)]?.[order[column] ?? -1] ?? null } };
  }, [order, chosen, count, rows]);
}

export function openCell(place: Place | undefined, { order, at }: View, columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[]): OpenCell | undefined {
  const source = place && order[place.column];
  const column = source === undefined ? undefined : columns[source];
  const row = place && rows[at(place.row)];
  return place && row && column && source !== undefined ? { column, value: row[source] ?? null, number: at(place.row) + 1, key: `${at(place.row)}-${source}` } : undefined;
}

/** A filter may have taken away what was chosen. */
export function clamped(selection: Selection, extent: { rows: number; columns: number }): Selection {
  const fit = (place: Place): Place => ({ row: Math.max(0, Math.min(place.row, extent.rows - 1)), column: Math.max(0, Math.min(place.column, extent.columns - 1)) });
  const anchor = fit(selection.anchor);
  const focus = fit(selection.focus);
  return { anchor, focus: anchor.row === focus.row && anchor.column === focus.column ? anchor : focus };
}

/** So many of the shown columns are pinned. */
export const pinnedOf = ({ pinned }: Arrangement, order: readonly number[]): number => order.findIndex((column) => !pinned.includes(column));

/** Where columns begin; what makes one wider, and as wide as what is in it. */
export function useWidths(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[], count: number, order: readonly number[]) {
  const hasRows = count > 0;
  // What the first rows say; asked again only until there are some.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- rows grow at their end; their beginning says the widths
  const atFirst = useMemo(() => firstWidths(columns, rows), [columns, hasRows]);
  const [widthOf, resize] = useColumnWidths(columns);
  const starts = useMemo(() => startsOf(order.map((column) => widthOf(column) ?? atFirst[column] ?? NARROWEST)), [order, widthOf, atFirst]);
  const fit = useCallback((column: number) => columns[column] && resize(column, fitting(columns[column], column, rows, WIDEST_WHEN_FIT)), [columns, rows, resize]);
  return [starts, resize, fit] as const;
}

/** The first and the last column to draw, and how many before them stay in their place. */
export function useColumnsInView(scroller: RefObject<HTMLDivElement | null>, starts: readonly number[], pinned: number): readonly [number, number, number] {
  const [view, setView] = useState<readonly [number, number, number]>([0, 20, 0]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) {
      return undefined;
    }
    const look = () => {
      const room = element.clientWidth - NUMBERS_WIDTH;
      const frozen = frozenColumns(starts, pinned, room);
      const [first, last] = columnsInView(starts, element.scrollLeft, room);
      const next = [Math.max(frozen, first), last, frozen] as const;
      setView((before) => (before.every((value, index) => value === next[index]) ? before : next));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, starts, pinned]);
  return view;
}

/** Scrolls no further than the cell needs to be seen. */
export function reveal(element: HTMLDivElement | null, place: Place, starts: readonly number[], frozen: number): void {
  if (element === null) {
    return;
  }
  const top = place.row * ROW_HEIGHT;
  const before = starts[frozen] ?? 0;
  const left = starts[place.column] ?? 0;
  const right = starts[place.column + 1] ?? left;
  const height = element.clientHeight - HEADER_HEIGHT;
  const width = element.clientWidth - NUMBERS_WIDTH;
  const y = top < element.scrollTop ? top : top + ROW_HEIGHT > element.scrollTop + height ? top + ROW_HEIGHT - height : element.scrollTop;
  const isFrozen = place.column < frozen;
  const x = isFrozen ? element.scrollLeft : left - before < element.scrollLeft ? left - before : right > element.scrollLeft + width ? Math.min(left - before, right - width) : element.scrollLeft;
  element.scrollTo({ top: y, left: x });
}
