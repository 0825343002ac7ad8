// Why did a statement not run or not end: in the words of the rules, of the server, of the API?

import { Ban, CircleX } from "lucide-react";
import { ProblemError } from "~/api/problem";
import { ErrorNote } from "~/ui/states";
import { charactersOf } from "../editor/offsets";
import type { Mistake } from "../editor/mistakes";

/** Where in the text the API says something is wrong. */
export function mistakesOf(error: unknown, text: string): Mistake[] {
  if (!(error instanceof ProblemError)) {
    return [];
  }
  return (error.problem.errors ?? []).flatMap((one) => (one.field === "sql" && one.span ? [{ ...charactersOf(text, one.span), message: one.message, severity: "error" as const }] : []));
}

const lineAndColumn = (text: string, at: number): string => {
  const before = text.slice(0, at).split("\n");
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
};

export function RunProblem({ error, sql }: { error: unknown; sql: string }) {
  const said = error instanceof ProblemError ? error.problem.errors?.find((one) => one.field === "sql") : undefined;
  if (!(error instanceof ProblemError) || said === undefined) {
    return <ErrorNote error={error} />;
  }
  const { problem } = error;
  const isRefused = error.code === "refused";
  const Icon = isRefused ? Ban : CircleX;
  const [place] = mistakesOf(error, sql);
  return (
    <div role="alert" className="flex gap-3 rounded-md border border-danger/40 bg-danger-soft px-3 py-2.5 text-[13px] text-ink">
      <Icon className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-danger">
          {isRefused ? "The rules refuse it" : problem.title}
          {problem.rule ? `: ${problem.rule}` : ""}
        </p>
        {isRefused && <p className="mt-0.5">{problem.detail}</p>}
        <p dir="auto" className="mt-0.5 font-mono text-xs break-words whitespace-pre-wrap">
          {said.message}
        </p>
        {said.hint && <p className="mt-0.5 text-ink-soft">{said.hint}</p>}
        {place && <p className="mt-0.5 text-xs text-ink-soft">At {lineAndColumn(sql, place.from)}, marked in the text.</p>}
        <p className="mt-1.5 font-mono text-2xs text-ink-soft">
          {problem.code}
          {problem.request_id && ` · request ${problem.request_id}`}
        </p>
      </div>
    </div>
  );
}
