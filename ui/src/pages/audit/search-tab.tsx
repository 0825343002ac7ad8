// Which records match, how far was looked, and what is missing?

import { useInfiniteQuery } from "@tanstack/react-query";
import { FileSearch, ListFilter } from "lucide-react";
import { useMemo } from "react";
import { ledgerQuery, type LedgerFilter, type LedgerPart, type LedgerRecord } from "~/api/ledger";
import { Filters } from "~/parts/facets";
import { FilterInput } from "~/parts/filter-input";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { integer, moment } from "~/ui/format";
import { Popover } from "~/ui/popover";
import { FirstTime, Note, NothingFound } from "~/ui/states";
import { DataTable } from "~/ui/table/data-table";
import { columnsOf } from "./columns";
import { FacetList } from "./facet-list";
import { RecordSheet } from "./record-sheet";
import { CHIPS, durationUs, FILTER_NAMES } from "./search-filter";

/** Tailwind's `sm`. */
const NARROW_PX = 640;

export function SearchTab({ filter }: { filter: LedgerFilter }) {
  const workspace = useWorkspace();
  const [search, set] = usePageSearch();
  const query = useInfiniteQuery(ledgerQuery(workspace.slug, filter));
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items), [pages]);
  const last = pages?.at(-1);
  // A search that took long ends early: it goes on when somebody asks, not by itself.
  const endedEarly = query.hasNextPage && Boolean(last?.searched_until);
  const load = () => void query.fetchNextPage();
  const columns = useMemo(() => columnsOf(window.innerWidth < NARROW_PX), []);
  const opened = search["record"];
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[15rem_minmax(0,1fr)]">
      <aside aria-label="Values" className="max-lg:hidden">
        <FacetList filter={filter} />
      </aside>
      <div className="flex min-w-0 flex-col gap-3">
        <FilterRow filter={filter} />
        <Filters facets={CHIPS} />
        <Incomplete parts={pages} />
        <Card flush title="Records" note={rows && `${integer(rows.length)}${query.hasNextPage ? "+" : ""} found, newest first${query.isFetching && !query.isFetchingNextPage ? ", looking again" : ""}`}>
          <DataTable
            label="Records"
            id="ledger"
            columns={columns}
            rows={rows}
            rowKey={(one) => one.record.id}
            selected={opened}
            onOpen={(one) => set({ record: one.record.id })}
            error={query.error}
            onRetry={() => void query.refetch()}
            rowTone={tone}
            more={query.hasNextPage && !endedEarly ? { load, busy: query.isFetchingNextPage } : undefined}
            empty={endedEarly ? <NoneYet /> : <None />}
          />
          {endedEarly && last?.searched_until && <SearchFurther until={last.searched_until} busy={query.isFetchingNextPage} onMore={load} />}
        </Card>
      </div>
      {opened && <RecordSheet id={opened} known={rows?.find((one) => one.record.id === opened)} onGo={(record) => set({ record })} onClose={() => set({ record: undefined })} />}
    </div>
  );
}

const tone = ({ record }: LedgerRecord) => (record.event === "statement.refused" ? ("danger" as const) : record.event === "statement.held" || record.event === "writer.gap" ? ("warn" as const) : undefined);

function FilterRow({ filter }: { filter: LedgerFilter }) {
  const [search] = usePageSearch();
  const isWrong = Boolean(search["min"]) && durationUs(search["min"]) === undefined;
  return (
    <div role="group" aria-label="Search" className="flex flex-wrap items-center gap-2">
      <FilterInput main name="words" label="Text of the statement" placeholder="Words in the statement" className="min-w-64 flex-1 max-sm:w-full" />
      <FilterInput name="table" label="Table" className="w-36" maxLength={300} />
      <FilterInput name="min" label="Smallest duration" placeholder="At least … ms" className="w-36" maxLength={20} />
      <FilterInput name="fingerprint" label="Fingerprint" className="w-44" maxLength={100} />
      <span className="lg:hidden">
        <Popover
          label="Filters"
          align="start"
          trigger={
            <Button size="normal" icon={<ListFilter className="size-4" aria-hidden="true" />}>
              Filters
            </Button>
          }
        >
          <div className="scroll-thin max-h-[60vh] w-72 max-w-[80vw] overflow-auto">
            <FacetList filter={filter} />
          </div>
        </Popover>
      </span>
      {isWrong && (
        <p role="alert" className="w-full text-xs font-medium text-danger">
          The smallest duration cannot be read and is left out: write it as 250ms, 1.5s or 2min.
        </p>
      )}
    </div>
  );
}

function Incomplete({ parts }: { parts: readonly LedgerPart[] | undefined }) {
  const missing = new Map(parts?.flatMap((part) => part.incomplete.map((one) => [one.plane, one])));
  return [...missing.values()].map((one) => (
    <Note key={one.plane} tone="warn">
      Records of {one.plane_name} are missing here: {one.reason}.
    </Note>
  ));
}

function SearchFurther({ until, busy, onMore }: { until: string; busy: boolean; onMore: () => void }) {
  return (
    <div role="status" className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2.5 text-[13px] text-ink-soft">
      <span>Everything since {moment(until)} was looked at; older records were not yet.</span>
      <Button size="small" busy={busy} onClick={onMore}>
        Search further
      </Button>
    </div>
  );
}

function NoneYet() {
  return <FirstTime icon={<FileSearch className="size-5" />} title="No record matches so far" />;
}

function None() {
  const [search, set] = usePageSearch();
  if (FILTER_NAMES.some((name) => Boolean(search[name]))) {
    return <NothingFound what="records" onClear={() => set(Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined])))} />;
  }
  return (
    <FirstTime icon={<FileSearch className="size-5" />} title="Nothing is on record in this time" actions={<Button onClick={() => set({ range: "7d", from: undefined, until: undefined })}>Look at 7 days</Button>}>
      Every statement that comes through a listener is a record: who, what, when, what the rules decided and how it ended. Send one through a listener of this workspace and it stands here.
    </FirstTime>
  );
}
