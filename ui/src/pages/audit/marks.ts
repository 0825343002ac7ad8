// What follows on what in a ledger: does each checkpoint name the one before, and what happened between two?

import type { LedgerMark, LedgerPlane } from "~/api/ledger";
import type { BadgeTone } from "~/ui/badge";

/** What of the rows is shown. */
export const KINDS = [
  { value: "all", label: "All", events: undefined },
  { value: "checkpoints", label: "Checkpoints", events: "checkpoint" },
  { value: "gaps", label: "Missing and removed", events: "writer.gap,ledger.removed,ledger.erased" },
  { value: "starts", label: "Starts and stops", events: "writer.start,writer.stop" },
] as const;

export interface MarkRow {
  mark: LedgerMark;
  /** Records between this checkpoint and the one before it. */
  between?: number;
  /** Whether it names the one before; `undefined` where that is not among those that are loaded. */
  follows?: boolean;
}

const NONE = /^0+$/;

/** Newest first, as they came; each ledger for itself. */
export function rowsOf(marks: readonly LedgerMark[]): MarkRow[] {
  return marks.map((mark, index) => {
    const { checkpoint } = mark;
    if (checkpoint === undefined) {
      return { mark };
    }
    if (NONE.test(checkpoint.previous)) {
      return { mark, follows: true, between: checkpoint.records };
    }
    const before = marks.slice(index + 1).find((one) => one.plane === mark.plane && one.checkpoint !== undefined)?.checkpoint;
    return before === undefined ? { mark } : { mark, follows: before.digest === checkpoint.previous, between: checkpoint.records - before.records };
  });
}

export interface Believed {
  tone: BadgeTone;
  word: string;
  why: string;
}

/** What is known of a checkpoint's signature: the gateway verifies all of them when it reads its whole ledger. */
export function believed(mark: LedgerMark, plane: LedgerPlane | undefined): Believed {
  const last = plane?.self_check.last;
  if (last === undefined || Date.parse(mark.at) >= Date.parse(last.started_at)) {
    return { tone: "neutral", word: "not checked yet", why: "It was signed after the gateway last read its whole ledger, or the gateway has not read it since it started." };
  }
  if (last.integrity === "holds") {
    return { tone: "ok", word: "holds", why: "The gateway verified its signature and everything before it when it last read its whole ledger. That is its own word about itself." };
  }
  return { tone: last.integrity === "broken" ? "danger" : "warn", word: last.integrity === "broken" ? "ledger is broken" : "cannot tell", why: "When the gateway last read its whole ledger, that did not hold: Integrity says where." };
}

/** Which copies have taken it, as far as their places say how far they are behind; `at` is when that was asked. */
export function takenBy(mark: LedgerMark, plane: LedgerPlane | undefined, at: string | undefined): string[] {
  if (plane === undefined || at === undefined) {
    return [];
  }
  const copies = plane.copies.filter((copy) => copy.last_taken_at !== undefined && copy.last_taken_at !== null && Date.parse(mark.at) < Date.parse(at) - copy.lag_seconds * 1_000);
  return copies.map((copy) => copy.name);
}
