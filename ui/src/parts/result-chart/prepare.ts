// Which points does a chart draw of the rows, and what does it leave out?

import type { Cell } from "~/api/runs";
import { count as counted } from "~/ui/format";
import { SERIES_MAX, type Aggregate, type ChartState, type Step } from "./chart-state";
import { numberOf, timeOf, type Axis, type Role } from "./roles";

/** More bars are not told apart, more slices neither. */
export const GROUPS_MAX = 60;
/** Of numbers and times more can be: nobody reads each of their names. */
export const ORDERED_MAX = 400;
export const SLICES_MAX = 12;
/** More points cover each other. */
export const POINTS_MAX = 20_000;

export type Below = number | string;

export interface Series {
  name: string;
  points: readonly (readonly [Below, number])[];
}

export interface Prepared {
  kind: ChartState["kind"];
  /** What stands below and how; nothing for a number. */
  x: { name: string; role: Role } | undefined;
  series: readonly Series[];
  /** What is drawn, in words: "sum of total by state". */
  says: string;
  /** What is not drawn, each in a sentence. */
  left: readonly string[];
}

type Rows = readonly (readonly Cell[])[];

const WORDS: Record<Aggregate, string> = { each: "", sum: "sum of ", average: "average of ", least: "least ", most: "greatest ", count: "" };

interface Group {
  below: Below;
  number: number;
  sum: number;
  least: number;
  most: number;
}

/** A series while rows are put into it. */
interface Filling {
  name: string;
  groups: Map<Below, Group>;
  points: (readonly [Below, number])[];
}

export function prepare(axes: readonly Axis[], rows: Rows, count: number, state: ChartState): Prepared {
  const find = (name: string | undefined) => axes.find((axis) => axis.name === name);
  const x = state.kind === "number" ? undefined : find(state.x);
  const split = state.kind === "number" || state.kind === "pie" ? undefined : find(state.split);
  const ys = state.aggregate === "count" ? [] : state.y.flatMap((name) => find(name) ?? []).slice(0, state.kind === "pie" || split ? 1 : SERIES_MAX);
  const left: string[] = [];
  const filled = fill(rows, count, { x, ys, split, state }, left);
  const kept = strongest(filled, left);
  const series = finish(kept, x?.role, state, left);
  return { kind: state.kind, x: x && { name: x.name, role: x.role }, series, says: saysOf(state, x, ys, split), left };
}

interface Asked {
  x: Axis | undefined;
  ys: readonly Axis[];
  split: Axis | undefined;
  state: ChartState;
}

function fill(rows: Rows, count: number, { x, ys, split, state }: Asked, left: string[]): Filling[] {
  const series = new Map<string, Filling>();
  const isCount = state.aggregate === "count";
  let without = 0;
  const add = (row: readonly Cell[], y: Axis | undefined) => {
    const below = x === undefined ? "" : belowOf(row[x.index], x.role, state.step);
    const value = y === undefined ? 1 : numberOf(row[y.index]);
    if (below === undefined || value === undefined) {
      without += 1;
      return;
    }
    const name = split ? nameOf(row[split.index]) : (y?.name ?? "rows");
    let into = series.get(name);
    if (into === undefined) {
      into = { name, groups: new Map(), points: [] };
      series.set(name, into);
    }
    if (state.aggregate === "each") {
      into.points.push([below, value]);
    } else {
      join(into.groups, below, value);
    }
  };
  for (let index = 0; index < count; index += 1) {
    const row = rows[index];
    if (row !== undefined && isCount) {
      add(row, undefined);
    } else if (row !== undefined) {
      ys.forEach((y) => add(row, y));
    }
  }
  if (without > 0) {
    left.push(`${counted(without, "value")} ${without === 1 ? "is" : "are"} NULL or of another kind: not drawn.`);
  }
  return [...series.values()].map((one) => (state.aggregate === "each" ? one : { ...one, points: [...one.groups.values()].map((group) => [group.below, aggregated(group, state.aggregate)] as const) }));
}

function join(groups: Map<Below, Group>, below: Below, value: number): void {
  const group = groups.get(below);
  if (group === undefined) {
    groups.set(below, { below, number: 1, sum: value, least: value, most: value });
    return;
  }
  group.number += 1;
  group.sum += value;
  group.least = Math.min(group.least, value);
  group.most = Math.max(group.most, value);
}

function aggregated({ number, sum, least, most }: Group, how: Aggregate): number {
  switch (how) {
    case "each":
    case "sum":
      return sum;
    case "average":
      return sum / number;
    case "least":
      return least;
    case "most":
      return most;
    case "count":
      return number;
  }
}

const nameOf = (value: Cell | undefined): string => (value === null || value === undefined ? "NULL" : value === "" ? "empty text" : String(value));

