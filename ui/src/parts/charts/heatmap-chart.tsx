// When is there much of something? Rows by columns, the more the stronger.

import { memo, useEffect, useRef, useState, type CSSProperties } from "react";
import { classes } from "~/ui/classes";
import { strength } from "./heatmap-strength";

export interface HeatmapCell {
  /** Its places in `columns` and `rows`. */
  column: number;
  row: number;
  value: number;
  /** What is said when it is pointed at. */
  says: string;
}

export interface HeatmapProps {
  /** What it shows, and the figures in words: its name for whoever does not see it. */
  label: string;
  columns: readonly string[];
  rows: readonly string[];
  /** The same array until there is something new to draw. */
  cells: readonly HeatmapCell[];
  /** A token of the theme: the colour of the most. */
  colour?: string;
  /** For the pointer; who uses it offers the same by buttons or links. */
  onOpen?: (cell: HeatmapCell) => void;
}

/** Every so many columns one has its name below; where it is narrow every so many of those. */
const NAMED = 3;
const NAMED_NARROW = 2 * NAMED;
/** Nearer to the right edge than this, what is said stands to the left of the pointer. */
const SAYS_PX = 190;
const BESIDE_PX = 12;

export function HeatmapChart({ label, columns, rows, cells, colour = "series-1", onOpen }: HeatmapProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<{ says: string; x: number; y: number; isLeft: boolean }>();
  // What is pointed at is gone with the figures it was of.
  useEffect(() => setPointed(undefined), [cells]);
  const cellAt = (target: EventTarget) => (target instanceof HTMLElement && target.dataset["cell"] !== undefined ? cells[Number(target.dataset["cell"])] : undefined);
  return (
    <div ref={frame} className="@container relative">
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions -- who uses it offers the same by buttons or links */}
      <div
        role="img"
        aria-label={label}
        className="grid gap-0.5 text-[11px]/6 text-ink-faint"
        style={{ gridTemplateColumns: `auto repeat(${columns.length}, minmax(0, 1fr))` }}
        onPointerMove={({ target, clientX, clientY }) => {
          const cell = cellAt(target);
          const edge = frame.current?.getBoundingClientRect();
          setPointed(cell && edge && { says: cell.says, x: clientX - edge.left, y: clientY - edge.top, isLeft: edge.right - clientX < SAYS_PX });
        }}
        onPointerLeave={() => setPointed(undefined)}
        onClick={({ target }) => {
          const cell = cellAt(target);
          if (cell) {
            onOpen?.(cell);
          }
        }}
      >
        <Boxes columns={columns} rows={rows} cells={cells} colour={colour} canOpen={onOpen !== undefined} />
      </div>
      {pointed && (
        <div
          aria-hidden="true"
          className={classes("pointer-events-none absolute z-10 rounded-md border border-line-strong bg-raised px-2 py-1.5 text-xs whitespace-pre text-ink shadow-lg", pointed.isLeft && "-translate-x-full")}
          style={{ left: pointed.x + (pointed.isLeft ? -BESIDE_PX : BESIDE_PX), top: pointed.y + BESIDE_PX }}
        >
          {pointed.says}
        </div>
      )}
    </div>
  );
}

interface BoxesProps {
  columns: readonly string[];
  rows: readonly string[];
  cells: readonly HeatmapCell[];
  colour: string;
  canOpen: boolean;
}

/** Drawn once for each set of figures, not for each move of the pointer. */
const Boxes = memo(function Boxes({ columns, rows, cells, colour, canOpen }: BoxesProps) {
  const highest = cells.reduce((most, cell) => Math.max(most, cell.value), 0);
  return (
    <>
      {rows.map((name, row) => (
        <span key={row} className="pr-1.5 text-right whitespace-nowrap" style={{ gridColumn: 1, gridRow: row + 1 }}>
          {name}
        </span>
      ))}
      {cells.map((cell, place) => (
        <span key={place} data-cell={place} className={classes("min-h-6 rounded-sm hover:outline hover:outline-ink-soft", canOpen && "cursor-pointer")} style={boxStyle(cell, colour, highest)} />
      ))}
      {columns.map(
        (name, column) =>
          column % NAMED === 0 && (
            <span key={column} className={classes("w-0 whitespace-nowrap", column % NAMED_NARROW !== 0 && "hidden @md:inline")} style={{ gridColumn: column + 2, gridRow: rows.length + 1 }}>
              {name}
            </span>
          ),
      )}
    </>
  );
});

function boxStyle({ column, row, value }: HeatmapCell, colour: string, highest: number): CSSProperties {
  const background = `color-mix(in srgb, var(--${colour}) ${strength(value, highest)}%, var(--subtle))`;
  return { gridColumn: column + 2, gridRow: row + 1, background };
}
