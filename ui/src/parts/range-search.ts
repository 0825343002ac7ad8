// How does a link take the time range along?

import { RANGES, type Range } from "./range";

/** The range as the query string of another page says it. */
export function rangeSearch(range: Range): { range?: string; from?: string; until?: string } {
  if (!range.isMoving) {
    return { from: range.from, until: range.until };
  }
  return { range: Object.entries(RANGES).find(([, milliseconds]) => milliseconds === range.milliseconds)?.[0] };
}
