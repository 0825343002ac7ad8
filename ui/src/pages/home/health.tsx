// Do the listeners take sessions, and do the databases answer?

import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useRef, type ReactNode } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { environmentOf, listenersQuery, type Listener } from "~/api/listeners";
import { ledgerStatusQuery } from "~/api/ledger";
import { useLive } from "~/api/live";
import { useDrained } from "~/parts/drained";
import { EnvironmentPill, environmentName } from "~/parts/environment";
import { stateOf } from "~/pages/audit/integrity-words";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge, Status, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { count, duration } from "~/ui/format";
import { ErrorNote, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";

const REFRESH_MS = 1_000;
const LEDGER_LOOK_MS = 60_000;

/** A message says that something is otherwise; how it is, the API is asked. */
function useFreshHealth(slug: string): void {
  const client = useQueryClient();
  const asked = useRef(0);
  const mayTraffic = useMay("view_traffic");
  const refresh = (key: readonly unknown[]) => {
    const now = Date.now();
    if (now - asked.current >= REFRESH_MS) {
      asked.current = now;
      void client.invalidateQueries({ queryKey: key });
    }
  };
  useLive(slug, "health", () => refresh(connectionsQuery(slug).queryKey), mayTraffic);
  useLive(slug, "listeners", () => refresh(listenersQuery(slug).queryKey), mayTraffic);
}

export function Health({ listeners }: { listeners: UseQueryResult<Listener[]> }) {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug));
  const mayManage = useMay("manage_connections");
  const mayTraffic = useMay("view_traffic");
  useFreshHealth(slug);
  return (
    <Card
      flush
      title="Health"
      actions={
        <Button asChild size="small" variant="quiet">
          <Link to={paths.connections(slug)}>Connections</Link>
        </Button>
      }
    >
      <h3 className="px-4 pt-3 pb-1 text-xs font-medium text-ink-faint">Listeners</h3>
      {listeners.error !== null && listeners.data === undefined && <Padded><ErrorNote error={listeners.error} /></Padded>}
      {!mayTraffic && <p className="px-4 pb-3 text-[13px] text-ink-soft">Who sees them needs the capability view_traffic.</p>}
      {mayTraffic && listeners.isPending && <SkeletonRows rows={2} />}
      {listeners.data?.length === 0 && <p className="px-4 pb-3 text-[13px] text-ink-soft">No data plane of this workspace has a listener. It gets one by the settings file of a gateway.</p>}
      <ul aria-label="Listeners">{listeners.data?.map((one) => <ListenerRow key={one.name} listener={one} />)}</ul>
      <h3 className="border-t border-line px-4 pt-3 pb-1 text-xs font-medium text-ink-faint">Connections</h3>
      {connections.error !== null && connections.data === undefined && <Padded><ErrorNote error={connections.error} /></Padded>}
      {connections.isPending && <SkeletonRows rows={2} />}
      {connections.data?.length === 0 && (
        <div className="flex flex-wrap items-center gap-3 px-4 pb-3 text-[13px] text-ink-soft">
          <span>No database is connected yet.</span>
          {mayManage && (
            <Button asChild size="small">
              <Link to={paths.newConnection(slug)}>
                <Plus className="size-3.5" aria-hidden="true" /> Connect one
              </Link>
            </Button>
          )}
        </div>
      )}
      <ul aria-label="Connections">{connections.data?.map((one) => <ConnectionRow key={one.id} connection={one} />)}</ul>
      <LedgerHealth />
    </Card>
  );
}

