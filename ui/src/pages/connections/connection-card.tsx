// How is one database, at a glance?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { LockKeyhole, Network } from "lucide-react";
import type { ReactNode } from "react";
import { snapshotQuery, type Connection } from "~/api/connections";
import { paths } from "~/paths";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { useWorkspace } from "~/parts/workspace";
import { Status } from "~/ui/badge";
import { duration } from "~/ui/format";
import { RelativeTime } from "~/ui/time";
import { condition, kindName, place, problemName } from "./words";

export function ConnectionCard({ connection, withSnapshot }: { connection: Connection; withSnapshot: boolean }) {
  const { slug } = useWorkspace();
  const { health } = connection;
  const { tone, word, meaning } = condition(health);
  return (
    <article className="relative flex h-full flex-col gap-3 rounded-lg border border-line bg-surface p-4 hover:border-line-strong has-[a:focus-visible]:border-brand">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-sm font-semibold">
            {/* The whole card is the link, the name is what it is called. */}
            <Link to={paths.connection(slug, connection.id)} className="after:absolute after:inset-0 after:rounded-lg">
              {connection.name}
            </Link>
          </h2>
          <p className="mt-0.5 truncate text-xs text-ink-faint" title={place(connection)}>
            {kindName(connection.kind)} · <span className="font-mono">{place(connection)}</span>
          </p>
        </div>
        <EnvironmentPill environment={environmentName(connection.environment)} />
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-ink-soft">
        <span title={meaning}>
          <Status tone={tone}>{word}</Status>
        </span>
        {connection.via && (
          <span className="inline-flex items-center gap-1">
            <Network className="size-3.5 text-ink-faint" aria-hidden="true" /> through {connection.via}
          </span>
        )}
        {connection.read_only && (
          <span className="inline-flex items-center gap-1">
            <LockKeyhole className="size-3.5 text-ink-faint" aria-hidden="true" /> read-only
          </span>
        )}
      </div>
      {health.last_error && health.condition !== "well" && (
        <p className="line-clamp-2 text-xs text-danger" title={health.last_error.message}>
          {problemName(health.last_error.class)}: {health.last_error.message}
        </p>
      )}
      <dl className="mt-auto grid grid-cols-3 gap-3 border-t border-line pt-3">
        <Fact label="Latency" value={duration(health.latency_us)} />
        <Fact label="Last look" value={<RelativeTime at={health.checked_at} />} />
        <Fact label="Schema read" value={connection.last_snapshot ? withSnapshot ? <Snapshot connection={connection.id} snapshot={connection.last_snapshot} /> : "yes" : "not yet"} />
      </dl>
    </article>
  );
}

function Fact({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="truncate text-2xs text-ink-faint">{label}</dt>
      <dd className="mt-0.5 truncate text-[13px] tabular-nums">{value}</dd>
    </div>
  );
}

function Snapshot({ connection, snapshot }: { connection: string; snapshot: string }) {
  const { slug } = useWorkspace();
  const { data } = useQuery({ ...snapshotQuery(slug, connection, snapshot), staleTime: 300_000 });
  return data ? <RelativeTime at={data.snapshot.seen_at} /> : <>…</>;
}
