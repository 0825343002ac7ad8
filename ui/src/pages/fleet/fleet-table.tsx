// How is each data plane at a glance, and which of them needs somebody?

import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import { useMemo } from "react";
import type { Fleet, FleetPlane } from "~/api/fleet";
import { ledgerStatusQuery, type LedgerPlane } from "~/api/ledger";
import { may, workspaceQuery } from "~/api/workspaces";
import { stateOf as ledgerStateOf } from "~/pages/audit/integrity-words";
import { FilterInput } from "~/parts/filter-input";
import { usePageSearch } from "~/parts/search";
import { Badge, Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect } from "~/ui/choice";
import { bytes, count, date, integer } from "~/ui/format";
import { FirstTime, Note, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime, useNow } from "~/ui/time";
import { PlaneSheet } from "./plane-sheet";
import { expiryTone, firstExpiry, sessionsOf, STATES, stateOf, type State } from "./words";

interface FleetTableProps {
  fleet: Fleet | undefined;
  error: unknown;
  onRetry: () => void;
  /** The workspace whose data planes these are; nothing for the whole instance. */
  slug?: string;
  onLink?: () => void;
  /** Whether lost ones can be forgotten. */
  canForget?: boolean;
}

const ANY = "*";
const NOTHING = <span className="text-ink-faint">–</span>;

export function FleetTable({ fleet, error, onRetry, slug, onLink, canForget = false }: FleetTableProps) {
  const [search, set] = usePageSearch();
  const words = (search["find"] ?? "").toLowerCase();
  const state = search["state"] as State | undefined;
  const items = fleet?.items;
  // By name, always: a plane that changes its state stays where it is.
  const rows = useMemo(
    () =>
      items
        ?.filter((one) => (!state || stateOf(one).state === state) && [one.name, one.id, ...one.listeners.map((listener) => listener.name)].some((text) => text.toLowerCase().includes(words)))
        .sort((one, other) => one.name.localeCompare(other.name) || one.id.localeCompare(other.id)),
    [items, state, words],
  );
  const ledgers = useLedgers(slug);
  const now = useNow();
  const columns = useMemo(() => columnsOf(fleet, ledgers, now), [fleet, ledgers, now]);
  const opened = items?.find((one) => one.id === search["plane"]);
  const [sorted, direction] = (search["sort"] ?? "").split(".");
  const clear = () => set({ find: undefined, state: undefined });
  return (
    <>
      <div role="group" aria-label="Search" className="flex flex-wrap items-center gap-2">
        <FilterInput main name="find" label="Data plane or listener" className="w-64 max-sm:w-full" />
        <BareSelect label="State" value={state ?? ANY} onChange={(value) => set({ state: value === ANY ? undefined : value })} choices={[{ value: ANY, label: "Every state" }, ...Object.entries(STATES).map(([value, { label }]) => ({ value, label }))]} />
        <Summary items={items ?? []} />
      </div>
      {search["plane"] && items && !opened && <Note tone="warn">The data plane that the link names is not here: it was forgotten, or carries no listener of this workspace.</Note>}
      <Card flush title="Data planes" note={rows && fleet && `${count(rows.length, "data plane")}, control plane ${fleet.version}`}>
        <DataTable
          label="Data planes"
          id={slug === undefined ? "fleet-all" : "fleet"}
          columns={columns}
          rows={rows}
          rowKey={(one) => one.id}
          sort={sorted ? { id: sorted, desc: direction === "desc" } : undefined}
          onSort={(sort) => set({ sort: `${sort.id}${sort.desc ? ".desc" : ""}` }, "replace")}
          selected={search["plane"]}
          onOpen={(one) => set({ plane: one.id })}
          rowTone={(one) => (one.standing === "lost" || one.rules === "refused" ? "danger" : stateOf(one).state === "well" ? undefined : "warn")}
          error={error}
          onRetry={onRetry}
          empty={words || state ? <NothingFound what="data planes" onClear={clear} /> : <Nothing onLink={onLink} />}
        />
      </Card>
      {opened && fleet && <PlaneSheet plane={opened} fleet={fleet} slug={slug} ledger={ledgers.get(opened.id)} canForget={canForget} onClose={() => set({ plane: undefined })} />}
    </>
  );
}

/** What each says of its ledger, where the person may see that. */
function useLedgers(slug: string | undefined): ReadonlyMap<string, LedgerPlane> {
  const { data: workspace } = useQuery({ ...workspaceQuery(slug ?? ""), enabled: slug !== undefined });
  const { data } = useQuery({ ...ledgerStatusQuery(slug ?? ""), enabled: workspace !== undefined && may(workspace, "view_ledger") });
  return useMemo(() => new Map(data?.planes.map((one) => [one.plane, one])), [data]);
}

function Summary({ items }: { items: readonly FleetPlane[] }) {
  const states = items.map((one) => stateOf(one).state);
  const counted = (Object.keys(STATES) as State[]).map((state) => ({ state, number: states.filter((one) => one === state).length }));
  return (
    <span className="ml-auto flex flex-wrap gap-x-4 gap-y-1 max-sm:ml-0">
      {counted
        .filter((one) => one.number > 0)
        .map((one) => (
          <Status key={one.state} tone={STATES[one.state].tone}>
            {integer(one.number)} {STATES[one.state].label}
          </Status>
        ))}
    </span>
  );
}

