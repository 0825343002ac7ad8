// How is a result shown: any number of rows and columns, of which only those in view are drawn?

import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, type ReactNode } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { AS_IT_CAME } from "./arrange";
import { CellViewer } from "./cell-viewer";
import { FilterBar } from "./filter-bar";
import { FindBar } from "./find-bar";
import { GridBar } from "./grid-bar";
import { GridHeader } from "./grid-header";
import { cellId, GridRow } from "./grid-row";
import { HEADER_HEIGHT, NUMBERS_WIDTH, ROW_HEIGHT } from "./layout";
import { isOne } from "./selection";
import { useResultGrid } from "./use-result-grid";

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
  /** More that can be done with it, in the bar. */
  actions?: ReactNode;
  /** The database has more rows than have come. */
  isCut?: boolean;
  /** CSS height of the scrolling part. */
  height?: string;
}

/** Few rows need no more room than they fill. */
const SCROLLBAR = 16;
const EMPTY_ROWS = 1;

/** Give it the result's id as `key`: another result begins at its first cell. */
export function ResultGrid({ label, columns, rows, count, engine, table = "result", status, actions, isCut = false, height = "min(60vh, 44rem)" }: ResultGridProps) {
  const id = useId();
  const grid = useResultGrid(columns, rows, count);
  const { arrangement, menu, view, layout, selection, area, hasRows, finding } = grid;
  const { order, at, shown } = view;
  const { starts, first, last, frozen } = layout;
  const { focus } = selection;
  const virtual = useVirtualizer({ count: shown.rows, getScrollElement: () => grid.scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 10, scrollMargin: HEADER_HEIGHT });
  const drawn = virtual.getVirtualItems();
  // A cell that was scrolled out of view is not there to be named.
  const isDrawn = hasRows && (focus.column < frozen || (focus.column >= first && focus.column <= last)) && drawn.some((item) => item.index === focus.row);
  const common = { columns, order, starts, first, last, frozen };
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- Ctrl+F is heard from whatever has the focus in it
    <div className="min-w-0" onKeyDown={grid.onFind}>
      <GridBar status={status} actions={actions} columns={columns} arrangement={arrangement} onArrange={menu.change} fetched={count} shown={shown.rows} selection={selection} all={grid.all} part={grid.chosenPart} table={table} engine={engine} onOpen={grid.open} onFind={grid.startFind} />
      {grid.isFinding && <FindBar finding={finding} onClose={grid.closeFind} />}
      <FilterBar columns={columns} arrangement={arrangement} onArrange={menu.change} fetched={count} isCut={isCut} input={menu.filterInput} />
      <div
        ref={grid.scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={shown.rows + 1}
        aria-colcount={order.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={isDrawn ? cellId(id, focus.row, focus.column) : undefined}
        tabIndex={0}
        className="scroll-thin relative overflow-auto border-t border-line bg-surface select-none focus-visible:-outline-offset-2"
        style={{ height: `min(${height}, ${HEADER_HEIGHT + Math.max(shown.rows, EMPTY_ROWS) * ROW_HEIGHT + SCROLLBAR}px)`, contain: "strict" }}
        {...grid.keysAndMouse}
      >
        <div style={{ width: (starts.at(-1) ?? 0) + NUMBERS_WIDTH }}>
          <GridHeader {...common} menu={menu.place} onMenu={menu.open} onMenuClosed={menu.onClosed} onResize={layout.resize} onFit={layout.fit} onChoose={grid.chooseColumn} onCopy={grid.copyColumn} arrangement={arrangement} onArrange={menu.change} fetched={count} />
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {drawn.map(({ index }) => {
              const source = at(index);
              const row = rows[source];
              const isIn = index >= area.top && index <= area.bottom;
              return row && <GridRow key={index} id={id} index={index} number={source + 1} row={row} {...common} chosen={isIn && !isOne(selection) ? area : undefined} focus={focus.row === index ? focus : undefined} needle={finding.needle} />;
            })}
          </div>
        </div>
      </div>
      {count === 0 ? (
        <p className="border-t border-line px-4 py-3 text-center text-[13px] text-ink-faint">No rows; the columns above are what the statement returns.</p>
      ) : (
        !hasRows && <Nothing what={order.length === 0 ? "All columns are hidden." : "No fetched row passes the filters."} onUndo={() => menu.change({ ...AS_IT_CAME, sort: arrangement.sort, pinned: arrangement.pinned })} />
      )}
      <CellViewer cell={grid.opened} onStep={grid.step} onClose={grid.close} />
    </div>
  );
}

function Nothing({ what, onUndo }: { what: string; onUndo: () => void }) {
  return (
    <p className="border-t border-line px-4 py-3 text-center text-[13px] text-ink-faint">
      {what}{" "}
      <button type="button" className="font-medium text-ink underline underline-offset-2" onClick={onUndo}>
        Show all of it
      </button>
    </p>
  );
}
