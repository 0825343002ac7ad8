// What did people do here, and who did it?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Download, History, RotateCw } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { activityExportUrl, activityQuery, actorsQuery, type ActivityEntry, type ActivityFilter } from "~/api/activity";
import { Filters } from "~/parts/facets";
import { FilterInput } from "~/parts/filter-input";
import { rowsOf } from "~/parts/list";
import { Page } from "~/parts/page";
import { RangePicker, useRange } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect } from "~/ui/choice";
import { integer } from "~/ui/format";
import { useShortcuts } from "~/ui/shortcuts";
import { FirstTime, NotAllowed, Note, NothingFound } from "~/ui/states";
import { DataTable } from "~/ui/table/data-table";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { actorWord, EntrySheet, OutcomeBadge } from "./entry-sheet";
import { deedWord, targetWord } from "./words";

const ABOUT = "What people and their tokens did in this workspace, entry by entry.";
const ANY = "*";
const FILTERS = ["actor", "action", "target_kind", "target"] as const;
const NOTHING = <span className="text-ink-faint">–</span>;

const COLUMNS: readonly Column<ActivityEntry>[] = [
  { id: "at", header: "When", width: 120, value: (one) => one.at, cell: (one) => <RelativeTime at={one.at} /> },
  { id: "actor", header: "Who", width: 180, value: (one) => actorWord(one), cell: (one) => <bdi className={one.actor_name ? "font-medium" : "text-ink-faint"}>{actorWord(one)}</bdi> },
  { id: "action", header: "Did", width: 210, value: (one) => one.action, cell: (one) => <span title={one.action}>{deedWord(one.action)}</span> },
  { id: "target", header: "To what", width: 240, grow: true, value: (one) => targetWord(one), cell: (one) => <Target entry={one} /> },
  { id: "outcome", header: "Outcome", width: 100, value: (one) => one.outcome, cell: (one) => <OutcomeBadge outcome={one.outcome} /> },
  { id: "by", header: "By", width: 100, value: (one) => (one.token ? "token" : "session"), cell: (one) => (one.token ? "token" : one.actor ? "session" : NOTHING) },
  { id: "address", header: "Address", width: 150, value: (one) => one.address, cell: (one) => (one.address ? <span className="font-mono text-xs">{one.address}</span> : NOTHING) },
  { id: "user_agent", header: "Program", width: 180, hidden: true, value: (one) => one.user_agent, cell: (one) => one.user_agent || NOTHING },
  { id: "request", header: "Request", width: 300, hidden: true, value: (one) => one.request, cell: (one) => <span className="font-mono text-xs">{one.request}</span> },
];

function Target({ entry }: { entry: ActivityEntry }) {
  return (
    <span>
      <bdi>{targetWord(entry)}</bdi> <span className="text-xs text-ink-faint">{entry.target_kind.replaceAll("_", " ")}</span>
    </span>
  );
}

export function ActivityPage() {
  const isAllowed = useMay("view_activity");
  return isAllowed ? (
    <Activity />
  ) : (
    <Page title="Activity" about={ABOUT}>
      <NotAllowed what="what people did" capability="view_activity" />
    </Page>
  );
}

