// How did the object become what it is, snapshot by snapshot?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { GitCompareArrows } from "lucide-react";
import { objectHistoryQuery, type ObjectHistory } from "~/api/tables";
import { SeverityBadge } from "~/parts/severity";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { count, moment } from "~/ui/format";
import { Failed, Note, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";

type Step = ObjectHistory["items"][number];

const WORDS: Record<Step["action"], { word: string; tone: BadgeTone }> = {
  found: { word: "there already", tone: "neutral" },
  added: { word: "added", tone: "ok" },
  changed: { word: "changed", tone: "info" },
  removed: { word: "removed", tone: "danger" },
};

export function HistoryPanel({ connection, objectKey }: { connection: string; objectKey: string }) {
  const { slug } = useWorkspace();
  const { data, error, refetch } = useQuery(objectHistoryQuery(slug, connection, objectKey));
  if (data === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows />;
  }
  return (
    <Card title="What became different" note={`in the ${count(data.snapshots, "snapshot")} that are kept`} flush>
      <ol aria-label="History of the object">
        {data.items.map((step) => (
          <StepItem key={step.snapshot} step={step} connection={connection} objectKey={objectKey} />
        ))}
      </ol>
    </Card>
  );
}

function StepItem({ step, connection, objectKey }: { step: Step; connection: string; objectKey: string }) {
  const { slug } = useWorkspace();
  const { word, tone } = WORDS[step.action];
  const compare = step.before && withSearch(paths.schemaHistory(slug), { connection, before: step.before, after: step.snapshot, object: objectKey });
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line px-4 py-3 text-[13px] last:border-b-0">
      <div className="w-52 shrink-0">
        <Badge tone={tone}>{word}</Badge>
        <p className="mt-1 text-xs text-ink-soft">{moment(step.taken_at)}</p>
        <p className="text-xs text-ink-faint">
          <RelativeTime at={step.taken_at} />
        </p>
      </div>
      <div className="min-w-0 flex-1 max-sm:basis-full">
        {step.action === "found" && <p className="text-ink-soft">The oldest snapshot that is kept has it. When it was made is not known here.</p>}
        {step.action === "added" && <p className="text-ink-soft">The snapshot before does not have it.</p>}
        {step.action === "removed" && <p className="text-ink-soft">This snapshot does not have it any more.</p>}
        <ul className="flex flex-col gap-1">
          {step.changes.map((change, index) => (
            <li key={index} className="flex items-start gap-2">
              <SeverityBadge severity={change.severity} />
              <span className="min-w-0 break-words">{change.sentence}</span>
            </li>
          ))}
        </ul>
        {step.is_cut && <Note tone="warn">More of it changed than is shown.</Note>}
      </div>
      {compare && step.action === "changed" && (
        <Button asChild size="small">
          <Link to={compare}>
            <GitCompareArrows className="size-3.5" aria-hidden="true" /> Both beside each other
          </Link>
        </Button>
      )}
    </li>
  );
}
