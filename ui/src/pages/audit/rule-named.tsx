// Which rule decided, and what is it about?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { packQuery, packsQuery } from "~/api/publications";
import { ruleSetsQuery, versionQuery } from "~/api/rule-sets";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { ruleWords } from "./rule-words";

/** Records name a rule as `rule set/rule`. */
function partsOf(rule: string): [string, string] {
  const at = rule.indexOf("/");
  return at === -1 ? [rule, ""] : [rule.slice(0, at), rule.slice(at + 1)];
}

/** A rule set of the workspace is a page; a shipped one is none. */
export function RuleNamed({ rule }: { rule: string }) {
  const { slug } = useWorkspace();
  const sets = useQuery(ruleSetsQuery(slug)).data;
  const own = sets?.find((one) => one.name === partsOf(rule)[0]);
  return own ? (
    <Link to={paths.ruleSet(slug, own.id)} className="font-mono text-xs text-brand-text underline-offset-2 hover:underline">
      {rule}
    </Link>
  ) : (
    <span className="font-mono text-xs">{rule}</span>
  );
}

/** The text of the rule set as it is published now, of the workspace or shipped. */
function useRuleText(set: string): string | undefined {
  const { slug } = useWorkspace();
  const sets = useQuery(ruleSetsQuery(slug)).data;
  const own = sets?.find((one) => one.name === set);
  const published = own?.published ?? undefined;
  const version = useQuery({ ...versionQuery(slug, own?.id ?? "", published ?? 0), enabled: published !== undefined }).data;
  const packs = useQuery({ ...packsQuery, enabled: sets !== undefined && own === undefined }).data;
  const pack = useQuery({ ...packQuery(set), enabled: own === undefined && packs?.includes(set) === true }).data;
  return own === undefined ? pack?.text : version?.text;
}

/** What the client was told, and what to do instead; nothing where the rule has no words of its own. */
export function RuleReason({ rule }: { rule: string }) {
  const [set, name] = partsOf(rule);
  const text = useRuleText(set);
  const said = text === undefined ? undefined : ruleWords(text, name);
  if (said === undefined) {
    return null;
  }
  return (
    <div className="flex flex-col gap-0.5 text-[13px]">
      {said.message && <p className="text-ink">{said.message}</p>}
      {said.hint && <p className="text-ink-soft">{said.hint}</p>}
      <p className="text-2xs text-ink-faint">As the rule says it now; it may have been changed since.</p>
    </div>
  );
}
