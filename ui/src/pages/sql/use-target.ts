// What would run now: the statement at the cursor, or what is chosen?

import { useMemo } from "react";
import { lineOf, statementAt, statementsOf, type Span } from "~/parts/editor/reader/statements";

export interface Target {
  sql: string;
  span: Span;
  kind: "whole" | "statement" | "selection";
  /** Its number among the statements of the text, from 1; 0 for what is chosen. */
  number: number;
  line: number;
}

export interface Targets {
  target: Target | undefined;
  statements: readonly Span[];
}

const NOTHING: Span = { from: 0, to: 0 };

/** `chosen` is what the editor says is selected; from and to are the same where it is only the cursor. */
export function targetsOf(text: string, engine: string, chosen: Span = NOTHING): Targets {
  const statements = statementsOf(text, engine);
  const selected = text.slice(chosen.from, chosen.to);
  const from = chosen.from + (selected.length - selected.trimStart().length);
  const sql = selected.trim();
  // What is chosen is meant: but not a word that was looked at by a double click.
  if (sql !== "" && /\s/.test(sql)) {
    return { statements, target: { sql, span: { from, to: from + sql.length }, kind: "selection", number: 0, line: lineOf(text, from) } };
  }
  const span = statementAt(statements, text, chosen.from);
  if (span === undefined) {
    return { statements, target: undefined };
  }
  const isOnly = statements.length === 1;
  return { statements, target: { sql: text.slice(span.from, span.to), span, kind: isOnly ? "whole" : "statement", number: statements.indexOf(span) + 1, line: lineOf(text, span.from) } };
}

export function useTargets(text: string, engine: string, chosen: Span): Targets {
  return useMemo(() => targetsOf(text, engine, chosen), [text, engine, chosen]);
}
