// How is the database now, what was asked of it, and what do people have to know?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RefreshCw } from "lucide-react";
import { checkConnection, connectionHealthQuery, connectionUsageQuery, type Connection, type ConnectionHealth } from "~/api/connections";
import { paths, withSearch } from "~/paths";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Details } from "~/parts/details";
import { Status } from "~/ui/badge";
import { Card, Figure } from "~/ui/card";
import { bytes, compact, date, duration, integer, moment } from "~/ui/format";
import { Failed, Note, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { CheckNow } from "./check-now";
import { daysOf } from "./usage";
import { condition, kindName, place, problemName } from "./words";

const DAYS = 30;

export function Overview({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const health = useQuery({ ...connectionHealthQuery(slug, connection.id), initialData: connection.health }).data;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Health connection={connection} health={health} />
      <Usage connection={connection} />
      <Card title="Settings" className="lg:col-span-2">
        <Facts connection={connection} />
      </Card>
    </div>
  );
}

function Health({ connection, health }: { connection: Connection; health: ConnectionHealth }) {
  const { slug } = useWorkspace();
  const { tone, word, meaning } = condition(health);
  const mayCheck = useMay("run_queries");
  return (
    <Card title="Health" actions={mayCheck && <CheckNow label="Check now" icon={<RefreshCw className="size-3.5" aria-hidden="true" />} run={() => checkConnection(slug, connection.id)} />}>
      <div className="flex flex-col gap-4">
        <p className="text-[13px] text-ink-soft">
          <Status tone={tone}>
            <b className="font-medium text-ink">{word}</b>
          </Status>{" "}
          <span className="ml-1">{meaning}</span>
        </p>
        {health.last_error && (
          <Note tone={health.condition === "well" ? "neutral" : "danger"}>
            <p className="font-medium">
              {health.condition === "well" ? "The last error" : problemName(health.last_error.class)} {health.last_error.at && <RelativeTime at={health.last_error.at} className="font-normal" />}
            </p>
            <p className="break-words">{health.last_error.message}</p>
            <p className="mt-1 text-xs">
              <Link to={withSearch(paths.connection(slug, connection.id), { tab: "tests" })} className="underline underline-offset-2">
                A test
              </Link>{" "}
              says what may help.
            </p>
          </Note>
        )}
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          <Figure label="Latency" value={duration(health.latency_us)} note="the smallest question" />
          <Figure label="Failures" value={integer(health.failures)} note="since it was well" tone={health.failures > 0 ? "danger" : undefined} />
          <Figure label="Last look" value={<span className="text-sm font-medium"><RelativeTime at={health.checked_at} /></span>} note={health.last_ok_at ? <>well <RelativeTime at={health.last_ok_at} /></> : "never well"} />
          <Figure label="Next look" value={<span className="text-sm font-medium"><RelativeTime at={health.next_check_at} /></span>} />
        </dl>
      </div>
    </Card>
  );
}

function Usage({ connection }: { connection: Connection }) {
  const { slug } = useWorkspace();
  const { data, error, refetch } = useQuery(connectionUsageQuery(slug, connection.id, DAYS));
  if (data === undefined) {
    return <Card title="Asked through it">{error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows rows={4} />}</Card>;
  }
  const days = daysOf(data.days, DAYS, new Date());
  const most = Math.max(1, ...days.map((day) => day.queries));
  return (
    <Card title="Asked through it" note={`last ${DAYS} days, by day (UTC)`}>
      <dl className="grid grid-cols-3 gap-4">
        <Figure label="Queries" value={compact(data.queries)} />
        <Figure label="Rows" value={compact(data.rows)} />
        <Figure label="Bytes" value={bytes(data.bytes)} />
      </dl>
      <div role="img" aria-label={`Queries by day, the most on one day ${integer(most)}: ${data.days.map((day) => `${date(day.day)} ${integer(day.queries)}`).join(", ") || "none"}`} className="mt-4 flex h-24 items-end gap-0.5 border-b border-line">
        {days.map((day) => (
          <span key={day.day} title={`${date(day.day)}: ${integer(day.queries)} queries, ${integer(day.rows)} rows, ${bytes(day.bytes)}`} className="flex h-full flex-1 items-end hover:bg-hover">
            <span className="w-full rounded-t-sm bg-brand" style={{ height: day.queries === 0 ? 0 : `max(2px, ${(day.queries / most) * 100}%)` }} />
          </span>
        ))}
      </div>
      <p className="mt-1 flex justify-between text-2xs text-ink-faint">
        <span>{date(days[0]?.day ?? "")}</span>
        <span>today</span>
      </p>
      <p className="mt-2 text-xs text-ink-faint">What people asked in the console and by tokens. Clients of the listeners are under Traffic.</p>
    </Card>
  );
}

function Facts({ connection }: { connection: Connection }) {
  const { options } = connection;
  const hours = options.refresh_hours ?? 24;
  return (
    <Details
      items={[
        { label: "Engine", value: kindName(connection.kind) },
        { label: "Place", value: place(connection), mono: true },
        { label: "Way", value: connection.via ? `through the listener ${connection.via}: judged, timed, recorded` : connection.file ? "a file, opened to be read" : "straight to the server" },
        { label: "User", value: connection.user, mono: true },
        { label: "Password", value: connection.has_password ? "kept, never shown" : "none" },
        { label: "TLS", value: connection.tls.mode, mono: true },
        { label: "Statements", value: connection.read_only || connection.kind === "sqlserver" ? "only read" : "may change data" },
        { label: "Proposed changes", value: { never: "never made", development: "made on development", after_approval: "made after approval" }[connection.apply_policy] },
        { label: "Schema is read", value: `${hours === 0 ? "only when asked" : `every ${hours} h`}${(options.refresh_on_ddl ?? true) ? ", and after DDL" : ""}` },
        { label: "Schemas", value: options.schemas?.join(", ") || "all" },
        { label: "Made", value: moment(connection.created_at) },
        { label: "Settings changed", value: <RelativeTime at={connection.changed_at} /> },
      ]}
    />
  );
}
