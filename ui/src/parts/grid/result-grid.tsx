// How is a result shown: any number of rows and columns, of which only those in view are drawn?

import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useId, useMemo, useRef, useState, type MouseEvent, type ReactNode, type RefObject } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { copyText } from "~/ui/copy";
import { count as counted } from "~/ui/format";
import { CellViewer } from "./cell-viewer";
import { toText, type Part } from "./copy";
import { GridBar } from "./grid-bar";
import { GridHeader } from "./grid-header";
import { cellId, GridRow } from "./grid-row";
import { columnsInView, firstWidths, fitting, HEADER_HEIGHT, NARROWEST, NUMBERS_WIDTH, ROW_HEIGHT, startsOf } from "./layout";
import { isOne, rectangle, type Place, type Selection } from "./selection";
import { gridKeys } from "./use-grid-keys";

export interface ResultGridProps {
  /** What the result is of: its name for screen readers. */
  label: string;
  columns: readonly ResultColumn[];
  /** Rows may be added at its end while it is shown. */
  rows: readonly (readonly Cell[])[];
  /** How many of them there are: what makes the grid look again. */
  count: number;
  /** `postgres`, `mysql`, `sqlite`: how INSERTs are written. */
  engine: string;
  /** What INSERTs are into. */
  table?: string;
  /** How it ended, in the bar above it. */
  status?: ReactNode;
  /** CSS height of the scrolling part. */
  height?: string;
}

const AT_FIRST: Selection = { anchor: { row: 0, column: 0 }, focus: { row: 0, column: 0 } };
/** Few rows need no more room than they fill. */
const SCROLLBAR = 16;
const EMPTY_ROWS = 1;
const WIDEST_WHEN_FIT = 1_200;