/** What each gateway's ledger is at its worst; nothing for who may not see it. */
function LedgerHealth() {
  const { slug } = useWorkspace();
  const mayLedger = useMay("view_ledger");
  const status = useQuery({ ...ledgerStatusQuery(slug), enabled: mayLedger, refetchInterval: LEDGER_LOOK_MS });
  const planes = status.data?.planes ?? [];
  return planes.length === 0 ? null : (
    <>
      <h3 className="border-t border-line px-4 pt-3 pb-1 text-xs font-medium text-ink-faint">Ledger</h3>
      <ul aria-label="Ledger">
        {planes.map((plane) => {
          const { tone, word } = stateOf(plane);
          return (
            <li key={plane.plane} className="flex flex-wrap items-center gap-x-2 border-t border-line px-4 py-2.5 first:border-t-0">
              <Link to={withSearch(paths.audit(slug), { tab: "integrity" })} className="text-[13px] font-medium hover:underline">
                {plane.plane_name}
              </Link>
              <span className="ml-auto">
                <Status tone={tone}>{word}</Status>
              </span>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function Padded({ children }: { children: ReactNode }) {
  return <div className="px-4 pb-3">{children}</div>;
}

/** How a listener is, from what its planes say: the worst of it. */
function listenerStatus(listener: Listener, drained: ReadonlySet<string>): { tone: BadgeTone; word: string } {
  const known = listener.planes.filter((plane) => plane.is_connected && plane.is_present);
  if (known.length === 0) {
    return { tone: "danger", word: "away" };
  }
  const there = known.filter((plane) => !drained.has(plane.plane));
  if (there.length === 0) {
    return { tone: "warn", word: "drained" };
  }
  if (there.some((plane) => plane.state?.upstream_up === false)) {
    return { tone: "danger", word: "upstream down" };
  }
  if (there.length < listener.planes.length) {
    return { tone: "warn", word: `${there.length} of ${listener.planes.length} planes` };
  }
  return there.every((plane) => plane.state?.upstream_up === true) ? { tone: "ok", word: "up" } : { tone: "neutral", word: "upstream not probed" };
}

function ListenerRow({ listener }: { listener: Listener }) {
  const { slug } = useWorkspace();
  const { tone, word } = listenerStatus(listener, useDrained());
  const states = listener.planes.flatMap((plane) => (plane.state ? [plane.state] : []));
  const sessions = states.reduce((sum, state) => sum + state.sessions, 0);
  const mode = states.find((state) => state.mode !== "enforce")?.mode ?? states[0]?.mode;
  const floor = [...new Set(states.flatMap((state) => state.floor_policies))];
  const published = listener.published?.policies.map((policy) => policy.name) ?? [];
  const lastSeen = listener.planes.map((plane) => plane.last_seen_at).sort().at(-1);
  return (
    <li className="border-t border-line px-4 py-2.5 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Link to={withSearch(paths.traffic(slug), { listener: listener.name })} className="text-[13px] font-medium hover:underline">
          {listener.name}
        </Link>
        <EnvironmentPill environment={environmentName(environmentOf(listener))} />
        {mode && <Badge tone={mode === "enforce" ? "brand" : "warn"}>{mode === "enforce" ? "enforces" : "observes"}</Badge>}
        <span className="ml-auto">
          <Status tone={tone}>{word}</Status>
        </span>
      </div>
      <p className="mt-0.5 truncate text-xs text-ink-faint" title={states.map((state) => `${state.listen} to ${state.upstream.join(", ")}`).join("; ")}>
        {tone === "danger" && word === "away" ? (
          <>last seen <RelativeTime at={lastSeen} /></>
        ) : (
          [states[0]?.listen, count(sessions, "session"), floor.length > 0 ? `floor: ${floor.join(", ")}` : "no floor", published.length > 0 && `published: ${published.join(", ")}`].filter(Boolean).join(" · ")
        )}
      </p>
    </li>
  );
}

const CONDITIONS: Record<Connection["health"]["condition"], [BadgeTone, string]> = { well: ["ok", "well"], failing: ["warn", "failing"], broken: ["danger", "broken"], unknown: ["neutral", "not checked yet"] };

function ConnectionRow({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const { health } = connection;
  const [tone, word] = CONDITIONS[health.condition];
  const isWell = health.condition === "well";
  return (
    <li className="border-t border-line px-4 py-2.5 first:border-t-0">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Link to={paths.connection(slug, connection.id)} className="text-[13px] font-medium hover:underline">
          {connection.name}
        </Link>
        <EnvironmentPill environment={environmentName(connection.environment)} />
        <span className="ml-auto">
          <Status tone={tone}>{word}</Status>
        </span>
      </div>
      <p className="mt-0.5 truncate text-xs text-ink-faint" title={health.last_error?.message}>
        {isWell ? (
          <>
            {connection.kind} · answers in {duration(health.latency_us)} · checked <RelativeTime at={health.checked_at} />
          </>
        ) : (
          <>
            {connection.kind} · {health.last_error?.message ?? "no answer yet"} · last well <RelativeTime at={health.last_ok_at} />
          </>
        )}
      </p>
    </li>
  );
}
