// What may come next in the text of a rule? Keys of the reference, values that were seen.

import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import { queryClient } from "~/api/queries";
import { observedQuery, suggestions } from "./observed";
import { placeInRule, type PlaceInRule } from "./place-in-rule";
import { CONDITIONS, conditionOf, DAYS, DECISIONS, KEPT, PACED_BY, RULE_KEYS } from "./reference";

/** The text before the cursor that is read: a rule is far shorter. */
const READ_MAX = 20_000;

const LIMIT_KEYS = ["rows", "bytes", "seconds", "per_second", "burst", "by"];
const SESSION_KEYS = ["name", "when", "unless", "read_only"];
const FILE_KEYS = ["description", "include"];

function keys({ header, path }: PlaceInRule): Completion[] {
  const inner = path.at(-1);
  if (inner === "when" || inner === "unless") {
    const known = header === "session" ? CONDITIONS.filter((one) => one.isOfSession) : CONDITIONS;
    return known.map((one) => ({ label: one.key, detail: one.about, apply: `${one.key} = `, type: "property" }));
  }
  const names = inner === "limit" ? LIMIT_KEYS : inner === "time" ? ["days", "from", "to", "offset"] : path.length > 0 ? [] : header === "rule" ? RULE_KEYS : header === "session" ? SESSION_KEYS : header === "" ? FILE_KEYS : [];
  return names.map((name) => ({ label: name, apply: `${name} = `, type: "property" }));
}

async function values({ header, path, typed }: PlaceInRule, workspace: string, lists: readonly string[], sets: readonly string[]): Promise<Completion[]> {
  const [outer, inner] = [path.at(-2), path.at(-1) ?? ""];
  const of = (words: readonly string[]): Completion[] => words.map((label) => ({ label, type: "enum" }));
  if (outer === "when" || outer === "unless") {
    if (conditionOf(inner)?.shape === "truth") {
      return of(["true", "false"]);
    }
    const observed = await queryClient.ensureQueryData(observedQuery(workspace)).catch(() => undefined);
    return suggestions(observed, lists, inner, typed).map((one) => ({ label: one.value, detail: one.about, type: "enum" }));
  }
  const fixed: Readonly<Record<string, readonly string[]>> = { days: DAYS, by: PACED_BY, decision: DECISIONS.map((one) => one.value), reason: ["not_permitted", "read_only"], record: KEPT, overridable: ["true", "false"], dry_run: ["true", "false"], read_only: ["true"] };
  return of(inner === "include" && header === "" ? sets : (fixed[inner] ?? []));
}

/** What stands around: the lists there are, and the rule sets that may be included. */
export interface Around {
  lists: readonly string[];
  sets: readonly string[];
}

export function ruleCompletion(workspace: string, around: () => Around): CompletionSource {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - READ_MAX), context.pos);
    const place = placeInRule(before);
    if (place === undefined || (place.typed === "" && !place.isQuoted && !context.explicit)) {
      return null;
    }
    const { lists, sets } = around();
    const options = place.wants === "key" ? keys(place) : await values(place, workspace, lists, sets);
    // Where a quote is missing it comes with the word.
    const isWord = /^(?:true|false)$/;
    const quoted = place.wants === "key" || place.isQuoted ? options : options.map((one) => (isWord.test(one.label) ? one : { ...one, apply: `"${one.label}"` }));
    return quoted.length === 0 ? null : { from: context.pos - place.typed.length, options: quoted, filter: true };
  };
}
