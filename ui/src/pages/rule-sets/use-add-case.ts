// How does a statement that was seen become a test case with one press?

import { toast } from "~/ui/toast";
import { caseText, UNKNOWN, withCase, type Seen } from "./case-text";
import type { CasesState } from "./use-cases";
import type { DraftState } from "./use-draft";

/** The case expects what the rules say now: whoever adds it changes that, or keeps it as it is. */
export function useAddCase(name: string, draft: DraftState, cases: CasesState): (seen: Seen, protocol?: string) => Promise<void> {
  return async (seen, protocol = "postgres") => {
    const { text, cases: before } = draft.mine;
    const made = (expected: string): string => caseText([name], protocol, seen, expected);
    const asked = await cases.run({ text, cases: made(UNKNOWN) });
    const [result] = asked?.results ?? [];
    const expected = result === undefined || result.got === "no statement" ? UNKNOWN : result.got;
    const after = withCase(before, made(expected));
    draft.type({ cases: after });
    toast({
      title: result === undefined ? "A test case was added; the rules could not be asked what they say." : `A test case was added: it expects what the rules say now, ${expected}`,
      tone: result === undefined ? "neutral" : "ok",
      action: { label: "Take it back", run: () => draft.type({ cases: before }) },
    });
    if (result !== undefined) {
      await cases.run({ text, cases: after });
    }
  };
}
