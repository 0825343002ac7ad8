// What would happen to the statement at the cursor if one ran it?

import type { Check } from "~/api/runs";
import { VerdictLine } from "~/parts/run/verdict-line";
import { count, integer } from "~/ui/format";
import type { Limits } from "./limits";
import type { Targets } from "./use-target";
import type { Verdicts } from "./use-verdicts";

/** Which of several is meant, what the rules say to it, and what it would do. */
export function StatementVerdict({ kind, verdicts, targets, limits }: { kind: string; verdicts: Verdicts; targets: Targets; limits: Limits }) {
  const { checked, othersRefused } = verdicts;
  const { target, statements } = targets;
  const { check } = checked;
  const hasSeveral = statements.length > 1;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      {target !== undefined && (hasSeveral || target.kind === "selection") && (
        <p className="text-xs text-ink-soft">
          <span className="font-medium text-ink">{target.kind === "selection" ? `What is selected, from line ${target.line}` : `Statement ${target.number} of ${statements.length}, line ${target.line}`}</span>
          {": one statement runs at a time, the one at the cursor or what is selected."}
          {othersRefused > 0 && ` Of the others ${integer(othersRefused)} would be refused, marked in the text.`}
        </p>
      )}
      {verdicts.mayAsk ? <VerdictLine checked={checked} isEmpty={target === undefined} /> : <p className="text-xs text-ink-soft">What the rules here say is told to who may run statements here.</p>}
      {target !== undefined && check !== undefined && !check.objection && <p className={`text-xs text-ink-soft ${checked.isCurrent ? "" : "opacity-60"}`}>{consequence(check, limits, kind)}</p>}
    </div>
  );
}

const TABLES_MAX = 5;

/** What running it does, in a sentence. */
export function consequence(check: Check, limits: Limits, kind: string): string {
  const read = (check.effects?.relations ?? []).filter((one) => one.access.includes("read")).map((one) => (one.schema ? `${one.schema}.${one.name}` : one.name));
  const names = [...new Set(read)];
  const more = names.length - TABLES_MAX;
  const reads = names.length === 0 ? "Reads no table" : `Reads ${names.slice(0, TABLES_MAX).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const chosen = Number(limits.rows);
  const rows = check.rows_max === null || check.rows_max === undefined ? chosen : Math.min(chosen, check.rows_max);
  return `${check.effects ? `${reads}; ` : ""}${check.effects ? "runs" : "Runs"} in a transaction that ${kind === "sqlserver" ? "is rolled back" : "only reads"}, as it stands: nothing of it is rewritten. It ends after ${count(rows, "row")} or ${limits.seconds} s.`;
}
