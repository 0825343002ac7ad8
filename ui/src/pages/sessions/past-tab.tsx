// Which sessions have ended, and why?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { History } from "lucide-react";
import { useMemo } from "react";
import { pastSessionsQuery, type PastSession } from "~/api/live-sessions";
import { listenersQuery } from "~/api/listeners";
import { FilterInput } from "~/parts/filter-input";
import { rowsOf } from "~/parts/list";
import { RangePicker, useRange } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { BareSelect } from "~/ui/choice";
import { Card } from "~/ui/card";
import { bytes, duration, moment } from "~/ui/format";
import { FirstTime, NothingFound } from "~/ui/states";
import { DataTable } from "~/ui/table/data-table";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { age } from "./live-rows";

const ANY = "*";
const FILTERS = ["listener", "user", "application"] as const;
const NOTHING = <span className="text-ink-faint">–</span>;

const lasted = (one: PastSession): number | undefined => (one.ended_at ? age(one.started_at, one.ended_at) : undefined);

const COLUMNS: readonly Column<PastSession>[] = [
  { id: "user", header: "User", width: 160, value: (one) => one.caller.user, cell: (one) => <bdi className="font-medium">{one.caller.user || NOTHING}</bdi> },
  { id: "application", header: "Application", width: 160, grow: true, value: (one) => one.caller.application, cell: (one) => (one.caller.application ? <bdi>{one.caller.application}</bdi> : NOTHING) },
  { id: "database", header: "Database", width: 120, value: (one) => one.caller.database, cell: (one) => one.caller.database || NOTHING },
  { id: "listener", header: "Listener", width: 120, value: (one) => one.listener, cell: (one) => one.listener },
  { id: "started", header: "Began", width: 130, value: (one) => one.started_at, cell: (one) => <RelativeTime at={one.started_at} /> },
  { id: "lasted", header: "Lasted", width: 110, numeric: true, value: lasted, cell: (one) => duration(lasted(one)) },
  { id: "cause", header: "Ended because", width: 150, value: (one) => one.cause, cell: (one) => one.cause.replaceAll("_", " ") || NOTHING },
  { id: "address", header: "Address", width: 160, value: (one) => one.address, cell: (one) => <span className="font-mono text-xs">{one.address}</span> },
  { id: "bytes_in", header: "From client", width: 105, numeric: true, value: (one) => one.bytes_in, cell: (one) => bytes(one.bytes_in) },
  { id: "bytes_out", header: "To client", width: 105, numeric: true, value: (one) => one.bytes_out, cell: (one) => bytes(one.bytes_out) },
  { id: "principal", header: "Principal", width: 140, hidden: true, value: (one) => one.principal?.label, cell: (one) => one.principal?.label ?? NOTHING },
  { id: "tls", header: "TLS", width: 90, hidden: true, value: (one) => one.tls, cell: (one) => one.tls || "none" },
  { id: "session", header: "Session", width: 300, hidden: true, value: (one) => one.session, cell: (one) => <span className="font-mono text-xs">{one.session}</span> },
];

export function PastTab({ beat }: { beat: number }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const mayRead = useMay("view_ledger");
  const [search, set] = usePageSearch();
  const range = useRange("24h", beat);
  const { listener, user, application } = search;
  const query = useInfiniteQuery(pastSessionsQuery(workspace.slug, { listener, user, application, before: range.until }));
  const all = useMemo(() => rowsOf(query.data), [query.data]);
  // The server pages by the beginning: what began before the range ends the list.
  const rows = useMemo(() => all?.filter((one) => one.started_at >= range.from), [all, range.from]);
  const hasMore = query.hasNextPage && rows?.length === all?.length;
  const isFiltered = FILTERS.some((name) => Boolean(search[name]));
  return (
    <Card flush title="Ended sessions" note={`${range.label}, by when they began`} actions={<RangePicker otherwise="24h" />}>
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
        <FilterInput main name="user" label="User" placeholder="User, exactly" className="w-52 max-sm:w-full" />
        <FilterInput name="application" label="Application" placeholder="Application, exactly" className="w-52 max-sm:w-full" />
        <ListenerSelect value={listener} onChange={(value) => set({ listener: value })} />
      </div>
      <DataTable
        label="Ended sessions"
        id="past-sessions"
        columns={COLUMNS}
        rows={rows}
        rowKey={(one) => one.session}
        error={query.error}
        onRetry={() => void query.refetch()}
        more={hasMore ? { load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined}
        onOpen={mayRead ? (one) => void navigate({ to: paths.audit(workspace.slug), search: { session: one.session, from: one.started_at, until: one.ended_at ? new Date(Date.parse(one.ended_at) + 1_000).toISOString() : range.until } as never }) : undefined}
        empty={
          isFiltered ? (
            <NothingFound what="ended sessions" onClear={() => set(Object.fromEntries(FILTERS.map((name) => [name, undefined])))} />
          ) : (
            <FirstTime icon={<History className="size-5" />} title="No session that ended began in this time">
              A session stands here when its client has left or was ended, from {moment(range.from)} on. Choose a longer time to see older ones.
            </FirstTime>
          )
        }
      />
    </Card>
  );
}

function ListenerSelect({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const workspace = useWorkspace();
  const known = useQuery(listenersQuery(workspace.slug)).data?.map((one) => one.name) ?? [];
  const names = [...new Set([...known, ...(value ? [value] : [])])];
  return <BareSelect label="Listener" value={value ?? ANY} onChange={(next) => onChange(next === ANY ? undefined : next)} choices={[{ value: ANY, label: "All listeners" }, ...names.map((name) => ({ value: name, label: name }))]} className="max-w-48" />;
}
