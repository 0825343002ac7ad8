// What does the product keep about people, where, and for how long?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ledgerStatusQuery } from "~/api/ledger";
import { privacyQuery } from "~/api/privacy";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { bytes } from "~/ui/format";
import { ErrorNote, Failed, Note, SkeletonRows } from "~/ui/states";
import { retentionOf } from "~/pages/audit/integrity-words";
import { keptThings, WHERE, type KeptThing } from "./words";

/** Read as a whole, so nothing of it is cut. */
function Thing({ thing }: { thing: KeptThing }) {
  return (
    <li className="grid gap-x-6 gap-y-0.5 px-4 py-2.5 text-[13px] sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="min-w-0">
        <p className="font-medium text-ink">{thing.what}</p>
        <p className="text-ink-soft">{thing.about}.</p>
      </div>
      <div className="min-w-0">
        <p className="text-ink">{thing.period}</p>
        <p className="text-xs text-ink-faint">{[thing.where === "nowhere" ? "" : `in ${WHERE[thing.where]}`, thing.change].filter(Boolean).join("; ")}</p>
      </div>
    </li>
  );
}

export function KeptTab() {
  const { slug } = useWorkspace();
  const query = useQuery(privacyQuery(slug));
  const known = query.data;
  if (known === undefined) {
    return <Card>{query.isError ? <Failed error={query.error} onRetry={() => void query.refetch()} /> : <SkeletonRows />}</Card>;
  }
  return (
    <>
      {query.isError && <ErrorNote error={query.error} />}
      <Card flush title="What is kept" note="periods as this instance goes by them">
        <ul aria-label="What is kept" className="divide-y divide-line">
          {keptThings(known.periods).map((thing) => (
            <Thing key={thing.what} thing={thing} />
          ))}
        </ul>
      </Card>
      <Ledgers />
      <Card title="What may an assistant see?">
        <p className="flex flex-wrap items-center gap-2 text-[13px] text-ink-soft">
          <Badge tone="neutral">not there</Badge> This version has no assistant: nothing of what is here is sent to one, and no service outside is asked about statements or data.
        </p>
      </Card>
    </>
  );
}

/** How long each data plane keeps its ledger: only for whoever may see it. */
function Ledgers() {
  const { slug } = useWorkspace();
  const mayView = useMay("view_ledger");
  return (
    <Card
      title="The ledger"
      note="files where each data plane is"
      actions={
        mayView && (
          <Link to={withSearch(paths.audit(slug), { tab: "integrity" })} className="text-xs text-brand-text underline-offset-2 hover:underline">
            Integrity
          </Link>
        )
      }
    >
      <div className="flex flex-col gap-3 text-[13px] text-ink-soft">
        <p>Every statement that passes: database user, application, address, time, the statement with ? for each value, the tables it names, what was decided, how it ended. No rows. Values only where a rule asks for them, sealed.</p>
        {mayView ? <Retentions /> : <p>How long it is kept is seen by members with the capability view_ledger.</p>}
      </div>
    </Card>
  );
}

function Retentions() {
  const { slug } = useWorkspace();
  const query = useQuery(ledgerStatusQuery(slug));
  const status = query.data;
  if (status === undefined) {
    return query.isError ? <ErrorNote error={query.error} /> : <SkeletonRows rows={2} />;
  }
  if (status.planes.length === 0 && status.unavailable.length === 0) {
    return <p>No data plane keeps a ledger for this workspace.</p>;
  }
  return (
    <>
      {status.unavailable.map((plane) => (
        <Note key={plane.plane} tone="warn">
          {plane.plane_name} could not be asked how long it keeps its ledger: {plane.reason}.
        </Note>
      ))}
      <ul aria-label="Retention of each ledger" className="flex flex-col gap-1.5">
        {status.planes.map((plane) => (
          <li key={plane.plane}>
            <span className="font-medium text-ink">{plane.plane_name}</span>: {retentionOf(plane.retention, bytes)}
            {plane.copies.length > 0 && ` Copies go to ${plane.copies.map((copy) => copy.name).join(", ")}, which keep them by rules of their own.`}
          </li>
        ))}
      </ul>
      <p className="text-xs text-ink-faint">
        It is changed by <code className="font-mono">ledger.retention</code> in the settings of the data plane, by whoever runs it; not here.
      </p>
    </>
  );
}