/** Give it the result's id as `key`: another result begins at its first cell. */
export function ResultGrid({ label, columns, rows, count, engine, table = "result", status, height = "min(60vh, 44rem)" }: ResultGridProps) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [selection, setSelection] = useState(AT_FIRST);
  const [opened, setOpened] = useState<Place>();
  const [chosen, setChosen] = useState<Record<number, number>>({});
  const atFirst = useFirstWidths(columns, rows, count);
  const starts = useMemo(() => startsOf(atFirst.map((width, index) => chosen[index] ?? width)), [atFirst, chosen]);
  const [first, last] = useColumnsInView(scroller, starts);
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 10, scrollMargin: HEADER_HEIGHT });
  const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEADER_HEIGHT) / ROW_HEIGHT) - 1);
  const extent = { rows: count, columns: columns.length, page };
  const area = rectangle(selection);
  const resize = useCallback((column: number, width: number) => setChosen((before) => ({ ...before, [column]: width })), []);
  const fit = useCallback((index: number) => columns[index] && resize(index, fitting(columns[index], index, rows, WIDEST_WHEN_FIT)), [columns, rows, resize]);
  const select = (next: Selection) => {
    setSelection(next);
    reveal(scroller.current, next.focus, starts);
  };
  const part = (): Part => ({ columns: columns.slice(area.left, area.right + 1), rows: rows.slice(area.top, area.bottom + 1).map((row) => row.slice(area.left, area.right + 1)) });
  const copy = () => void copyText(toText(part()), isOne(selection) ? "Cell copied" : `${counted(area.bottom - area.top + 1, "row")} copied`);
  const widen = (column: number, by: number) => resize(column, Math.max(NARROWEST, (starts[column + 1] ?? 0) - (starts[column] ?? 0) + by));
  const onKeyDown = gridKeys(selection, extent, { select, copy, open: (place) => count > 0 && setOpened(place), widen });
  const mouse = useMouse(selection, setSelection, columns.length, setOpened);
  const hasRows = count > 0 && columns.length > 0;
  const drawn = virtual.getVirtualItems();
  const { focus } = selection;
  // A cell that was scrolled out of view is not there to be named.
  const isDrawn = hasRows && focus.column >= first && focus.column <= last && drawn.some((item) => item.index === focus.row);
  return (
    <div className="min-w-0">
      <GridBar status={status} all={{ columns, rows }} count={count} selection={selection} part={part} table={table} engine={engine} onOpen={hasRows ? () => setOpened(selection.focus) : undefined} />
      <div
        ref={scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={count + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={isDrawn ? cellId(id, focus.row, focus.column) : undefined}
        tabIndex={0}
        className="scroll-thin relative overflow-auto border-t border-line bg-surface select-none focus-visible:-outline-offset-2"
        style={{ height: `min(${height}, ${HEADER_HEIGHT + Math.max(count, EMPTY_ROWS) * ROW_HEIGHT + SCROLLBAR}px)`, contain: "strict" }}
        onKeyDown={onKeyDown}
        {...mouse}
      >
        <div style={{ width: (starts.at(-1) ?? 0) + NUMBERS_WIDTH }}>
          <GridHeader columns={columns} starts={starts} first={first} last={last} onResize={resize} onFit={fit} />
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {drawn.map(({ index }) => {
              const row = rows[index];
              const isIn = index >= area.top && index <= area.bottom;
              return row && <GridRow key={index} id={id} index={index} row={row} columns={columns} starts={starts} first={first} last={last} chosen={isIn && !isOne(selection) ? area : undefined} focus={focus.row === index ? focus : undefined} />;
            })}
          </div>
        </div>
      </div>
      {count === 0 && <p className="border-t border-line px-4 py-3 text-center text-[13px] text-ink-faint">No rows; the columns above are what the statement returns.</p>}
      <CellViewer place={opened} columns={columns} rows={rows} onClose={() => setOpened(undefined)} />
    </div>
  );
}

/** What the first rows say; asked again only until there are some. */
function useFirstWidths(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[], count: number): number[] {
  const hasRows = count > 0;
  // eslint-disable-next-line react-hooks/exhaustive-deps -- rows grow at their end; their beginning says the widths
  return useMemo(() => firstWidths(columns, rows), [columns, hasRows]);
}

function useColumnsInView(scroller: RefObject<HTMLDivElement | null>, starts: readonly number[]): readonly [number, number] {
  const [view, setView] = useState<readonly [number, number]>([0, 20]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) {
      return undefined;
    }
    const look = () => {
      const next = columnsInView(starts, element.scrollLeft, element.clientWidth - NUMBERS_WIDTH);
      setView((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, starts]);
  return view;
}

/** Scrolls no further than the cell needs to be seen. */
function reveal(element: HTMLDivElement | null, place: Place, starts: readonly number[]): void {
  if (element === null) {
    return;
  }
  const top = place.row * ROW_HEIGHT;
  const left = starts[place.column] ?? 0;
  const right = starts[place.column + 1] ?? left;
  const height = element.clientHeight - HEADER_HEIGHT;
  const width = element.clientWidth - NUMBERS_WIDTH;
  const y = top < element.scrollTop ? top : top + ROW_HEIGHT > element.scrollTop + height ? top + ROW_HEIGHT - height : element.scrollTop;
  const x = left < element.scrollLeft ? left : right > element.scrollLeft + width ? Math.min(left, right - width) : element.scrollLeft;
  element.scrollTo({ top: y, left: x });
}

function placeOf(event: MouseEvent): { row: number; column: number | undefined } | undefined {
  const target = event.target instanceof HTMLElement ? event.target : null;
  const row = target?.closest<HTMLElement>("[data-row]")?.dataset["row"];
  const column = target?.closest<HTMLElement>("[data-column]")?.dataset["column"];
  return row === undefined ? undefined : { row: Number(row), column: column === undefined ? undefined : Number(column) };
}

/** A press chooses a cell, or a row by its number; with shift or by drawing it chooses up to there. */
function useMouse(selection: Selection, setSelection: (selection: Selection) => void, columns: number, open: (place: Place) => void) {
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
