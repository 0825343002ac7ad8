// What in a plan does somebody who knows plans look at first?

import { count, integer } from "~/ui/format";
import { ERROR_FACTOR, type PlanNode, type PlanWarning } from "./plan";

/** Fewer rows are read faster than an index is looked up. */
export const MANY_ROWS = 10_000;
/** A filter that keeps less than this of what was read would be served by an index. */
const KEPT_LITTLE = 0.1;
/** In PostgreSQL's units a scan of about this cost reads thousands of rows, whatever it keeps of them. */
const DEAR_COST = 1_000;
/** Where few rows are meant and few come, a wrong guess changes nothing. */
const ROWS_THAT_MATTER = 100;

/** "12 times", "1,400 times": as precise as it helps. */
export const times = (factor: number): string => `${factor < 100 ? Math.round(factor * 10) / 10 : integer(factor)} times`;

/** A scan of a whole table: `filter` tells whether a condition throws rows away. */
export function scanWarning(node: PlanNode, hasFilter: boolean): PlanWarning[] {
  const { actualRows, removedRows = 0, loops = 1, estimatedRows = 0, cost = 0, on = "the table" } = node;
  if (actualRows !== undefined) {
    const kept = actualRows * loops;
    const read = kept + removedRows;
    if (read < MANY_ROWS) {
      return [];
    }
    const often = loops > 1 ? ` in ${count(loops, "loop")}` : "";
    const advice = kept < read * KEPT_LITTLE ? `: an index for the condition may spare most of it` : "";
    const keeps = removedRows > 0 ? ` to keep ${integer(kept)}${advice}` : "";
    return [{ kind: "scan", text: `Reads all of ${on}: ${count(read, "row")}${often}${keeps}.` }];
  }
  if (estimatedRows >= MANY_ROWS) {
    return [{ kind: "scan", text: `Reads all of ${on}: about ${count(estimatedRows, "row")} are kept.` }];
  }
  return hasFilter && cost >= DEAR_COST ? [{ kind: "scan", text: `Reads all of ${on} (cost ${integer(cost)}) to keep about ${count(estimatedRows, "row")}.` }] : [];
}

/** Rows that a condition of another node than a whole scan threw away. */
export function discardWarning(node: PlanNode): PlanWarning[] {
  const { actualRows = 0, removedRows = 0, loops = 1 } = node;
  const kept = actualRows * loops;
  return removedRows >= MANY_ROWS && kept < (kept + removedRows) * KEPT_LITTLE ? [{ kind: "discard", text: `Throws away ${count(removedRows, "row")} to keep ${integer(kept)}: no index serves the condition.` }] : [];
}

export function estimateWarning({ error, estimatedRows = 0, actualRows = 0 }: PlanNode): PlanWarning[] {
  if (error === undefined || error.factor < ERROR_FACTOR || Math.max(estimatedRows, actualRows) < ROWS_THAT_MATTER) {
    return [];
  }
  return [{ kind: "estimate", text: `${integer(actualRows)} rows came where ${integer(estimatedRows)} were expected: ${times(error.factor)} ${error.isMore ? "more" : "fewer"}. Statistics may be old, or the condition hard to guess.` }];
}
