// Do the test cases hold for the rules as they are written now, and how is another one added?

import { useMutation } from "@tanstack/react-query";
import { runCases, type CasesResult } from "~/api/rule-sets";
import { useWorkspace } from "~/parts/workspace";
import type { Texts } from "./use-draft";

export interface CasesState {
  /** What the last run found; of texts that may have changed since. */
  data: CasesResult | undefined;
  /** Whether the texts are still those that were run. */
  isCurrent: boolean;
  isPending: boolean;
  error: unknown;
  run: (texts?: Texts) => Promise<CasesResult | undefined>;
}

export function useCases(ruleSet: string, mine: Texts): CasesState {
  const { slug } = useWorkspace();
  const { mutateAsync, data, isPending, error } = useMutation({
    mutationFn: async ({ text, cases }: Texts) => ({ found: await runCases(slug, ruleSet, { text, cases }), text, cases }),
  });
  return {
    data: data?.found,
    isCurrent: data?.text === mine.text && data.cases === mine.cases,
    isPending,
    error,
    run: (texts = mine) =>
      mutateAsync(texts).then(
        ({ found }) => found,
        () => undefined,
      ),
  };
}
