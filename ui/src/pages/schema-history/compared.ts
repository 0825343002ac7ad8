// Which two snapshots are compared: two that were chosen, the last two, or what holds now with what held then?

import type { Snapshot } from "~/api/connections";
import type { Search } from "~/parts/search";

export const SINCE = { day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const;
export type Since = keyof typeof SINCE;

type Kept = Pick<Snapshot, "id" | "taken_at">;

export interface Compared {
  before: string;
  after: string;
  since: Since | undefined;
}

export const sinceOf = (search: Search): Since | undefined => (Object.keys(SINCE) as Since[]).find((one) => one === search["since"]);

/** The latest that was there at the moment; the oldest where none was. */
export function heldAt(snapshots: readonly Kept[], moment: number): Kept | undefined {
  return snapshots.find((one) => Date.parse(one.taken_at) <= moment) ?? snapshots.at(-1);
}

/** `snapshots` are the latest first. A choice in the URL is kept, whether the list has it (yet) or not. */
export function comparedOf(snapshots: readonly Kept[], search: Search, now: number): Compared | undefined {
  const [last, previous] = snapshots;
  const since = sinceOf(search);
  if (since !== undefined && last !== undefined) {
    return { before: heldAt(snapshots, now - SINCE[since])?.id ?? last.id, after: last.id, since };
  }
  const before = search["before"] ?? previous?.id;
  const after = search["after"] ?? last?.id;
  return before === undefined || after === undefined ? undefined : { before, after, since: undefined };
}

/** Compares a snapshot with the one before it. */
export function withPrevious(snapshots: readonly Kept[], id: string): { before: string; after: string } | undefined {
  const at = snapshots.findIndex((one) => one.id === id);
  const before = snapshots[at + 1];
  return at < 0 || before === undefined ? undefined : { before: before.id, after: id };
}
