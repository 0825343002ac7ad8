// What is chosen, open and looked for in a grid, and what do keys, mouse and menus change of that?

import { useCallback, useEffect, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { copyText } from "~/ui/copy";
import { count as counted } from "~/ui/format";
import type { Arrangement } from "./arrange";
import { toText, type Part } from "./copy";
import { HEADER_HEIGHT, NARROWEST, ROW_HEIGHT } from "./layout";
import { isOne, rectangle, type Place, type Selection } from "./selection";
import { useArrangement } from "./use-arrangement";
import { useFind } from "./use-find";
import { gridKeys } from "./use-grid-keys";
import { gridMouse } from "./use-grid-mouse";
import { clamped, openCell, pinnedOf, reveal, useColumnsInView, useView, useWidths } from "./use-view";

const AT_FIRST: Selection = { anchor: { row: 0, column: 0 }, focus: { row: 0, column: 0 } };
/** Until it is known how high the window is. */
const HEIGHT_AT_FIRST = 400;

/** The same function each time, which does what the latest one does: what is drawn with it stays drawn. */
function useStable<A extends unknown[], R>(latest: (...given: A) => R): (...given: A) => R {
  const current = useRef(latest);
  useEffect(() => {
    current.current = latest;
  });
  return useCallback((...given: A) => current.current(...given), []);
}

export function useResultGrid(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[], count: number) {
  const scroller = useRef<HTMLDivElement>(null);
  const [selection, setSelection] = useState(AT_FIRST);
  const [opened, setOpened] = useState<Place>();
  const [isFinding, setFinding] = useState(false);
  const [arrangement, arrange] = useArrangement(columns);
  const view = useView(columns, rows, count, arrangement);
  const { order, at, shown } = view;
  const [starts, resize, fit] = useWidths(columns, rows, count, order);
  const [first, last, frozen] = useColumnsInView(scroller, starts, pinnedOf(arrangement, order));
  const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? HEIGHT_AT_FIRST) - HEADER_HEIGHT) / ROW_HEIGHT) - 1);
  const extent = { rows: shown.rows, columns: order.length, page };
  const within = clamped(selection, extent);
  const area = rectangle(within);
  const hasRows = shown.rows > 0 && order.length > 0;
  const select = (next: Selection) => {
    setSelection(next);
    reveal(scroller.current, next.focus, starts, frozen);
  };
  const one = (place: Place) => select({ anchor: place, focus: place });
  const finding = useFind(isFinding, shown, within.focus, one);
  const part = (top: number, bottom: number, left: number, right: number): Part => {
    const chosen = order.slice(left, right + 1);
    const taken = Array.from({ length: Math.max(0, Math.min(bottom + 1, shown.rows) - top) }, (_, index) => chosen.map((column) => rows[at(top + index)]?.[column] ?? null));
    return { columns: chosen.flatMap((column) => columns[column] ?? []), rows: taken };
  };
  const chosenPart = () => part(area.top, area.bottom, area.left, area.right);
  const chooseColumn = useCallback((place: number) => setSelection({ anchor: { row: Number.MAX_SAFE_INTEGER, column: place }, focus: { row: 0, column: place } }), []);
  const copyColumn = useStable((column: number) => {
    const place = order.indexOf(column);
    void copyText(toText(part(0, shown.rows - 1, place, place)), `${counted(shown.rows, "value")} copied`);
  });
  const menu = useColumnMenu(scroller, arrangement, arrange);
  const keys = gridKeys(within, extent, {
    select,
    copy: () => void copyText(toText(chosenPart()), isOne(within) ? "Cell copied" : `${counted(area.bottom - area.top + 1, "row")} copied`),
    open: (place) => hasRows && setOpened(place),
    widen: (place, by) => order[place] !== undefined && resize(order[place], Math.max(NARROWEST, (starts[place + 1] ?? 0) - (starts[place] ?? 0) + by)),
    menu: menu.open,
    column: chooseColumn,
  });
  // What is pressed in a menu that was opened here is the menu's.
  const onKeyDown = (event: KeyboardEvent) => event.target === event.currentTarget && keys(event);
  const onFind = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f" && count > 0) {
      event.preventDefault();
      setFinding(true);
    }
  };
  const step = (by: 1 | -1) => {
    if (opened && opened.row + by >= 0 && opened.row + by < shown.rows) {
      const next = { ...opened, row: opened.row + by };
      setOpened(next);
      one(next);
    }
  };
  const closeFind = () => {
    setFinding(false);
    scroller.current?.focus();
  };
  return {
    scroller,
    arrangement,
    menu,
    view,
    layout: { starts, first, last, frozen, resize, fit },
    selection: within,
    area,
    hasRows,
    all: () => part(0, shown.rows - 1, 0, order.length - 1),
    chosenPart,
    chooseColumn,
    copyColumn,
    finding,
    isFinding,
    startFind: () => setFinding(true),
    closeFind,
    onFind,
    keysAndMouse: { onKeyDown, ...gridMouse(within, setSelection, order.length, setOpened) },
    opened: openCell(opened, view, columns, rows),
    open: hasRows ? () => setOpened(within.focus) : undefined,
    close: () => setOpened(undefined),
    step,
  };
}

/** The menu of a column, and where the keyboard goes when it is closed: to the text of a new filter, else back to the cells. */
function useColumnMenu(scroller: RefObject<HTMLDivElement | null>, arrangement: Arrangement, arrange: (arrangement: Arrangement) => void) {
  const [place, open] = useState<number>();
  const filterInput = useRef<HTMLInputElement>(null);
  const isForFilter = useRef(false);
  const change = useStable((next: Arrangement) => {
    isForFilter.current = next.filters.length > arrangement.filters.length;
    arrange(next);
  });
  const onClosed = useCallback(
    (event: Event) => {
      event.preventDefault();
      const next = isForFilter.current ? filterInput.current : scroller.current;
      isForFilter.current = false;
      next?.focus({ preventScroll: true });
    },
    [scroller],
  );
  return { place, open, change, filterInput, onClosed };
}
