// How is one row of a result drawn: only the columns in view, each at its place?

import { memo } from "react";
import type { Cell, ResultColumn } from "~/api/runs";
import { classes } from "~/ui/classes";
import { CellText, directionOf } from "./cell-text";
import { isNumeric, NUMBERS_WIDTH, ROW_HEIGHT } from "./layout";
import { contains, type Place, type Rectangle } from "./selection";

export interface GridRowProps {
  id: string;
  index: number;
  row: readonly Cell[];
  columns: readonly ResultColumn[];
  starts: readonly number[];
  first: number;
  last: number;
  /** What is chosen in this row; `undefined` in nearly all. */
  chosen: Rectangle | undefined;
  focus: Place | undefined;
}

export const cellId = (grid: string, row: number, column: number): string => `${grid}-${row}-${column}`;

/** Scrolling moves rows and changes none: what was drawn stays drawn. */
export const GridRow = memo(function GridRow({ id, index, row, columns, starts, first, last, chosen, focus }: GridRowProps) {
  const cells = [];
  for (let column = first; column <= last && column < columns.length; column += 1) {
    const about = columns[column];
    const start = starts[column] ?? 0;
    const isFocus = focus?.column === column;
    const isChosen = chosen !== undefined && contains(chosen, index, column);
    cells.push(
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
          isChosen && "bg-brand-soft",
          isFocus && "outline-2 -outline-offset-2 outline-focus",
        )}
        style={{ left: start + NUMBERS_WIDTH, width: (starts[column + 1] ?? start) - start }}
      >
        <CellText value={row[column]} />
      </div>,
    );
  }
  return (
    <div role="row" aria-rowindex={index + 2} data-row={index} className="absolute inset-x-0 border-b border-line bg-surface font-mono text-xs text-ink" style={{ height: ROW_HEIGHT, fontVariantLigatures: "none", transform: `translateY(${index * ROW_HEIGHT}px)` }}>
      <div role="rowheader" aria-colindex={1} className="numeric sticky left-0 z-1 h-full border-r border-line bg-subtle px-2 text-2xs leading-[27px] text-ink-faint" style={{ width: NUMBERS_WIDTH }}>
        {index + 1}
      </div>
      {cells}
    </div>
  );
});
