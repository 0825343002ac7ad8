// What would the rules, as they are written now, have changed of what happened?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RefreshCw, ScanSearch } from "lucide-react";
import { useState } from "react";
import { environmentOf, listenersQuery, type Listener } from "~/api/listeners";
import { replayQuery, type Replayed, type RuleSet } from "~/api/rule-sets";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { RangePicker, useRange, type Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { BareSelect } from "~/ui/choice";
import { Card, Figure } from "~/ui/card";
import { count, integer } from "~/ui/format";
import { Failed, FirstTime, NotAllowed, Note, SkeletonRows } from "~/ui/states";
import type { Seen } from "../case-text";
import type { CheckedRules } from "../diagnostics";
import { Differences } from "./differences";
import { totals } from "./kinds";

interface EffectPanelProps {
  ruleSet: RuleSet;
  text: string;
  checked: CheckedRules;
  onAdd: (seen: Seen, protocol?: string) => Promise<void>;
}

const RANGES_OFFERED = ["1h", "24h", "7d"] as const;

export function EffectPanel(props: EffectPanelProps) {
  const { slug } = useWorkspace();
  const mayEdit = useMay("edit_rules");
  const mayTraffic = useMay("view_traffic");
  const listeners = useQuery({ ...listenersQuery(slug), enabled: mayTraffic });
  if (!mayEdit || !mayTraffic) {
    return (
      <Card flush>
        <NotAllowed what="what rules would have changed" capability={mayEdit ? "view_traffic" : "edit_rules"} />
      </Card>
    );
  }
  if (listeners.data === undefined) {
    return listeners.error ? <Failed error={listeners.error} onRetry={() => void listeners.refetch()} /> : <SkeletonRows />;
  }
  const known = listeners.data.filter((one) => one.planes.some((plane) => plane.state));
  if (known.length === 0) {
    return (
      <Card flush>
        <FirstTime icon={<ScanSearch className="size-5" />} title="There is no listener yet">
          What goes through a listener is kept without literals. As soon as there is one, the rules written here can be held against what happened behind it.
        </FirstTime>
      </Card>
    );
  }
  return <Asked {...props} listeners={known} />;
}

/** Those that take the rule set first: it is about them. */
const ordered = (listeners: readonly Listener[], used: readonly string[]): Listener[] => [...listeners].sort((left, right) => Number(used.includes(right.name)) - Number(used.includes(left.name)) || left.name.localeCompare(right.name));

function Asked({ ruleSet, text, checked, onAdd, listeners }: EffectPanelProps & { listeners: readonly Listener[] }) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const [beat, setBeat] = useState(0);
  const range = useRange("1h", beat);
  const used = ruleSet.listeners ?? [];
  const offered = ordered(listeners, used);
  const listener = offered.find((one) => one.name === search["listener"]) ?? offered[0];
  const isGood = checked.isCurrent && checked.isGood !== false;
  const found = useQuery({ ...replayQuery(slug, ruleSet.id, { listener: listener?.name ?? "", text, from: range.from, until: range.until }), enabled: isGood && listener !== undefined });
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <BareSelect label="Listener" value={listener?.name ?? ""} onChange={(name) => setSearch({ listener: name }, "replace")} choices={offered.map((one) => ({ value: one.name, label: one.name, note: used.includes(one.name) ? "takes this rule set" : "does not take it now: it is tried as if it did" }))} className="max-w-64" />
        {listener && <EnvironmentPill environment={environmentName(environmentOf(listener))} />}
        <RangePicker otherwise="1h" ranges={RANGES_OFFERED} />
        <Button size="small" onClick={() => (range.isMoving ? setBeat(beat + 1) : void found.refetch())} busy={found.isFetching} disabled={!isGood} icon={<RefreshCw className="size-3.5" aria-hidden="true" />}>
          Ask again
        </Button>
        <span className="text-xs text-ink-soft">The text as it is written now, saved or not, is held against what happened. Nothing is changed by it.</span>
      </div>
      {checked.isCurrent && checked.isGood === false ? (
        <Note tone="warn">
          The rules have mistakes: nobody can tell what they would change.{" "}
          <Link to="." search={((before: Record<string, unknown>) => ({ ...before, tab: undefined })) as never} className="underline underline-offset-2">
            Correct them
          </Link>{" "}
          first.
        </Note>
      ) : found.error ? (
        <Failed error={found.error} onRetry={() => void found.refetch()} />
      ) : found.data === undefined || listener === undefined ? (
        <div>
          <p role="status" className="px-3 pt-2 text-xs text-ink-soft">
            Judging what happened, at most twenty seconds
          </p>
          <SkeletonRows rows={6} />
        </div>
      ) : (
        <Found found={found.data} range={range} listener={listener} onAdd={onAdd} />
      )}
    </div>
  );
}

function Found({ found, range, listener, onAdd }: { found: Replayed; range: Range; listener: Listener; onAdd: EffectPanelProps["onAdd"] }) {
  const { slug } = useWorkspace();
  const sums = totals(found);
  const protocol = listener.planes.find((plane) => plane.state)?.state?.protocol;
  if (found.statements === 0) {
    return (
      <Card flush>
        <FirstTime
          icon={<ScanSearch className="size-5" />}
          title={`Nothing happened behind ${listener.name} in this time`}
          actions={
            <Button asChild>
              <Link to={paths.traffic(slug)}>Open Traffic</Link>
            </Button>
          }
        >
          Choose a longer time. Every statement that went through the listener is judged twice: by what is in force, and by what is written here.
        </FirstTime>
      </Card>
    );
  }
  return (
    <>
      <Card title="Of what happened" note={range.label}>
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
          <Figure label="Statements" value={integer(found.statements)} note={`${integer(found.judged)} could be judged`} />
          <Figure label="Would be refused" value={integer(sums.refused)} note="and pass now" tone={sums.refused > 0 ? "danger" : undefined} />
          <Figure label="Would be held" value={integer(sums.held)} tone={sums.held > 0 ? "warn" : undefined} />
          <Figure label="Would pass" value={integer(sums.allowed)} note="and are stopped now" />
          <Figure label="Would have other limits" value={integer(sums.bound)} />
          <Figure label="Nobody can tell" value={integer(found.untold + found.left_out)} tone={found.untold + found.left_out > 0 ? "warn" : undefined} />
        </dl>
        <p className="mt-3 text-xs text-ink-soft">
          Now: {found.before.length === 0 ? "nothing is published" : found.before.join(", ")}. Tried: {found.after.join(", ")}. Both behind the rules of the listener&apos;s file.
        </p>
      </Card>
      <Differences found={found} range={range} listener={listener.name} onAdd={(seen) => onAdd(seen, protocol)} />
      <Unknown found={found} />
    </>
  );
}

/** What cannot be known is said. */
function Unknown({ found }: { found: Replayed }) {
  const lines = [
    found.untold > 0 && `${count(found.untold, "statement")}: the text is cut or unknown, or its literals decide what it does.`,
    found.left_out > 0 && `${count(found.left_out, "statement")} were not looked at: there are too many, or it took too long. Choose a shorter time.`,
    found.unknown_floor.length > 0 && `The file's own rule sets ${found.unknown_floor.join(", ")} are known on the machine only: what they say is no part of this.`,
    "What limits would have cut off: how many rows a statement would have returned is not asked again. It is told only that other limits would hold.",
    ...found.assumptions.map((one) => `Taken as usual: ${one}.`),
  ].filter((one) => one !== false);
  return (
    <Card title="What cannot be known">
      <ul className="flex list-disc flex-col gap-1 pl-4 text-xs text-ink-soft">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Card>
  );
}
