// What stands above the columns of a result: names, types, and handles to make them wider?

import { memo, useRef, type PointerEvent } from "react";
import type { ResultColumn } from "~/api/runs";
import { classes } from "~/ui/classes";
import { HEADER_HEIGHT, isNumeric, NARROWEST, NUMBERS_WIDTH } from "./layout";

interface GridHeaderProps {
  columns: readonly ResultColumn[];
  starts: readonly number[];
  first: number;
  last: number;
  onResize: (column: number, width: number) => void;
  /** As wide as what is in it. */
  onFit: (column: number) => void;
}

export const GridHeader = memo(function GridHeader({ columns, starts, first, last, onResize, onFit }: GridHeaderProps) {
  const cells = [];
  for (let index = first; index <= last && index < columns.length; index += 1) {
    const column = columns[index];
    const start = starts[index] ?? 0;
    if (column === undefined) {
      continue;
    }
    cells.push(
      <div
        key={index}
        role="columnheader"
        aria-colindex={index + 2}
        data-header={index}
        title={`${column.name}: ${column.type_name}`}
        className={classes("absolute inset-y-0 flex flex-col justify-center overflow-hidden border-r border-line px-2", isNumeric(column) && "items-end")}
        style={{ left: start + NUMBERS_WIDTH, width: (starts[index + 1] ?? start) - start }}
      >
        <span dir="auto" className="max-w-full truncate text-xs leading-4 font-semibold text-ink">
          {column.name}
        </span>
        <span className="max-w-full truncate font-mono text-2xs leading-4 text-ink-faint">{column.type_name}</span>
        <Handle onResize={(width) => onResize(index, width)} onFit={() => onFit(index)} />
      </div>,
    );
  }
  return (
    <div role="rowgroup" className="sticky top-0 z-2">
      <div role="row" aria-rowindex={1} className="relative border-b border-line-strong bg-subtle" style={{ height: HEADER_HEIGHT }}>
        <div role="columnheader" aria-colindex={1} aria-label="Row" className="sticky left-0 z-1 h-full border-r border-line bg-subtle" style={{ width: NUMBERS_WIDTH }} />
        {cells}
      </div>
    </div>
  );
});

function Handle({ onResize, onFit }: { onResize: (width: number) => void; onFit: () => void }) {
  const begun = useRef<{ x: number; width: number } | undefined>(undefined);
  const down = (event: PointerEvent<HTMLSpanElement>) => {
    event.stopPropagation();
    begun.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? 0 };
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
