// Which chart does a result ask for, before anybody chooses one?

import type { Cell } from "~/api/runs";
import type { ChartState } from "./chart-state";
import type { Axis } from "./roles";

/** So many rows say whether values come twice. */
const LOOKED_AT = 2_000;
const DRAWN_AT_FIRST = 3;
/** With more of them lines are not told apart. */
const SPLIT_MAX = 6;
/** Fewer values of a name than this are worth a pie to nobody: bars compare better. */
const NUMBERS_AT_FIRST = 4;

type Rows = readonly (readonly Cell[])[];

function distinct(rows: Rows, axis: Axis): number {
  return new Set(rows.slice(0, LOOKED_AT).map((row) => row[axis.index] ?? null)).size;
}

const repeats = (rows: Rows, axis: Axis): boolean => distinct(rows, axis) < Math.min(rows.length, LOOKED_AT);

/** Times become a line, names become bars, two numbers become points, a single row becomes figures. */
export function guess(axes: readonly Axis[], rows: Rows): ChartState | undefined {
  const plain = { step: "exact", x: undefined, split: undefined } as const;
  const time = axes.find((axis) => axis.role === "time");
  const names = axes.filter((axis) => axis.role === "category");
  const numbers = axes.filter((axis) => axis.role === "number" && !axis.isKey);
  const keys = axes.filter((axis) => axis.role === "number" && axis.isKey);
  const drawn = numbers.slice(0, DRAWN_AT_FIRST).map((axis) => axis.name);
  const [first, second] = numbers;
  if (rows.length === 1 && first) {
    return { ...plain, kind: "number", aggregate: "each", y: numbers.slice(0, NUMBERS_AT_FIRST).map((axis) => axis.name) };
  }
  if (time && first) {
    const split = repeats(rows, time) ? names.find((axis) => distinct(rows, axis) <= SPLIT_MAX) : undefined;
    const isRepeated = repeats(rows, time);
    return { ...plain, kind: "line", x: time.name, y: split ? drawn.slice(0, 1) : drawn, split: split?.name, aggregate: isRepeated ? "sum" : "each" };
  }
  const [name] = names;
  if (name) {
    return { ...plain, kind: "bar", x: name.name, y: drawn.slice(0, 1), aggregate: first === undefined ? "count" : repeats(rows, name) ? "sum" : "each" };
  }
  if (keys[0] && first) {
    return { ...plain, kind: "bar", x: keys[0].name, y: drawn, aggregate: repeats(rows, keys[0]) ? "sum" : "each" };
  }
  if (first && second) {
    return { ...plain, kind: "scatter", x: first.name, y: [second.name], aggregate: "each" };
  }
  const below = time ?? first ?? keys[0];
  return below && { ...plain, kind: "bar", x: below.name, y: [], aggregate: "count", step: below === time ? "day" : "exact" };
}
