// What is the ledger worth: is it whole, is anything lost, and who else has it?

import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { ledgerStatusQuery } from "~/api/ledger";
import { useWorkspace } from "~/parts/workspace";
import { Card } from "~/ui/card";
import { ErrorNote, Failed, FirstTime, Note, Skeleton } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { PlaneCard } from "./integrity-plane";

export function IntegrityTab() {
  const workspace = useWorkspace();
  const query = useQuery(ledgerStatusQuery(workspace.slug));
  const status = query.data;
  if (status === undefined) {
    return query.isError ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : <Loading />;
  }
  return (
    <div className="flex flex-col gap-4">
      {query.isError && <ErrorNote error={query.error} />}
      {status.unavailable.map((plane) => (
        <Note key={plane.plane} tone="warn">
          The ledger of {plane.plane_name} could not be asked: {plane.reason}.
        </Note>
      ))}
      {status.planes.length === 0 && status.unavailable.length === 0 && (
        <Card>
          <FirstTime icon={<ScrollText className="size-5" />} title="No data plane keeps a ledger for this workspace">
            Each data plane writes the ledger of its listeners. When one with a listener of this workspace is connected, it stands here.
          </FirstTime>
        </Card>
      )}
      {status.planes.length > 0 && <Asked at={status.asked_at} by={status.asked_by} />}
      {status.planes.map((plane) => (
        <PlaneCard key={plane.plane} plane={plane} />
      ))}
    </div>
  );
}

/** Gateways look by themselves; this is about people. */
function Asked({ at, by }: { at: string | null | undefined; by: string | null | undefined }) {
  return (
    <p className="text-xs text-ink-faint">
      {at ? (
        <>
          {by ?? "Somebody who was erased since"} asked for a check last, <RelativeTime at={at} />.
        </>
      ) : (
        "Nobody of this workspace has asked for a check yet; gateways make one each day by themselves."
      )}
    </p>
  );
}

/** Shaped like one ledger. */
function Loading() {
  return (
    <Card>
      <div role="status" aria-label="Loading" className="flex flex-col gap-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Skeleton className="h-14" />
          <Skeleton className="h-14" />
        </div>
        <div className="grid gap-8 lg:grid-cols-2">
          <Skeleton className="h-44" />
          <Skeleton className="h-44" />
        </div>
        <Skeleton className="h-16" />
      </div>
    </Card>
  );
}
