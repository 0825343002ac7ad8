// How do sums of steps of time become rates that can be drawn?

import type { Point } from "~/api/traffic";
import type { ChartFigures } from "./chart-grid";

const MINUTE_S = 60;
/** A step that has hardly begun says nothing about its rate. */
const BEGUN_SHARE = 0.2;

/** "1 minute", "30 minutes", "6 hours", "1 day". */
export function stepWords(minutes: number): string {
  const [size, word] = minutes % 1_440 === 0 ? [1_440, "day"] : minutes % 60 === 0 ? [60, "hour"] : [1, "minute"];
  const count = minutes / size;
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** The figures of each step; the step that goes on at `now` (milliseconds) counts for the time it has had. */
export function figuresOf(points: readonly Point[], stepMinutes: number, now: number): ChartFigures {
  const step = stepMinutes * MINUTE_S;
  const known = points.flatMap(({ at, sums }) => {
    const second = Date.parse(at) / 1_000;
    const passed = Math.min(step, now / 1_000 - second);
    return passed < step * BEGUN_SHARE ? [] : [{ second, sums, passed }];
  });
  const rate = (pick: (sums: Point["sums"]) => number) => known.map(({ sums, passed }) => pick(sums) / passed);
  return {
    seconds: known.map(({ second }) => second),
    calls: rate((sums) => sums.calls),
    p50: known.map(({ sums }) => sums.p50_us ?? null),
    p95: known.map(({ sums }) => sums.p95_us ?? null),
    p99: known.map(({ sums }) => sums.p99_us ?? null),
    errors: rate((sums) => sums.errors),
    refusals: rate((sums) => sums.refusals),
    bytesIn: rate((sums) => sums.bytes_in),
    bytesOut: rate((sums) => sums.bytes_out),
    last: { kind: "rows", values: rate((sums) => sums.rows) },
  };
}
