// Which statements does a text hold, and which of them is meant where the cursor stands?

import { isSign, tokensOf } from "./tokens";

export interface Span {
  from: number;
  to: number;
}

/** Longer texts are taken for one statement: they are pasted, not written. */
export const READ_MAX = 300_000;

/** Where each statement stands, without the semicolon behind it; what is only a comment is none. */
export function statementsOf(text: string, engine = "postgres"): Span[] {
  if (text.length > READ_MAX) {
    return [{ from: 0, to: text.length }];
  }
  const spans: Span[] = [];
  let from: number | undefined;
  let to = 0;
  let isSaid = false;
  const end = () => {
    if (from !== undefined && isSaid) {
      spans.push({ from, to });
    }
    from = undefined;
    isSaid = false;
  };
  for (const token of tokensOf(text, engine)) {
    if (isSign(token, ";")) {
      end();
    } else {
      from ??= token.from;
      isSaid ||= token.kind !== "comment";
      // A comment behind the last word is no part of it; one between words is.
      to = token.kind === "comment" && isSaid ? to : token.to;
    }
  }
  end();
  return spans;
}

/** The statement the cursor is in; between two it is the one on the cursor's line, else the one that follows. */
export function statementAt(spans: readonly Span[], text: string, at: number): Span | undefined {
  const within = spans.find((one) => one.from <= at && at <= one.to);
  const before = spans.findLast((one) => one.to < at);
  const after = spans.find((one) => one.from > at);
  const isOnLine = before !== undefined && !text.slice(before.to, at).includes("\n");
  return within ?? (isOnLine ? before : (after ?? before));
}

export const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;
