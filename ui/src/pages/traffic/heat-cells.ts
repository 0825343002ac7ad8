// Which hour of which day has how much, by the reader's own clock?

import type { Point } from "~/api/traffic";

export type HeatMeasure = "calls" | "p95" | "errors";

export interface Heat {
  /** Beginnings of the parts of a day, as "00:00". */
  columns: string[];
  /** Days, the oldest first. */
  rows: string[];
  cells: { column: number; row: number; value: number; from: number; until: number }[];
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

const VALUES: Record<HeatMeasure, (point: Point) => number> = {
  calls: ({ sums }) => sums.calls,
  p95: ({ sums }) => sums.p95_us ?? 0,
  errors: ({ sums }) => sums.errors,
};

const pad = (value: number): string => String(value).padStart(2, "0");

/** The points by local day and hour; an hour that a clock has twice is one cell. `now` cuts what has not come yet. */
export function heatOf(points: readonly Point[], stepMinutes: number, measure: HeatMeasure, now: number, dayName: (day: Date) => string): Heat {
  const step = Math.max(Math.min(stepMinutes, DAY_MINUTES), 1);
  const columns = Array.from({ length: Math.ceil(DAY_MINUTES / step) }, (_, index) => `${pad(Math.floor((index * step) / 60))}:${pad((index * step) % 60)}`);
  const days = new Map<string, number>();
  const rows: string[] = [];
  const cells = new Map<string, Heat["cells"][number]>();
  for (const point of points) {
    const from = Date.parse(point.at);
    if (from > now) {
      continue;
    }
    const at = new Date(from);
    const day = at.toDateString();
    const row = days.get(day) ?? rows.length;
    if (row === rows.length) {
      days.set(day, row);
      rows.push(dayName(at));
    }
    const column = Math.floor((at.getHours() * 60 + at.getMinutes()) / step);
    const value = VALUES[measure](point);
    const known = cells.get(`${row} ${column}`);
    const until = from + step * MINUTE_MS;
    if (known) {
      known.value = measure === "p95" ? Math.max(known.value, value) : known.value + value;
      known.until = until;
    } else {
      cells.set(`${row} ${column}`, { column, row, value, from, until });
    }
  }
  return { columns, rows, cells: [...cells.values()] };
}
