// What would the rules say to this text, before it is run?

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { checkQuery, type Check } from "~/api/runs";
import { explain } from "~/api/problem";
import { bytes, count, duration } from "~/ui/format";
import type { Mistake } from "../editor/mistakes";
import { charactersOf } from "../editor/offsets";
import { ClassBadge, Verdict } from "../verdict";
import { useMay } from "../workspace";

const PAUSE_MS = 300;
/** What the API takes as a statement. */
const TEXT_BYTES_MAX = 1_048_576;

export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

export interface Checked {
  check: Check | undefined;
  /** Whether it is about the text as it is now. */
  isCurrent: boolean;
  error: unknown;
  mistakes: readonly Mistake[];
}

/** The verdict on a text, asked when typing pauses. */
export function useVerdict(workspace: string, connection: string | undefined, sql: string): Checked {
  const settled = useSettled(sql, PAUSE_MS);
  const mayAsk = useMay("run_queries");
  const isAskable = mayAsk && connection !== undefined && settled.trim() !== "" && settled.length <= TEXT_BYTES_MAX;
  const { data, error } = useQuery({ ...checkQuery(workspace, connection ?? "", settled), enabled: isAskable });
  const isCurrent = settled === sql && isAskable;
  const objection = isCurrent ? data?.objection : undefined;
  return {
    check: isAskable ? data : undefined,
    isCurrent: isCurrent && data !== undefined,
    error: isCurrent ? error : undefined,
    mistakes: objection ? [{ ...charactersOf(settled, objection.span), message: objection.message, severity: "error" }] : [],
  };
}

export function VerdictLine({ checked, isEmpty }: { checked: Checked; isEmpty: boolean }) {
  const { check, error } = checked;
  if (isEmpty) {
    return <p className="text-xs text-ink-faint">Type a statement: the rules are asked while you type.</p>;
  }
  if (error !== undefined && error !== null) {
    return <p className="text-xs text-ink-soft">The rules could not be asked: {explain(error).title}</p>;
  }
  if (check === undefined) {
    return <p className="text-xs text-ink-faint">Asking the rules</p>;
  }
  const { objection, effects } = check;
  const limits = [check.rows_max && `up to ${count(check.rows_max, "row")}`, check.bytes_max && `up to ${bytes(check.bytes_max)}`, check.duration_us && `up to ${duration(check.duration_us)}`].filter(Boolean).join(", ");
  const reasons = [objection?.detail !== objection?.message && objection?.detail, objection?.hint].filter(Boolean).join(" · ");
  return (
    <div role="status" className={`flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 text-xs ${checked.isCurrent ? "" : "opacity-60"}`}>
      <Verdict word={objection ? "refused" : "allowed"} />
      {effects && <ClassBadge word={effects.class} />}
      {objection?.rule && <code className="font-mono text-2xs text-ink-soft">{objection.rule}</code>}
      {objection && <span className="min-w-0 text-ink">{objection.message}</span>}
      {!objection && limits !== "" && <span className="text-ink-soft">by the rules {limits}</span>}
      {!objection &&
        check.warnings.map((warning) => (
          <span key={warning} className="text-warn">
            {warning}
          </span>
        ))}
      {objection && reasons !== "" && <p className="w-full text-ink-soft">{reasons}</p>}
    </div>
  );
}