function belowOf(value: Cell | undefined, role: Role, step: Step): Below | undefined {
  if (role === "category") {
    return nameOf(value);
  }
  if (role === "number") {
    return numberOf(value);
  }
  const at = timeOf(value);
  return at === undefined ? undefined : beginOf(at, step);
}

const MINUTE_MS = 60_000;
const LENGTHS: Record<Exclude<Step, "month">, number> = { exact: 1, minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: 1_440 * MINUTE_MS };

/** Where the piece of time begins in which a moment lies. */
export function beginOf(at: number, step: Step): number {
  if (step === "month") {
    const date = new Date(at);
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  }
  return Math.floor(at / LENGTHS[step]) * LENGTHS[step];
}

const weight = ({ points }: { points: readonly (readonly [Below, number])[] }): number => points.reduce((sum, [, value]) => sum + Math.abs(value), 0);

/** As many as there are colours: those with the most in them. */
function strongest(series: Filling[], left: string[]): Filling[] {
  if (series.length <= SERIES_MAX) {
    return series;
  }
  left.push(`${counted(series.length, "value")} to split by: the ${SERIES_MAX} with the most are drawn.`);
  const kept = new Set(series.toSorted((a, b) => weight(b) - weight(a)).slice(0, SERIES_MAX));
  return series.filter((one) => kept.has(one));
}

function finish(series: readonly Filling[], role: Role | undefined, state: ChartState, left: string[]): Series[] {
  if (state.kind === "pie") {
    return series.map((one) => ({ name: one.name, points: slices(one.points, state.aggregate, left) }));
  }
  const isOrdered = role === "time" || role === "number";
  const bounded = state.kind === "bar" || role === "category" ? mostOf(series, isOrdered, left) : series;
  return bounded.map(({ name, points }) => {
    const ordered = isOrdered && state.kind !== "scatter" ? points.toSorted((a, b) => Number(a[0]) - Number(b[0])) : points;
    return { name, points: thinned(ordered, left) };
  });
}

function thinned(points: readonly (readonly [Below, number])[], left: string[]): readonly (readonly [Below, number])[] {
  if (points.length <= POINTS_MAX) {
    return points;
  }
  const every = Math.ceil(points.length / POINTS_MAX);
  left.push(`${counted(points.length, "point")}: one in ${every} is drawn.`);
  return points.filter((_, index) => index % every === 0);
}

/** Bars that can be told apart: of names those with the most, of numbers and times the last. */
function mostOf(series: readonly Filling[], isOrdered: boolean, left: string[]): readonly Filling[] {
  const weights = new Map<Below, number>();
  for (const { points } of series) {
    for (const [below, value] of points) {
      weights.set(below, (weights.get(below) ?? 0) + Math.abs(value));
    }
  }
  const bound = isOrdered ? ORDERED_MAX : GROUPS_MAX;
  if (weights.size <= bound) {
    return series;
  }
  const all = [...weights];
  const kept = new Set((isOrdered ? all.toSorted((a, b) => Number(b[0]) - Number(a[0])) : all.toSorted((a, b) => b[1] - a[1])).slice(0, bound).map(([below]) => below));
  left.push(`${counted(all.length, "value")} below: the ${bound} ${isOrdered ? "last" : "with the most"} are drawn.`);
  return series.map((one) => ({ ...one, points: one.points.filter(([below]) => kept.has(below)) }));
}

/** A slice for each name, the small ones together where they can be added up. */
function slices(points: readonly (readonly [Below, number])[], how: Aggregate, left: string[]): readonly (readonly [Below, number])[] {
  const positive = points.filter(([, value]) => value > 0);
  if (positive.length < points.length) {
    left.push(`${counted(points.length - positive.length, "value")} not above zero: a pie has no slice for them.`);
  }
  const sorted = positive.toSorted((a, b) => b[1] - a[1]);
  if (sorted.length <= SLICES_MAX) {
    return sorted;
  }
  const small = sorted.slice(SLICES_MAX - 1);
  const canAdd = how === "sum" || how === "count" || how === "each";
  left.push(canAdd ? `${counted(small.length, "small slice")} are drawn as one.` : `${counted(small.length, "small slice")} are not drawn.`);
  const rest = small.reduce((sum, [, value]) => sum + value, 0);
  return canAdd ? [...sorted.slice(0, SLICES_MAX - 1), [`${small.length} others`, rest]] : sorted.slice(0, SLICES_MAX - 1);
}

function saysOf({ aggregate, step }: ChartState, x: Axis | undefined, ys: readonly Axis[], split: Axis | undefined): string {
  const what = aggregate === "count" ? "number of rows" : `${WORDS[aggregate]}${ys.map((axis) => axis.name).join(", ")}`;
  const by = x ? ` by ${x.name}${x.role === "time" && step !== "exact" && aggregate !== "each" ? ` (${step})` : ""}` : "";
  return `${what}${by}${split ? `, for each ${split.name}` : ""}`;
}
