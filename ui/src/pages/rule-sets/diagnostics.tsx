// What is wrong with the rules as they are written, and where?

import { CircleCheck, CircleX } from "lucide-react";
import { useQuery } from "@tanstack/react-query";
import { explain } from "~/api/problem";
import type { Place, ToldOutline } from "~/api/outline";
import { checkRules, type Diagnostic } from "~/api/rule-sets";
import type { Mistake } from "~/parts/editor/mistakes";
import { charactersOf } from "~/parts/editor/offsets";
import { useSettled } from "~/parts/run/verdict-line";
import { useMay } from "~/parts/workspace";
import { count } from "~/ui/format";

const PAUSE_MS = 400;

export interface CheckedRules {
  diagnostics: readonly Diagnostic[];
  /** `undefined` until it was asked. */
  isGood: boolean | undefined;
  rules: number;
  error: unknown;
  isCurrent: boolean;
  mistakes: readonly Mistake[];
  /** What stands in it, where it can be read; of the text `of`. */
  outline: ToldOutline | undefined;
  of: string;
}

const NOTHING: ToldOutline = { fields: [], sessions: [], rules: [] };

/** The rules are compiled on the server while they are written; nothing is saved by it. */
export function useCheckedRules(workspace: string, name: string, text: string): CheckedRules {
  const may = useMay("edit_rules");
  const settled = useSettled(text, PAUSE_MS);
  const isEmpty = settled.trim() === "";
  const { data, error, isPlaceholderData } = useQuery({ ...checkRules(workspace, name, settled), enabled: may && !isEmpty, placeholderData: (before) => before });
  const isCurrent = settled === text && (isEmpty || (data !== undefined && !isPlaceholderData));
  const diagnostics: readonly Diagnostic[] = isEmpty ? [] : (data?.diagnostics ?? []);
  // What stands in a text is told of that text only.
  const outline = isEmpty ? NOTHING : isPlaceholderData ? undefined : (data?.outline ?? undefined);
  return { diagnostics, isGood: data?.is_good, rules: data?.rules ?? 0, error, isCurrent, mistakes: isCurrent ? mistakesOf(diagnostics, settled, name) : [], outline, of: settled };
}

export const mistakesOf = (diagnostics: readonly Diagnostic[], text: string, place: string): Mistake[] =>
  diagnostics.flatMap((one) => (one.span && one.place === place ? [{ ...charactersOf(text, one.span), message: [one.message, one.hint].filter(Boolean).join("\n"), severity: "error" as const }] : []));

interface DiagnosticsProps {
  checked: CheckedRules;
  isEmpty: boolean;
  /** The rule set's name: mistakes in other texts cannot be shown here. */
  name: string;
  onShow: (place: Place) => void;
}

export function Diagnostics({ checked, isEmpty, name, onShow }: DiagnosticsProps) {
  const { diagnostics, error } = checked;
  if (isEmpty) {
    return <p className="px-4 py-2.5 text-xs text-ink-faint">There are no rules yet. They are checked while you write.</p>;
  }
  if (error !== null && error !== undefined) {
    return <p className="px-4 py-2.5 text-xs text-ink-soft">The rules could not be checked: {explain(error).title}</p>;
  }
  if (diagnostics.length === 0) {
    return (
      <p role="status" className="flex items-center gap-1.5 px-4 py-2.5 text-xs text-ink-soft">
        {checked.isGood === undefined ? (
          "Checking"
        ) : (
          <>
            <CircleCheck className="size-3.5 text-ok" aria-hidden="true" /> It compiles: {count(checked.rules, "rule")}, with those of included rule sets.
          </>
        )}
      </p>
    );
  }
  return <DiagnosticList diagnostics={diagnostics} onShow={(one) => one.place === name && one.span && onShow(charactersOf(checked.of, one.span))} />;
}

export function DiagnosticList({ diagnostics, onShow }: { diagnostics: readonly Diagnostic[]; onShow?: (one: Diagnostic) => void }) {
  return (
    <ul role="status" aria-label={count(diagnostics.length, "mistake")} className="scroll-thin flex max-h-48 flex-col gap-2 overflow-auto px-4 py-2.5 text-xs">
      {diagnostics.map((one, index) => (
        <li key={index} className="flex gap-2">
          <CircleX className="mt-px size-3.5 shrink-0 text-danger" aria-hidden="true" />
          <span className="min-w-0">
            <Where one={one} onShow={onShow} />{" "}
            <span className="text-ink">{one.message}</span>
            {one.hint && <span className="block text-ink-soft">{one.hint}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Leads to the place, where it is in a text that is at hand. */
function Where({ one, onShow }: { one: Diagnostic; onShow: ((one: Diagnostic) => void) | undefined }) {
  const words = `${one.place}${one.line ? ` line ${one.line}${one.column ? `, column ${one.column}` : ""}` : ""}`;
  const look = "font-mono text-2xs text-ink-soft";
  return onShow && one.span ? (
    <button type="button" onClick={() => onShow(one)} className={`${look} underline decoration-dotted underline-offset-2 hover:text-ink`}>
      {words}
    </button>
  ) : (
    <span className={look}>{words}</span>
  );
}