function Activity() {
  const workspace = useWorkspace();
  const [search, set] = usePageSearch();
  const [beat, setBeat] = useState(0);
  const range = useRange("7d", beat);
  const { actor, action, target_kind, target } = search;
  const filter = useMemo<ActivityFilter>(() => ({ actor, action, target_kind, target, from: range.from, until: range.until }), [actor, action, target_kind, target, range]);
  const query = useInfiniteQuery(activityQuery(workspace.slug, filter));
  const rows = useMemo(() => rowsOf(query.data), [query.data]);
  const again = () => {
    setBeat((before) => before + 1);
    void query.refetch();
  };
  useShortcuts([{ keys: "r", label: "Look again", run: again }]);
  const opened = search["entry"];
  const entry = rows?.find((one) => one.id === opened);
  const people = usePeople();
  return (
    <Page title="Activity" about={ABOUT} actions={<Actions filter={filter} onAgain={again} />} bar={<FilterBar rows={rows ?? []} people={people} />}>
      <Filters
        facets={[
          { name: "actor", label: "who", show: (id) => people.get(id) ?? rows?.find((one) => one.actor === id)?.actor_name ?? id },
          { name: "action", label: "did", show: deedWord },
          { name: "target_kind", label: "kind" },
          { name: "target", label: "thing", show: (id) => rows?.find((one) => one.target === id)?.target_label || id },
        ]}
      />
      {opened && rows && !entry && <Note>The entry that the link names is not among those that are loaded: choose a longer time, or fewer filters.</Note>}
      <Card flush title="Entries" note={rows && `${integer(rows.length)}${query.hasNextPage ? "+" : ""}, newest first`}>
        <DataTable
          label="Activity"
          id="activity"
          columns={COLUMNS}
          rows={rows}
          rowKey={(one) => one.id}
          selected={opened}
          onOpen={(one) => set({ entry: one.id })}
          error={query.error}
          onRetry={() => void query.refetch()}
          rowTone={(one) => (one.outcome === "refused" ? "danger" : one.outcome === "failed" ? "warn" : undefined)}
          more={query.hasNextPage ? { load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined}
          empty={FILTERS.some((name) => Boolean(search[name])) ? <NothingFound what="entries" onClear={() => set(Object.fromEntries(FILTERS.map((name) => [name, undefined])))} /> : <Nothing onLonger={() => set({ range: "30d", from: undefined, until: undefined })} />}
        />
      </Card>
      {entry && <EntrySheet entry={entry} onClose={() => set({ entry: undefined })} />}
    </Page>
  );
}

function Nothing({ onLonger }: { onLonger: () => void }) {
  return (
    <FirstTime icon={<History className="size-5" />} title="Nobody did anything in this time" actions={<Button onClick={onLonger}>Look at 30 days</Button>}>
      What people do here is kept: connections made, rules published, members invited, searches of the ledger, sessions terminated. Statements that come through a listener are under Audit.
    </FirstTime>
  );
}

function Actions({ filter, onAgain }: { filter: ActivityFilter; onAgain: () => void }) {
  const workspace = useWorkspace();
  return (
    <>
      <RangePicker otherwise="7d" />
      <IconButton label="Look again" shortcut="r" size="small" onClick={onAgain}>
        <RotateCw className="size-3.5" aria-hidden="true" />
      </IconButton>
      <Button asChild size="small">
        <a href={activityExportUrl(workspace.slug, filter)} download title="What the filters leave, one JSON object a line">
          <Download className="size-3.5" aria-hidden="true" /> Export NDJSON
        </a>
      </Button>
    </>
  );
}

/** Names of the members by their id; nothing for those who may not see them. */
function usePeople(): ReadonlyMap<string, string> {
  const workspace = useWorkspace();
  const members = useQuery(actorsQuery(workspace.slug)).data;
  return useMemo(() => new Map(members?.map((one) => [one.user, one.name])), [members]);
}

function FilterBar({ rows, people }: { rows: readonly ActivityEntry[]; people: ReadonlyMap<string, string> }) {
  const [search, set] = usePageSearch();
  const known = new Map([...people, ...rows.flatMap((one): [string, string][] => (one.actor && one.actor_name ? [[one.actor, one.actor_name]] : []))]);
  const actor = search["actor"];
  if (actor && !known.has(actor)) {
    known.set(actor, actor);
  }
  const actors = [...known].sort(([, left], [, right]) => left.localeCompare(right)).map(([value, label]) => ({ value, label }));
  return (
    <div role="group" aria-label="Search" className="flex flex-wrap items-center gap-2">
      <FilterInput main name="action" label="What they did" placeholder="Deed, as create_connection" className="w-72 max-sm:w-full" maxLength={100} list={useDeeds(rows)} />
      <BareSelect label="Who" value={actor ?? ANY} onChange={(value) => set({ actor: value === ANY ? undefined : value })} choices={[{ value: ANY, label: "Everybody" }, ...actors]} className="max-w-56" />
      <FilterInput name="target_kind" label="Kind of thing" className="w-44 max-sm:w-full" maxLength={100} />
      <FilterInput name="target" label="Id of the thing" className="w-56 max-sm:w-full" maxLength={100} />
    </div>
  );
}

/** The deeds that are in the list, to choose from while typing. */
function useDeeds(rows: readonly ActivityEntry[]): { id: string; values: readonly string[] } {
  const id = useId();
  return { id, values: useMemo(() => [...new Set(rows.map((one) => one.action))].sort(), [rows]) };
}
