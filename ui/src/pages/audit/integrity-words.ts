// Which words say how whole a ledger is, and which of them is the worst?

import type { LedgerPlane, LedgerVerdict } from "~/api/ledger";
import type { BadgeTone } from "~/ui/badge";

export interface Said {
  tone: BadgeTone;
  word: string;
}

export const VERDICTS: Record<LedgerVerdict, Said> = {
  unchecked: { tone: "neutral", word: "not checked yet" },
  holds: { tone: "ok", word: "holds" },
  broken: { tone: "danger", word: "broken" },
  cannot_tell: { tone: "warn", word: "cannot tell" },
};

/** What each verdict means, by what it is about. */
export const MEANINGS: Record<"integrity" | "completeness", Record<LedgerVerdict, string>> = {
  integrity: {
    unchecked: "Nobody has read the whole ledger since the gateway started.",
    holds: "Each line has the hash that it states and is tied to the one before, and the signatures agree.",
    broken: "Something that was written is not as it was written.",
    cannot_tell: "What would show it is not there.",
  },
  completeness: {
    unchecked: "Nobody has read the whole ledger since the gateway started.",
    holds: "No record is missing, as far as the ledger's own files show.",
    broken: "Records that were written are missing.",
    cannot_tell: "What would show it is not there.",
  },
};

/** Whether the last check found something changed or missing. */
export const isBroken = (plane: Pick<LedgerPlane, "integrity" | "completeness">): boolean => plane.integrity === "broken" || plane.completeness === "broken";

/** The worst that is known, in a word. */
export function stateOf(plane: LedgerPlane): Said {
  if (isBroken(plane)) {
    return { tone: "danger", word: "not whole" };
  }
  if (plane.checks.some((check) => check.result === "differs")) {
    return { tone: "danger", word: "a check failed" };
  }
  if (plane.writer === "failing" && plane.copies.some((copy) => copy.is_blocking)) {
    return { tone: "danger", word: "a required copy fails" };
  }
  if (plane.writer === "failing") {
    return { tone: "danger", word: "cannot write now" };
  }
  if (plane.records_lost > 0 || plane.gaps > 0) {
    return { tone: "danger", word: "records are missing" };
  }
  if (plane.copies.some((copy) => copy.is_failing)) {
    return { tone: "warn", word: "writing, a copy fails" };
  }
  if (plane.retention.held_up !== undefined) {
    return { tone: "warn", word: "writing, nothing is removed" };
  }
  return plane.failures > 0 ? { tone: "warn", word: "writing, after failures" } : { tone: "ok", word: "writing" };
}

const COPY_FAILURES: Record<string, string> = {
  away: "nobody answers there",
  silent: "no answer in time",
  tls: "its certificate is not believed",
  broken_off: "the connection ended",
  refused: "it does not want this",
  missing: "the folder is not there",
  denied: "it may not be written",
  full: "it has no room",
  disk: "it cannot be written",
  taken: "another gateway writes there",
  differs: "it holds something else",
  shorter: "the ledger has less than was copied",
  unreadable: "the ledger cannot be read",
};

/** Why a copy takes nothing. */
export const failureOf = (error: string | null | undefined): string => COPY_FAILURES[error ?? ""] ?? error?.replaceAll("_", " ") ?? "no answer";

/** How far a check is, from 0 to 1; `undefined` before that is known. */
export function progressOf(check: LedgerPlane["self_check"]): number | undefined {
  const { bytes_read: read, bytes_total: total } = check;
  return read === undefined || total === undefined || total === 0 ? undefined : Math.min(read / total, 1);
}

/** When records are removed, in a sentence. */
export function retentionOf({ days, bytes: limit }: LedgerPlane["retention"], size: (value: number) => string): string {
  const older = `Records older than ${days === 1 ? "a day" : `${days} days`} are removed`;
  const room = `while all take more than ${size(limit)}`;
  if (days > 0) {
    return limit > 0 ? `${older}, and the oldest ${room}, in whole segments.` : `${older}, in whole segments.`;
  }
  return limit > 0 ? `The oldest records are removed ${room}, in whole segments.` : "Records are kept for ever.";
}
