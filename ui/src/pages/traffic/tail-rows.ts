// Which of the newest records does the live tail hold, and how many at most?

import type { TailRecord } from "~/api/traffic";

export const TAIL_MAX = 1_000;

/** Times are written alike, to the microsecond, so they sort as text. Puts records before those that are there: each once, the newest first, never more than `most`. */
export function withNewer(known: readonly TailRecord[], arrived: readonly TailRecord[], most = TAIL_MAX): readonly TailRecord[] {
  const ids = new Set(known.map((record) => record.id));
  const fresh = arrived.filter((record) => !ids.has(record.id) && ids.add(record.id));
  if (fresh.length === 0) {
    return known;
  }
  // Records come from several threads and planes: their times step back a little.
  return [...fresh, ...known].sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0)).slice(0, most);
}

/** How many stand before the newest of `shown`, and so wait. */
export function waitingCount(all: readonly TailRecord[], shown: readonly TailRecord[]): number {
  const ids = new Set(shown.map((record) => record.id));
  return all.reduce((count, record) => count + (ids.has(record.id) ? 0 : 1), 0);
}
