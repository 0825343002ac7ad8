// What was in force before, what differed, and how does one go back?

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { useState } from "react";
import { rollBackRuleSet, versionQuery, versionsQuery, type RuleSet, type RuleSetVersion } from "~/api/rule-sets";
import { SideBySide } from "~/parts/diff/side-by-side";
import { usePageSearch } from "~/parts/search";
import { VersionList } from "~/parts/version-list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { Failed, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { consequence, useReach } from "./reach";

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
  return (
    <div className="flex flex-col gap-4">
      <VersionList id="rule-set-versions" versions={versions} current={ruleSet.published} currently="in force" columns={COLUMNS} emptyTitle="Nothing was published yet">
        Each time the draft is published it becomes a version that stays. Any of them can be put in force again.
      </VersionList>
      {Number.isInteger(chosen) && ruleSet.published && <Compared ruleSet={ruleSet} published={ruleSet.published} chosen={chosen} />}
    </div>
  );
}

function Compared({ ruleSet, published, chosen }: { ruleSet: RuleSet; published: number; chosen: number }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const may = useMay("publish_rules");
  const reach = useReach(slug, ruleSet.listeners ?? []);
  const [isOpen, setOpen] = useState(false);
  const old = useQuery(versionQuery(slug, ruleSet.id, chosen));
  const current = useQuery(versionQuery(slug, ruleSet.id, published));
  const error = old.error ?? current.error;
  if (old.data === undefined || current.data === undefined) {
    return error ? <Failed error={error} onRetry={() => void Promise.all([old.refetch(), current.refetch()])} /> : <SkeletonRows />;
  }
  const rollBack = async () => {
    const { version } = await rollBackRuleSet(slug, ruleSet.id, { to: chosen, published, note: `Back to version ${chosen}` });
    await client.invalidateQueries({ queryKey: ["rule-sets", slug] });
    toast({ title: `Version ${version} is published: the text of version ${chosen}`, tone: "ok" });
  };
  return (
    <Card
      title={`Version ${chosen}`}
      note={chosen === published ? "it is in force" : `beside version ${published}, which is in force`}
      actions={
        chosen !== published && (
          <Button size="small" disabled={!may} title={may ? undefined : "Needs the capability publish_rules."} onClick={() => setOpen(true)} icon={<Undo2 className="size-3.5" aria-hidden="true" />}>
            Roll back to version {chosen}
          </Button>
        )
      }
    >
      <SideBySide left={old.data.text} right={current.data.text} leftTitle={`Version ${chosen}`} rightTitle={`Version ${published}, in force`} />
      <Confirm
        open={isOpen}
        onClose={() => setOpen(false)}
        title={`Roll ${ruleSet.name} back to version ${chosen}`}
        consequence={`The text of version ${chosen} becomes version ${published + 1}. ${consequence(reach)} The draft stays as it is.`}
        action={`Roll back${reach.isProduction ? " on production" : ""}`}
        typed={reach.isProduction ? ruleSet.name : undefined}
        danger={reach.isProduction}
        onConfirm={rollBack}
      />
    </Card>
  );
}
