// What is different between two snapshots, and how bad may it be?

import { useQuery } from "@tanstack/react-query";
import { Equal } from "lucide-react";
import { schemaDiffQuery, type SchemaDiff } from "~/api/connections";
import { useWorkspace } from "~/parts/workspace";
import { Badge, type BadgeTone } from "~/ui/badge";
import { integer } from "~/ui/format";
import { Failed, FirstTime, Note, SkeletonRows } from "~/ui/states";

type Change = SchemaDiff["changes"][number];

const TONES: Record<Change["severity"], BadgeTone> = { safe: "ok", risky: "warn", breaking: "danger" };
const MEANINGS: Record<Change["severity"], string> = { safe: "Nothing that uses the database should notice.", risky: "Some statements may do something else.", breaking: "Statements that use it fail." };
const ORDER: readonly Change["severity"][] = ["breaking", "risky", "safe"];

export function SchemaChanges({ connection, before, after }: { connection: string; before: string; after: string }) {
  const { slug } = useWorkspace();
  const { data, error, refetch } = useQuery(schemaDiffQuery(slug, connection, before, after));
  if (data === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={4} />;
  }
  if (data.changes.length === 0) {
    return <FirstTime icon={<Equal className="size-5" />} title="No difference">Both snapshots hold the same objects.</FirstTime>;
  }
  return (
    <div>
      <p className="border-b border-line px-4 py-2 text-xs text-ink-soft tabular-nums">
        {integer(data.added)} added, {integer(data.changed)} changed, {integer(data.removed)} removed
      </p>
      <ul className="scroll-thin max-h-[32rem] overflow-auto">
        {ORDER.flatMap((severity) => data.changes.filter((change) => change.severity === severity)).map((change, index) => (
          <li key={`${change.key}-${change.part?.aspect ?? ""}-${change.part?.name ?? ""}-${change.field ?? ""}-${index}`} className="flex items-start gap-3 border-b border-line px-4 py-2 text-[13px] last:border-b-0">
            <span title={MEANINGS[change.severity]} className="w-16 shrink-0">
              <Badge tone={TONES[change.severity]}>{change.severity}</Badge>
            </span>
            <span className="min-w-0 flex-1">
              <span className="break-words">{change.sentence}</span>
              {change.possible_rename_of && (
                <span className="block text-xs text-ink-faint">
                  It may be {change.possible_rename_of.name} renamed ({change.possible_rename_of.confidence_percent} % alike).
                </span>
              )}
            </span>
            <code className="shrink-0 font-mono text-2xs text-ink-faint max-sm:hidden">
              {change.kind} {change.schema === "" ? change.name : `${change.schema}.${change.name}`}
            </code>
          </li>
        ))}
      </ul>
      {data.is_cut && <Note tone="warn">There are more changes than are shown.</Note>}
    </div>
  );
}
