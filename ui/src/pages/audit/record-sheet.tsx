// What does the record say that was opened from the list?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink, Link2 } from "lucide-react";
import { ledgerRecordQuery, type LedgerRecord } from "~/api/ledger";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { Dialog } from "~/ui/dialog";
import { Failed, SkeletonRows } from "~/ui/states";
import { Outcome, RecordTime } from "./columns";
import { eventWord } from "./events";
import { RecordDetail } from "./record-detail";
import { RecordSteps } from "./record-steps";

/** The record's own address, for others. */
export function CopyLink({ record }: { record: string }) {
  const workspace = useWorkspace();
  return (
    <Button size="small" icon={<Link2 className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(new URL(paths.auditRecord(workspace.slug, record), location.origin).href, "Link copied")}>
      Copy link
    </Button>
  );
}

/** `known` is the record as the list has it, so that it is there at once. */
export function RecordSheet({ id, known, onGo, onClose }: { id: string; known: LedgerRecord | undefined; onGo: (record: string) => void; onClose: () => void }) {
  const workspace = useWorkspace();
  const query = useQuery({ ...ledgerRecordQuery(workspace.slug, id), enabled: known === undefined });
  const kept = known ?? query.data;
  return (
    <Dialog
      open
      side
      onClose={onClose}
      title={kept ? eventWord(kept.record.event) : "Record"}
      description={
        kept && (
          <span className="mt-1 flex flex-wrap items-center gap-2">
            <RecordTime at={kept.record.ts} />
            <Outcome line={kept.record} />
          </span>
        )
      }
      actions={
        <span className="flex w-full flex-wrap items-center justify-between gap-2">
          <span>{kept && <RecordSteps line={kept.record} onGo={onGo} />}</span>
          <span className="inline-flex gap-2">
            <CopyLink record={id} />
            <Button asChild size="small">
              <Link to={paths.auditRecord(workspace.slug, id)}>
                <ExternalLink className="size-3.5" aria-hidden="true" /> Open as page
              </Link>
            </Button>
          </span>
        </span>
      }
    >
      {kept ? <RecordDetail key={id} kept={kept} /> : query.isError ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows />}
    </Dialog>
  );
}
