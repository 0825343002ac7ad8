// Which statements take most of the time, and which are slow each time?

import type { UseQueryResult } from "@tanstack/react-query";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Hourglass } from "lucide-react";
import { topQuery, type Sums, type TopItem } from "~/api/traffic";
import type { Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { StatementLink } from "~/parts/statement-link";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Segments } from "~/ui/choice";
import { compact, duration, percent } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { rangeSearch } from "~/parts/range-search";

type Top = { items: TopItem[]; total: Sums };
type Order = "time" | "p95";

const ORDERS = [
  { value: "time", label: "By time spent" },
  { value: "p95", label: "By p95" },
] as const;

export function Slowest({ range, byTime }: { range: Range; byTime: UseQueryResult<Top> }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, set] = usePageSearch();
  const order: Order = search["slowest"] === "p95" ? "p95" : "time";
  const byP95 = useQuery({ ...topQuery(slug, range, "fingerprint", "p95", {}, 8), enabled: order === "p95" });
  const shown = order === "p95" ? byP95 : byTime;
  const said = rangeSearch(range);
  const to = (fingerprint: string) => withSearch(paths.query(slug, fingerprint), said);
  const columns = columnsOf(to, shown.data?.total.total_us ?? 0);
  return (
    <Card
      flush
      title="Slowest queries"
      note={range.label}
      actions={
        <>
          <Segments label="Slowest by" value={order} onChange={(next: Order) => set({ slowest: next === "time" ? undefined : next }, "replace")} choices={ORDERS} />
          <Button asChild size="small" variant="quiet">
            <Link to={withSearch(paths.queries(slug), { ...said, sort: order === "p95" ? "p95" : undefined })}>All queries</Link>
          </Button>
        </>
      }
    >
      <DataTable
        label="Slowest queries"
        id="home.slowest"
        columns={columns}
        rows={shown.data?.items}
        rowKey={(item) => item.key}
        onOpen={(item) => void navigate({ to: to(item.key) })}
        error={shown.error}
        onRetry={() => void shown.refetch()}
        empty={<NoStatements range={range} />}
      />
    </Card>
  );
}

const columnsOf = (to: (fingerprint: string) => string, all: number): Column<TopItem>[] => [
  {
    id: "statement",
    header: "Query",
    grow: true,
    width: 150,
    value: (item) => item.text,
    cell: (item) => <StatementLink to={to(item.key)} text={item.text} fingerprint={item.key} />,
  },
  { id: "p95", header: "p95", width: 88, numeric: true, value: (item) => item.sums.p95_us, cell: (item) => duration(item.sums.p95_us) },
  { id: "share", header: "Share of time", width: 132, value: (item) => share(item, all), cell: (item) => <Share share={share(item, all)} /> },
  { id: "mean", header: "Mean", width: 88, numeric: true, value: (item) => item.sums.mean_us, cell: (item) => duration(item.sums.mean_us) },
  { id: "calls", header: "Calls", width: 80, numeric: true, value: (item) => item.sums.calls, cell: (item) => compact(item.sums.calls) },
];

const share = (item: TopItem, all: number): number => (all === 0 ? 0 : item.sums.total_us / all);

function Share({ share: part }: { share: number }) {
  return (
    <span className="flex w-26 items-center gap-2">
      <span aria-hidden="true" className="h-1.5 flex-1 overflow-hidden rounded-full bg-subtle">
        <span className="block h-full rounded-full bg-brand" style={{ width: `${Math.max(part * 100, 1.5)}%` }} />
      </span>
      <span className="w-11 text-right text-xs tabular-nums">{percent(part)}</span>
    </span>
  );
}

function NoStatements({ range }: { range: Range }) {
  const { slug } = useWorkspace();
  const [, set] = usePageSearch();
  return (
    <FirstTime
      icon={<Hourglass className="size-5" />}
      title={`No statement in the ${range.label}`}
      actions={
        <>
          {range.milliseconds < 604_800_000 && <Button onClick={() => set({ range: "7d", from: undefined, until: undefined })}>Show the last 7d</Button>}
          <Button asChild>
            <Link to={paths.connections(slug)}>How to connect</Link>
          </Button>
        </>
      }
    >
      Every statement that goes through a listener is timed and shown here, the slowest first. Point an application at a listener&apos;s address in place of the database&apos;s.
    </FirstTime>
  );
}
