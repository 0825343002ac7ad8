// What stands above the columns of a result: names, types, what can be done with each, and handles to make them wider?

import { ArrowDown, ArrowUp } from "lucide-react";
import { memo, useRef, type PointerEvent, type ReactNode } from "react";
import type { ResultColumn } from "~/api/runs";
import { classes } from "~/ui/classes";
import { ColumnMenu, type ColumnActions } from "./column-menu";
import { HEADER_HEIGHT, isNumeric, NARROWEST, NUMBERS_WIDTH } from "./layout";

interface GridHeaderProps extends ColumnActions {
  columns: readonly ResultColumn[];
  /** Of each shown column its place in the result as it came. */
  order: readonly number[];
  starts: readonly number[];
  first: number;
  last: number;
  /** So many columns stay where they are while the others scroll. */
  frozen: number;
  /** Whose menu is open, by its place on the screen. */
  menu: number | undefined;
  onMenu: (column: number | undefined) => void;
  onMenuClosed: (event: Event) => void;
  onResize: (column: number, width: number) => void;
  /** Chooses all cells of it. */
  onChoose: (column: number) => void;
}

export const GridHeader = memo(function GridHeader({ columns, order, starts, first, last, frozen, menu, onMenu, onMenuClosed, onResize, onChoose, ...actions }: GridHeaderProps) {
  const { sort } = actions.arrangement;
  const cell = (place: number): ReactNode => {
    const source = order[place];
    const column = source === undefined ? undefined : columns[source];
    if (column === undefined || source === undefined) {
      return null;
    }
    const start = starts[place] ?? 0;
    const isSorted = sort?.column === source;
    const Arrow = sort?.desc ? ArrowDown : ArrowUp;
    return (
      // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the grid has the keyboard: Ctrl+Space chooses the column, Alt+Down opens its menu
      <div
        key={source}
        role="columnheader"
        aria-colindex={place + 2}
        aria-sort={isSorted ? (sort.desc ? "descending" : "ascending") : undefined}
        data-header={place}
        title={`${column.name}: ${column.type_name}`}
        onClick={() => onChoose(place)}
        className={classes("group absolute inset-y-0 flex flex-col justify-center overflow-hidden border-r border-line bg-subtle px-2", isNumeric(column) && "items-end")}
        style={{ left: start + NUMBERS_WIDTH, width: (starts[place + 1] ?? start) - start }}
      >
        <span className="flex max-w-full items-center gap-1">
          <span dir="auto" className="truncate text-xs leading-4 font-semibold text-ink">
            {column.name}
          </span>
          {isSorted && <Arrow className="size-3 shrink-0 text-brand" aria-hidden="true" />}
        </span>
        <span className="max-w-full truncate font-mono text-2xs leading-4 text-ink-faint">{column.type_name}</span>
        {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- what is pressed in the menu does not choose the column */}
        <span onClick={(event) => event.stopPropagation()}>
          <ColumnMenu column={source} name={column.name} open={menu === place} onOpenChange={(open) => onMenu(open ? place : undefined)} onClosed={onMenuClosed} {...actions} />
          <Handle onResize={(width) => onResize(source, width)} onFit={() => actions.onFit(source)} />
        </span>
      </div>
    );
  };
  const cells = [];
  for (let place = first; place <= last && place < order.length; place += 1) {
    cells.push(cell(place));
  }
  return (
    <div role="rowgroup" className="sticky top-0 z-2">
      <div role="row" aria-rowindex={1} className="relative border-b border-line-strong bg-subtle" style={{ height: HEADER_HEIGHT }}>
        <div role="presentation" className="sticky left-0 z-1 h-full" style={{ width: NUMBERS_WIDTH + (starts[frozen] ?? 0) }}>
          <div role="columnheader" aria-colindex={1} className="h-full border-r border-line bg-subtle" style={{ width: NUMBERS_WIDTH }}>
            <span className="sr-only">Row</span>
          </div>
          {order.slice(0, frozen).map((_, place) => cell(place))}
        </div>
        {cells}
      </div>
    </div>
  );
});

function Handle({ onResize, onFit }: { onResize: (width: number) => void; onFit: () => void }) {
  const begun = useRef<{ x: number; width: number } | undefined>(undefined);
  const down = (event: PointerEvent<HTMLSpanElement>) => {
    event.stopPropagation();
    begun.current = { x: event.clientX, width: event.currentTarget.closest<HTMLElement>("[data-header]")?.offsetWidth ?? 0 };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  return (
    <span
      aria-hidden="true"
      onPointerDown={down}
      onPointerMove={(event) => begun.current && onResize(Math.max(NARROWEST, begun.current.width + event.clientX - begun.current.x))}
      onPointerUp={() => {
        begun.current = undefined;
      }}
      onDoubleClick={onFit}
      className="absolute inset-y-0 right-0 w-2 cursor-col-resize border-r-2 border-transparent hover:border-brand"
    />
  );
}
