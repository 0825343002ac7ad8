// How would the database go about a statement, and how did it? For the second it runs once, bounded like any other run.

import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { explainQuery, run, type Cell, type PlanAnswer, type RunInput, type RunListener } from "~/api/runs";

export interface Plan {
  answer: PlanAnswer | undefined;
  error: unknown;
  isPending: boolean;
  isMeasuring: boolean;
  sql: string;
  explain: (input: RunInput) => void;
  /** Only where {@link canMeasure} says so. */
  measure: (input: RunInput) => void;
  cancel: () => boolean;
}

const MEASURED = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ";

/** Others have no form of it that is a query to the rules. */
export const canMeasure = (engine: string): boolean => engine === "postgres";

export function usePlan(workspace: string): Plan {
  const abort = useRef<AbortController>(undefined);
  const asking = useMutation({
    mutationFn: async ({ input, isMeasured }: { input: RunInput; isMeasured: boolean }): Promise<PlanAnswer> => {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      if (!isMeasured) {
        return explainQuery(workspace, { connection: input.connection, sql: input.sql, parameters: input.parameters }, mine.signal);
      }
      return measured(workspace, input, mine.signal);
    },
  });
  const { variables, isPending } = asking;
  return {
    answer: asking.data,
    error: asking.error,
    isPending,
    isMeasuring: isPending && variables?.isMeasured === true,
    sql: variables?.input.sql ?? "",
    explain: (input) => asking.mutate({ input, isMeasured: false }),
    measure: (input) => asking.mutate({ input, isMeasured: true }),
    cancel: () => {
      if (isPending) {
        abort.current?.abort();
        asking.reset();
      }
      return isPending;
    },
  };
}

async function measured(workspace: string, input: RunInput, signal: AbortSignal): Promise<PlanAnswer> {
  const rows: Cell[][] = [];
  const notices: string[] = [];
  const nothing = () => undefined;
  const listener: RunListener = { asked: nothing, started: nothing, columns: nothing, rows: (more) => void rows.push(...more), notice: (message) => void notices.push(message), done: nothing };
  await run(workspace, { ...input, sql: MEASURED + input.sql, saved_query: undefined }, listener, signal);
  const plan: unknown = JSON.parse(String(rows[0]?.[0] ?? "null"));
  return { engine: "postgres", format: "postgres", plan, text: "", warnings: notices };
}
