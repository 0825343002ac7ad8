// What becomes of a statement that the rules judge in another way: refused, held, allowed, bound, or only by another rule?

import type { Difference, Replayed, Said } from "~/api/rule-sets";

export const KINDS = ["refused", "held", "allowed", "bound", "trial", "rule"] as const;
export type Kind = (typeof KINDS)[number];

export const KIND_WORDS: Readonly<Record<Kind, string>> = { refused: "would be refused", held: "would be held", allowed: "would pass", bound: "other limits", trial: "on trial", rule: "another rule says so" };

const stops = (verdict: string): boolean => verdict === "refuse" || verdict === "hold";

function ofVerdicts(before: string, after: string): Kind | undefined {
  if (before === after) {
    return undefined;
  }
  return after === "refuse" ? "refused" : after === "hold" ? "held" : stops(before) ? "allowed" : undefined;
}

export function kindOf({ before, after }: { before: Said; after: Said }): Kind {
  const changed = ofVerdicts(before.verdict, after.verdict);
  if (changed) {
    return changed;
  }
  if ((before.limits ?? "") !== (after.limits ?? "") && !stops(after.verdict)) {
    return "bound";
  }
  return (before.would ?? "") !== (after.would ?? "") || (before.would_rule ?? "") !== (after.would_rule ?? "") ? "trial" : "rule";
}

/** Statements, by what becomes of them: of all that were judged. */
export function totals({ outcomes, bound_otherwise: bound }: Pick<Replayed, "outcomes" | "bound_otherwise">): { refused: number; held: number; allowed: number; bound: number } {
  const found = { refused: 0, held: 0, allowed: 0, bound };
  for (const { before, after, statements } of outcomes) {
    const kind = ofVerdicts(before, after);
    if (kind === "refused" || kind === "held" || kind === "allowed") {
      found[kind] += statements;
    }
  }
  return found;
}

export const DEFAULT_RULE = "the listener's default";

/** What is said, in words: verdict, rule, limits. */
export const saidWords = ({ verdict, rule, limits, would, would_rule: trial }: Said): string => [verdict, rule ?? DEFAULT_RULE, limits, would && `on trial: ${would} by ${trial ?? ""}`].filter(Boolean).join(" · ");

export interface ByRule {
  key: string;
  kind: Kind;
  before: string;
  after: string;
  statements: number;
  shapes: number;
}

export function byRule(differences: readonly Difference[]): ByRule[] {
  const found = new Map<string, ByRule>();
  for (const one of differences) {
    const kind = kindOf(one);
    const [before, after] = [one.before.rule ?? DEFAULT_RULE, one.after.rule ?? DEFAULT_RULE];
    const key = `${kind}\u0000${before}\u0000${after}`;
    const row = found.get(key) ?? { key, kind, before, after, statements: 0, shapes: 0 };
    found.set(key, { ...row, statements: row.statements + one.statements, shapes: row.shapes + 1 });
  }
  return [...found.values()].sort((left, right) => right.statements - left.statements);
}

export interface ByCaller {
  key: string;
  user: string;
  application: string;
  database: string;
  /** Statements of different shape, by what becomes of them. */
  shapes: Readonly<Partial<Record<Kind, number>>>;
  all: number;
}

/** Of those who are named: of each difference at most five. */
export function byCaller(differences: readonly Difference[]): ByCaller[] {
  const found = new Map<string, ByCaller>();
  for (const one of differences) {
    const kind = kindOf(one);
    for (const { user, application, database } of one.callers) {
      const key = `${user}\u0000${application}\u0000${database}`;
      const row = found.get(key) ?? { key, user, application, database, shapes: {}, all: 0 };
      found.set(key, { ...row, shapes: { ...row.shapes, [kind]: (row.shapes[kind] ?? 0) + 1 }, all: row.all + 1 });
    }
  }
  return [...found.values()].sort((left, right) => right.all - left.all);
}
