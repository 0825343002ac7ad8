// What was in force before, what differed, and how does one go back?

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { rollBackRuleSet, versionQuery, versionsQuery, type RuleSet, type RuleSetVersion } from "~/api/rule-sets";
import { SideBySide } from "~/parts/diff/side-by-side";
import { listed } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { VersionList } from "~/parts/version-list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments } from "~/ui/choice";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { Failed, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { consequence, useReach } from "./reach";
import { RunningCard } from "./running";

const COLUMNS: readonly Column<RuleSetVersion>[] = [
  { id: "at", header: "Published", cell: (row) => <RelativeTime at={row.created_at} />, value: (row) => row.created_at, width: 120 },
  { id: "note", header: "What was said", cell: (row) => <span dir="auto">{row.note || <span className="text-ink-faint">nothing</span>}</span>, value: (row) => row.note, width: 240, grow: true },
  { id: "copy", header: "Text of", cell: (row) => (row.copy_of ? `version ${row.copy_of}` : ""), value: (row) => row.copy_of, width: 110 },
];

export function VersionsPanel({ ruleSet }: { ruleSet: RuleSet }) {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const versions = useInfiniteQuery(versionsQuery(slug, ruleSet.id));
  const chosen = Number(search["version"] ?? NaN);
  const numbers = (listed(versions).rows ?? []).map((one) => one.number);
  return (
    <div className="flex flex-col gap-4">
      <VersionList id="rule-set-versions" versions={versions} current={ruleSet.published} currently="in force" columns={COLUMNS} emptyTitle="Nothing was published yet">
        Each time the draft is published it becomes a version that stays. Any of them can be put in force again.
      </VersionList>
      {ruleSet.published && Number.isInteger(chosen) && <Compared ruleSet={ruleSet} published={ruleSet.published} chosen={chosen} numbers={numbers} />}
      {ruleSet.published && !Number.isInteger(chosen) && numbers.length > 0 && <p className="text-[13px] text-ink-soft">Choose a version to see what it says, and how it differs from any other.</p>}
      <RunningCard name={ruleSet.name} published={ruleSet.published} listeners={ruleSet.listeners ?? []} />
    </div>
  );
}

const SIDES = [
  { value: "text", label: "Rules" },
  { value: "cases", label: "Test cases" },
] as const;

function Compared({ ruleSet, published, chosen, numbers }: { ruleSet: RuleSet; published: number; chosen: number; numbers: readonly number[] }) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const may = useMay("publish_rules");
  const [isOpen, setOpen] = useState(false);
  const asked = Number(search["against"] ?? NaN);
  const against = Number.isInteger(asked) ? asked : published;
  const side = search["of"] === "cases" ? "cases" : "text";
  const one = useQuery(versionQuery(slug, ruleSet.id, chosen));
  const other = useQuery(versionQuery(slug, ruleSet.id, against));
  const error = one.error ?? other.error;
  const named = (number: number): string => `Version ${number}${number === published ? ", in force" : ""}`;
  const choices = [...new Set([published, ...numbers])].sort((left, right) => right - left).map((number) => ({ value: String(number), label: named(number) }));
  // The older one stands left, as in every difference.
  const [older, newer] = chosen <= against ? [one, other] : [other, one];
  const [left, right] = [Math.min(chosen, against), Math.max(chosen, against)];
  return (
    <Card
      title={`Version ${chosen}`}
      note={chosen === published ? "it is in force" : undefined}
      actions={
        <span className="flex flex-wrap items-center gap-2">
          <Segments label="Which text is compared" value={side} onChange={(of) => setSearch({ of: of === "text" ? undefined : of }, "replace")} choices={SIDES} />
          <BareSelect label="Compare with" value={String(against)} onChange={(number) => setSearch({ against: Number(number) === published ? undefined : number }, "replace")} choices={choices} />
          {chosen !== published && (
            <Button size="small" disabled={!may} title={may ? undefined : "Needs the capability publish_rules."} onClick={() => setOpen(true)} icon={<Undo2 className="size-3.5" aria-hidden="true" />}>
              Roll back to version {chosen}
            </Button>
          )}
        </span>
      }
    >
      {older.data && newer.data ? (
        <SideBySide left={older.data[side]} right={newer.data[side]} leftTitle={named(left)} rightTitle={named(right)} />
      ) : error ? (
        <Failed error={error} onRetry={() => void Promise.all([one.refetch(), other.refetch()])} />
      ) : (
        <SkeletonRows />
      )}
      <RollBack ruleSet={ruleSet} published={published} to={chosen} open={isOpen} onClose={() => setOpen(false)} />
    </Card>
  );
}

function RollBack({ ruleSet, published, to, open, onClose }: { ruleSet: RuleSet; published: number; to: number; open: boolean; onClose: () => void }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const reach = useReach(slug, ruleSet.listeners ?? []);
  const [note, setNote] = useState("");
  const rollBack = async () => {
    const { version } = await rollBackRuleSet(slug, ruleSet.id, { to, published, note: note.trim() || `Back to version ${to}` });
    setNote("");
    await Promise.all([client.invalidateQueries({ queryKey: ["rule-sets", slug] }), client.invalidateQueries({ queryKey: ["publications", slug] })]);
    toast({ title: `Version ${version} is published: the text of version ${to}`, tone: "ok" });
  };
  return (
    <Confirm
      open={open}
      onClose={onClose}
      title={`Roll ${ruleSet.name} back to version ${to}`}
      consequence={`The text of version ${to} becomes version ${published + 1}. ${consequence(reach)} The draft stays as it is.`}
      action={`Roll back${reach.isProduction ? " on production" : ""}`}
      typed={reach.isProduction ? ruleSet.name : undefined}
      danger={reach.isProduction}
      onConfirm={rollBack}
    >
      <TextField label="Why" optional maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} help={`Kept with the version; without it: "Back to version ${to}".`} />
    </Confirm>
  );
}