function Nothing({ onLink }: { onLink: (() => void) | undefined }) {
  return (
    <FirstTime icon={<Server className="size-5" />} title="No data plane here yet" actions={onLink && <Button variant="primary" onClick={onLink}>Link a data plane</Button>}>
      A data plane stands here when it is linked with this control plane and one of its listeners names this workspace.
    </FirstTime>
  );
}

function StateCell({ plane }: { plane: FleetPlane }) {
  const { label, tone, about } = stateOf(plane);
  return (
    <span title={about}>
      <Status tone={tone}>{label}</Status>
    </span>
  );
}

function Rules({ plane, published }: { plane: FleetPlane; published: number }) {
  switch (plane.rules) {
    case "refused":
      return <Badge tone="danger">not taken</Badge>;
    case "in_force":
      return published === 0 ? <span className="text-ink-faint">nothing published</span> : <span className="tabular-nums">snapshot {integer(plane.snapshot)}</span>;
    case "pending":
    case "away":
      return (
        <span className="tabular-nums" title={`It runs snapshot ${integer(plane.snapshot)}; snapshot ${integer(published)} is published.`}>
          {integer(plane.snapshot)} <Badge tone="warn">of {integer(published)}</Badge>
        </span>
      );
  }
}

function Expiry({ plane, now }: { plane: FleetPlane; now: number }) {
  const first = firstExpiry(plane);
  if (!first) {
    return NOTHING;
  }
  const tone = expiryTone(first.at, now);
  const shown = <RelativeTime at={first.at} />;
  return <span title={`${first.setting} of ${first.listener}, ${date(first.at)}`}>{tone ? <Badge tone={tone}>{shown}</Badge> : shown}</span>;
}

function columnsOf(fleet: Fleet | undefined, ledgers: ReadonlyMap<string, LedgerPlane>, now: number): Column<FleetPlane>[] {
  const published = fleet?.published ?? 0;
  return [
    { id: "name", header: "Data plane", grow: true, width: 160, sortable: true, value: (row) => row.name, cell: (row) => <span className="font-medium" title={row.id}>{row.name}</span> },
    { id: "state", header: "State", width: 130, sortable: true, value: (row) => stateOf(row).state, cell: (row) => <StateCell plane={row} /> },
    { id: "version", header: "Version", width: 100, value: (row) => row.version, cell: (row) => <span className="tabular-nums">{row.version || "–"}</span> },
    { id: "started", header: "Up since", width: 110, sortable: true, value: (row) => row.started_at ?? null, cell: (row) => (row.started_at && row.is_listening ? <RelativeTime at={row.started_at} /> : NOTHING) },
    { id: "seen", header: "Last heard", width: 110, value: (row) => row.last_seen_at, cell: (row) => <RelativeTime at={row.last_seen_at} /> },
    { id: "reported", header: "Last report", width: 110, help: "When it last told of what happened. One that has nothing to tell does not report.", value: (row) => row.reported_at ?? null, cell: (row) => (row.reported_at ? <RelativeTime at={row.reported_at} /> : NOTHING) },
    { id: "rules", header: "Published rules", width: 140, help: "The snapshot of published rule sets it runs, against the latest.", value: (row) => row.snapshot, cell: (row) => <Rules plane={row} published={published} /> },
    { id: "listeners", header: "Listeners", width: 100, numeric: true, value: (row) => row.listeners.filter((one) => one.is_present).length, cell: (row) => integer(row.listeners.filter((one) => one.is_present).length) },
    { id: "sessions", header: "Sessions", width: 100, numeric: true, sortable: true, value: (row) => sessionsOf(row) ?? null, cell: (row) => { const number = sessionsOf(row); return number === undefined ? NOTHING : integer(number); } },
    ...(ledgers.size > 0 ? [ledgerColumn(ledgers)] : []),
    { id: "certificate", header: "Certificate", width: 120, help: "When the certificate of its listeners that expires first does.", value: (row) => firstExpiry(row)?.at ?? null, cell: (row) => <Expiry plane={row} now={now} /> },
    { id: "memory", header: "Memory", width: 100, numeric: true, value: (row) => row.memory_bytes ?? null, cell: (row) => (row.memory_bytes && row.is_listening ? bytes(row.memory_bytes) : NOTHING) },
    { id: "untold", header: "Only counted", width: 120, numeric: true, hidden: true, help: "Sessions, refusals and events it could only count, since they were too many to tell.", value: (row) => row.untold, cell: (row) => integer(row.untold) },
    { id: "first", header: "First heard", width: 120, hidden: true, value: (row) => row.first_seen_at, cell: (row) => <RelativeTime at={row.first_seen_at} /> },
  ];
}

const ledgerColumn = (ledgers: ReadonlyMap<string, LedgerPlane>): Column<FleetPlane> => ({
  id: "ledger",
  header: "Ledger",
  width: 130,
  value: (row) => {
    const known = ledgers.get(row.id);
    return known ? ledgerStateOf(known).word : null;
  },
  cell: (row) => {
    const known = ledgers.get(row.id);
    return known ? <Status tone={ledgerStateOf(known).tone}>{ledgerStateOf(known).word}</Status> : NOTHING;
  },
});
