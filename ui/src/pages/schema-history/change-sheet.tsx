// How was one object before, how is it now, and who uses it?

import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Connection, SchemaDiff } from "~/api/connections";
import { schemaObjectQuery } from "~/api/tables";
import { isProblem } from "~/api/problem";
import { createText } from "~/parts/create-text";
import { SideBySide } from "~/parts/diff/side-by-side";
import { SeverityBadge } from "~/parts/severity";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { count, moment } from "~/ui/format";
import { Failed, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { fullName } from "./exported";

interface ChangeSheetProps {
  connection: Connection;
  diff: SchemaDiff;
  /** All of one object. */
  changes: SchemaDiff["changes"];
  onClose: () => void;
}

export function ChangeSheet({ connection, diff, changes, onClose }: ChangeSheetProps) {
  const { slug } = useWorkspace();
  const [first] = changes;
  const isGone = changes.some((change) => change.action === "removed" && !change.part);
  return (
    first && (
      <Dialog
        open
        onClose={onClose}
        side
        title={<code className="font-mono break-all">{fullName(first)}</code>}
        description={`${first.kind.replaceAll("_", " ")}, from ${moment(diff.before.taken_at)} to ${moment(diff.after.taken_at)}`}
        actions={
          !isGone && (
            <Button asChild>
              <Link to={paths.table(slug, connection.id, first.key)}>Open as it is now</Link>
            </Button>
          )
        }
      >
        <div className="flex flex-col gap-4">
          <ul aria-label="Changes of the object" className="flex flex-col gap-2">
            {changes.map((change, index) => (
              <li key={index} className="flex items-start gap-2 text-[13px]">
                <SeverityBadge severity={change.severity} />
                <span className="min-w-0 flex-1 break-words">
                  {change.sentence}
                  {change.possible_rename_of && (
                    <span className="block text-xs text-ink-soft">
                      It may be {change.possible_rename_of.name} renamed ({change.possible_rename_of.confidence_percent} % alike).
                    </span>
                  )}
                  {change.usage && (
                    <span className="block text-xs text-ink-soft tabular-nums">
                      {count(change.usage.reads, "read")} and {count(change.usage.writes, "write")} in 30 days, last <RelativeTime at={change.usage.last_seen_at} />
                    </span>
                  )}
                </span>
              </li>
            ))}
          </ul>
          <BothSides connection={connection} diff={diff} objectKey={first.key} />
        </div>
      </Dialog>
    )
  );
}

function BothSides({ connection, diff, objectKey }: { connection: Connection; diff: SchemaDiff; objectKey: string }) {
  const { slug } = useWorkspace();
  const sides = useQueries({ queries: [diff.before, diff.after].map((snapshot) => ({ ...schemaObjectQuery(slug, connection.id, objectKey, snapshot.id), retry: false })) });
  // What one of the snapshots does not have is empty there.
  const texts = sides.map(({ data, error }) => (data ? createText(data, connection.kind) : isProblem(error, "not_found") ? "" : undefined));
  const [left, right] = texts;
  if (left === undefined || right === undefined) {
    const failed = sides.find((side) => side.error && !isProblem(side.error, "not_found"));
    return failed ? <Failed error={failed.error} onRetry={() => void failed.refetch()} /> : <SkeletonRows rows={6} />;
  }
  return <SideBySide left={left} right={right} leftTitle="Before" rightTitle="After" />;
}
