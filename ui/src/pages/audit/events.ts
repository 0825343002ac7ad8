// What do records tell of, in words that people read?

import type { LedgerLine } from "~/api/ledger";
import type { BadgeTone } from "~/ui/badge";
import { count, moment } from "~/ui/format";

const WORDS: Record<string, string> = {
  "session.start": "Session began",
  "session.end": "Session ended",
  "login.failed": "Login failed",
  "statement.intent": "Statement begins",
  "statement.outcome": "Statement ended",
  "statement.refused": "Statement refused",
  "statement.held": "Statement held",
  "limit.hit": "Limit reached",
  "config.changed": "Settings changed",
  "policy.changed": "Rules changed",
  "mode.changed": "Mode changed",
  "ledger.read": "Ledger read",
  "ledger.export": "Ledger exported",
  "ledger.removed": "Old records removed",
  "ledger.erased": "Values erased",
  "writer.start": "Writer started",
  "writer.stop": "Writer stopped",
  "writer.gap": "Records missing",
  checkpoint: "Checkpoint",
};

/** All there are. */
export const EVENTS: readonly string[] = Object.keys(WORDS);

export const eventWord = (event: string): string => WORDS[event] ?? event;

const words = (text: string): string => text.replaceAll("_", " ");

/** How it ended, in a word of the glossary. */
export function outcomeOf(line: LedgerLine): { word: string; tone: BadgeTone; why?: string } | undefined {
  const { event, message_class: said, sqlstate } = line;
  switch (event) {
    case "statement.refused":
      return { word: "refused", tone: "danger" };
    case "statement.held":
      return { word: "held", tone: "held" };
    case "statement.intent":
      return { word: "begins", tone: "neutral" };
    case "login.failed":
      return { word: "failed", tone: "danger", why: said && words(said) };
    case "session.end":
      return { word: said ? words(said) : "ended", tone: said === "terminated" ? "warn" : "neutral" };
    case "limit.hit":
    case "writer.gap":
      return { word: eventWord(event).toLowerCase(), tone: "warn" };
    case "statement.outcome":
      return said === undefined || said === "ok" ? { word: "completed", tone: "ok" } : said === "skipped" || said === "lost" ? { word: said, tone: said === "lost" ? "warn" : "neutral" } : { word: "failed", tone: "danger", why: [sqlstate, words(said)].filter(Boolean).join(", ") };
    default:
      return undefined;
  }
}

/** The line that stands for a record which is of no statement. */
export function summaryOf(line: LedgerLine): string {
  if (line.note !== undefined) {
    return line.note;
  }
  if (line.event === "writer.gap" && line.lost !== undefined) {
    return `${line.lost} records are missing here`;
  }
  if (line.removed !== undefined) {
    return `${count(line.removed.records, "record")} up to ${moment(line.removed.until)} removed`;
  }
  return line.message_class ? words(line.message_class) : "";
}
