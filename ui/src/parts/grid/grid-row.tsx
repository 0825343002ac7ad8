// How is one row of a result drawn: only the columns in view, each at its place?

import { memo, type ReactNode } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { classes } from "~/ui/classes";
import { CellText, directionOf } from "./cell-text";
import { holds } from "./find";
import { isNumeric, NUMBERS_WIDTH, ROW_HEIGHT } from "./layout";
import { contains, type Place, type Rectangle } from "./selection";

export interface GridRowProps {
  id: string;
  /** Its place on the screen. */
  index: number;
  /** Its number in the result as it came. */
  number: number;
  row: readonly Cell[];
  columns: readonly ResultColumn[];
  /** Of each shown column its place in the row. */
  order: readonly number[];
  starts: readonly number[];
  first: number;
  last: number;
  /** So many columns stay where they are while the others scroll. */
  frozen: number;
  /** What is chosen in this row; `undefined` in nearly all. */
  chosen: Rectangle | undefined;
  focus: Place | undefined;
  /** What is looked for, in small letters; empty for nothing. */
  needle: string;
}

export const cellId = (grid: string, row: number, column: number): string => `${grid}-${row}-${column}`;

/** Scrolling moves rows and changes none: what was drawn stays drawn. */
export const GridRow = memo(function GridRow({ id, index, number, row, columns, order, starts, first, last, frozen, chosen, focus, needle }: GridRowProps) {
  const cell = (column: number): ReactNode => {
    const source = order[column];
    const about = source === undefined ? undefined : columns[source];
    const value = source === undefined ? null : row[source];
    const start = starts[column] ?? 0;
    const isFocus = focus?.column === column;
    const isChosen = chosen !== undefined && contains(chosen, index, column);
    return (
      <div
        key={column}
        id={cellId(id, index, column)}
        role="gridcell"
        aria-colindex={column + 2}
        aria-selected={isChosen}
        data-column={column}
        dir={directionOf(about)}
        className={classes(
          "absolute inset-y-0 overflow-hidden border-r border-line px-2 leading-[27px] text-ellipsis whitespace-pre",
          about && isNumeric(about) && "numeric",
          isChosen ? "bg-brand-soft" : needle !== "" && holds(value, needle) ? "bg-warn-soft" : column < frozen && "bg-surface",
          isFocus && "outline-2 -outline-offset-2 outline-focus",
        )}
        style={{ left: start + NUMBERS_WIDTH, width: (starts[column + 1] ?? start) - start }}
      >
        <CellText value={value} />
      </div>
    );
  };
  const cells = [];
  for (let column = first; column <= last && column < order.length; column += 1) {
    cells.push(cell(column));
  }
  return (
    <div role="row" aria-rowindex={index + 2} data-row={index} className="absolute inset-x-0 border-b border-line bg-surface font-mono text-xs text-ink" style={{ height: ROW_HEIGHT, fontVariantLigatures: "none", transform: `translateY(${index * ROW_HEIGHT}px)` }}>
      <div role="presentation" className="sticky left-0 z-1 h-full" style={{ width: NUMBERS_WIDTH + (starts[frozen] ?? 0) }}>
        <div role="rowheader" aria-colindex={1} className="numeric h-full border-r border-line bg-subtle px-2 text-2xs leading-[27px] text-ink-faint" style={{ width: NUMBERS_WIDTH }}>
          {number}
        </div>
        {order.slice(0, frozen).map((_, column) => cell(column))}
      </div>
      {cells}
    </div>
  );
});
