// Which statements go through the gateway, and which of them take the time?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Gauge, ListTree, RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { fingerprintsQuery } from "~/api/fingerprints";
import { slowerQuery, type Sums } from "~/api/traffic";
import { rowsOf } from "~/parts/list";
import { Page } from "~/parts/page";
import { RangePicker, useRange } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button, IconButton } from "~/ui/button";
import { count, duration, integer } from "~/ui/format";
import { Card } from "~/ui/card";
import { useShortcuts } from "~/ui/shortcuts";
import { FirstTime, NotAllowed, NothingFound } from "~/ui/states";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { columnsOf } from "./columns";
import { NO_FILTERS, QueryChips, QueryFilters } from "./filters";
import { filterOf, FILTERS, howMany, measureOf, rangeSearch, sortWord } from "./list";

export function QueriesPage() {
  const may = useMay("view_traffic");
  const [beat, setBeat] = useState(0);
  const range = useRange("1h", beat);
  const { slug } = useWorkspace();
  const slower = useQuery({ ...slowerQuery(slug), enabled: may });
  return (
    <Page
      title="Queries"
      about="Every fingerprint that was seen: statements that are the same but for their values."
      actions={may && <RangePicker />}
      bar={
        may && (
          <div className="flex flex-col gap-2">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
              <QueryFilters range={range} slowerCount={slower.data?.length} />
            </div>
            <QueryChips />
          </div>
        )
      }
    >
      {may ? <List range={range} onRefresh={() => setBeat(beat + 1)} /> : <NotAllowed what="queries" capability="view_traffic" />}
    </Page>
  );
}

/** Tailwind's `sm`. */
const NARROW_PX = 640;

function List({ range, onRefresh }: { range: ReturnType<typeof useRange>; onRefresh: () => void }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, set] = usePageSearch();
  const measure = measureOf(search);
  const found = useInfiniteQuery(fingerprintsQuery(slug, range, filterOf(search), measure));
  const slowerItems = useQuery(slowerQuery(slug)).data;
  const slower = useMemo(() => new Map((slowerItems ?? []).map((item) => [item.fingerprint, item])), [slowerItems]);
  const onlySlow = search["slow"] === "1";
  const all = useMemo(() => rowsOf(found.data), [found.data]);
  const rows = useMemo(() => (onlySlow ? all?.filter((row) => slower.has(row.key)) : all), [all, onlySlow, slower]);
  const total = found.data?.pages[0]?.total;
  const back = useMemo(() => rangeSearch(search), [search]);
  const columns = useMemo(() => columnsOf({ slug, range: back, measure, wholeUs: total?.total_us ?? 0, slower, isNarrow: window.innerWidth < NARROW_PX }), [slug, back, measure, total, slower]);
  const isFiltered = onlySlow || FILTERS.some((name) => search[name]);
  // All that are newly slow were found: the rest of the list has no more of them.
  const isDone = !found.hasNextPage || (onlySlow && rows?.length === slower.size);
  useShortcuts([{ keys: "r", label: "Refresh the list", run: onRefresh }]);
  const open = (fingerprint: string) => void navigate({ to: paths.query(slug, fingerprint), search: back as never });
  return (
    <Card flush title={rows && howMany(rows.length, isDone, integer)} note={total && <Totals total={total} />} actions={<Refresh at={found.dataUpdatedAt} busy={found.isFetching} onRefresh={onRefresh} />}>
      <DataTable
        label="Queries"
        id="queries"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.key}
        sort={{ id: measure, desc: true }}
        onSort={({ id }) => set({ sort: sortWord(id) })}
        onOpen={(row) => open(row.key)}
        error={found.error}
        onRetry={() => void found.refetch()}
        more={isDone ? undefined : { load: () => void found.fetchNextPage(), busy: found.isFetchingNextPage }}
        empty={<Nothing isFiltered={isFiltered} onlySlow={onlySlow} measure={measure} isSearching={!isDone} onClear={() => set({ ...NO_FILTERS, sort: undefined })} />}
      />
      {rows?.length === 0 && !isDone && (
        <p className="px-4 pb-6 text-center">
          <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            Look further down the list
          </Button>
        </p>
      )}
    </Card>
  );
}

function Totals({ total }: { total: Sums }) {
  const parts = [count(total.calls, "call"), `${duration(total.total_us)} in all`, total.errors > 0 && count(total.errors, "error"), total.refusals > 0 && count(total.refusals, "refusal")];
  return <span className="tabular-nums">{parts.filter(Boolean).join(" · ")}</span>;
}

function Refresh({ at, busy, onRefresh }: { at: number; busy: boolean; onRefresh: () => void }) {
  return (
    <>
      {at > 0 && (
        <span className="text-xs text-ink-faint">
          as of <RelativeTime at={at} />
        </span>
      )}
      <IconButton label="Refresh" shortcut="r" size="small" busy={busy} onClick={onRefresh}>
        <RotateCw className="size-3.5" aria-hidden="true" />
      </IconButton>
    </>
  );
}

interface NothingProps {
  isFiltered: boolean;
  onlySlow: boolean;
  measure: string;
  /** There are further rows that were not looked at. */
  isSearching: boolean;
  onClear: () => void;
}

function Nothing({ isFiltered, onlySlow, measure, isSearching, onClear }: NothingProps) {
  if (onlySlow && !isSearching) {
    return (
      <FirstTime icon={<Gauge className="size-5" />} title="Nothing is newly slow" actions={<Button onClick={onClear}>Show all queries</Button>}>
        A statement is newly slow when its p95 of the last hour is well above the same hour of the seven days before. It needs enough calls in both.
      </FirstTime>
    );
  }
  if (isFiltered || measure !== "total_us") {
    return <NothingFound what="queries" onClear={onClear} />;
  }
  return (
    <FirstTime icon={<ListTree className="size-5" />} title="No statement went through in this time">
      Connect an application to a listener instead of its database: each statement it sends appears here within a minute, with how often and how fast it ran. Choose a longer range to see earlier ones.
    </FirstTime>
  );
}
