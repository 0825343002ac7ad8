// What do the rules say to the statement that would run, and to those beside it?

import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Connection } from "~/api/connections";
import { checkQuery, type Check } from "~/api/runs";
import { charactersOf } from "~/parts/editor/offsets";
import type { Mistake } from "~/parts/editor/mistakes";
import type { Span } from "~/parts/editor/reader/statements";
import { useSettled, type Checked } from "~/parts/run/verdict-line";
import { useMay } from "~/parts/workspace";
import type { Targets } from "./use-target";

/** Short enough to be there when one looks up, long enough not to ask for each letter. */
const PAUSE_MS = 150;
/** What the API takes as a statement. */
const TEXT_BYTES_MAX = 1_048_576;
/** Of a text with more statements the first are asked about, and the one that would run. */
const OTHERS_MAX = 8;

export interface Verdicts {
  /** Whether who writes may ask the rules of this connection at all. */
  mayAsk: boolean;
  checked: Checked;
  /** Of the whole text. */
  mistakes: readonly Mistake[];
  /** How many of the others may not run. */
  othersRefused: number;
}

export function useVerdicts(workspace: string, { id: connection, environment }: Partial<Connection>, text: string, { target, statements }: Targets): Verdicts {
  const mayRun = useMay("run_queries");
  const mayUseProduction = useMay("use_production");
  // Who may not run there is not told what the rules there say either.
  const mayAsk = mayRun && (environment !== "production" || mayUseProduction);
  const sql = target?.sql ?? "";
  const settled = useSettled(sql, PAUSE_MS);
  const isAskable = mayAsk && connection !== undefined && settled !== "" && settled.length <= TEXT_BYTES_MAX;
  const asked = useQuery({ ...checkQuery(workspace, connection ?? "", settled), enabled: isAskable, placeholderData: keepPreviousData });
  const isCurrent = settled === sql && isAskable && !asked.isPlaceholderData;
  const check = isAskable ? asked.data : undefined;

  const settledText = useSettled(text, PAUSE_MS);
  const others = settledText === text && isAskable && statements.length > 1 ? statements.filter((one) => one.from !== target?.span.from).slice(0, OTHERS_MAX) : [];
  const answers = useQueries({ queries: others.map((span) => ({ ...checkQuery(workspace, connection ?? "", text.slice(span.from, span.to)), retry: false })) });

  const mine = isCurrent && target ? mistakesIn(check, target.span, target.sql) : [];
  const theirs = others.flatMap((span, index) => mistakesIn(answers[index]?.data, span, text.slice(span.from, span.to)));
  // The same ones are the same list, so that nothing is underlined anew for a step of the cursor.
  const all = JSON.stringify([...mine, ...theirs]);
  const mistakes = useMemo(() => JSON.parse(all) as Mistake[], [all]);
  return {
    mayAsk,
    checked: { check, isCurrent: isCurrent && check !== undefined, error: isCurrent ? asked.error : undefined, mistakes: mine },
    mistakes,
    othersRefused: answers.filter((one) => one.data?.objection).length,
  };
}

function mistakesIn(check: Check | undefined, at: Span, sql: string): Mistake[] {
  const objection = check?.objection;
  if (!objection) {
    return [];
  }
  const { from, to } = charactersOf(sql, objection.span);
  return [{ from: at.from + from, to: at.from + to, message: objection.message, severity: "error" }];
}
