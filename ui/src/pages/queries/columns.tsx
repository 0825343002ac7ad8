// Which columns does the list of queries have?

import { Link } from "@tanstack/react-router";
import type { NameShare } from "~/api/fingerprints";
import type { Measure, SlowerItem, TopItem } from "~/api/traffic";
import type { Search } from "~/parts/search";
import { Sparkline } from "~/parts/sparkline";
import { SqlLine } from "~/parts/sql-text";
import { ClassBadge } from "~/parts/verdict";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { bytes, compact, count, duration, percent } from "~/ui/format";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { shareOf, trendOf } from "./list";

export interface Seen {
  slug: string;
  range: Search;
  measure: Measure;
  /** Time of all statements that were asked for. */
  wholeUs: number;
  slower: ReadonlyMap<string, SlowerItem>;
  /** On a telephone the statement leaves room for how long and how often. */
  isNarrow: boolean;
}

type Row = TopItem;

export function columnsOf(seen: Seen): Column<Row>[] {
  const [calls, p95, ...others] = figures();
  const main = [calls, p95].filter((one) => one !== undefined);
  return seen.isNarrow ? [statement(seen), ...main.toReversed(), share(seen), trend(seen), ...others, ...origins(), lastSeen] : [statement(seen), share(seen), trend(seen), ...main, ...others, ...origins(), lastSeen];
}

const statement = ({ slug, range, slower, isNarrow }: Seen): Column<Row> => ({
  id: "statement",
  header: "Statement",
  grow: true,
  width: isNarrow ? 158 : 280,
  value: (row) => row.text ?? row.key,
  cell: (row) => (
    <span className="flex min-w-0 items-center gap-2">
      {row.class && <ClassBadge word={row.class} />}
      <Newly item={slower.get(row.key)} />
      <Link to={paths.query(slug, row.key)} search={range as never} tabIndex={-1} className="min-w-0 truncate hover:underline">
        {row.text ? <SqlLine text={row.text} /> : <code className="font-mono text-xs text-ink-faint">{row.key}</code>}
      </Link>
    </span>
  ),
});

/** Slower in the last hour than in the same hour of the days before. */
export function Newly({ item }: { item: SlowerItem | undefined }) {
  return item === undefined ? null : (
    <span title={`p95 ${duration(item.p95_us)} in the last hour, ${duration(item.before_p95_us)} in the same hour of the seven days before`}>
      <Badge tone="warn">newly slow ×{item.ratio.toFixed(1)}</Badge>
    </span>
  );
}

const share = ({ wholeUs }: Seen): Column<Row> => ({
  id: "total_us",
  header: "Share of time",
  help: "Its part of the time that all statements of the range took",
  sortable: "server",
  numeric: true,
  width: 140,
  value: (row) => row.sums.total_us,
  cell: (row) => (
    <span className="flex items-center justify-end gap-2" title={`${duration(row.sums.total_us)} in all`}>
      <span className="relative h-2 w-14 overflow-hidden rounded-full bg-subtle" aria-hidden="true">
        <span className="absolute inset-y-0 left-0 rounded-full bg-brand" style={{ width: `${shareOf(row, wholeUs) * 100}%` }} />
      </span>
      <span className="w-12 text-right">{percent(shareOf(row, wholeUs))}</span>
    </span>
  ),
});

const trend = ({ measure }: Seen): Column<Row> => ({
  id: "trend",
  header: "Over the range",
  width: 124,
  cell: (row) => {
    const found = trendOf(row, measure);
    return found ? <Sparkline values={found.values} label={`${found.what} over the range`} /> : <None />;
  },
});

const None = () => <span className="text-ink-faint">–</span>;
const quiet = (value: number, shown: string) => <span className={value === 0 ? "text-ink-faint" : undefined}>{shown}</span>;

function figures(): Column<Row>[] {
  const figure = (id: Measure, header: string, value: (row: Row) => number | null | undefined, show: (value: number) => string, more: Partial<Column<Row>> = {}): Column<Row> => ({
    id,
    header,
    sortable: "server",
    numeric: true,
    width: 88,
    value,
    cell: (row) => {
      const found = value(row);
      return found === null || found === undefined ? <None /> : quiet(found, show(found));
    },
    ...more,
  });
  return [
    figure("calls", "Calls", (row) => row.sums.calls, compact),
    figure("p95", "p95", (row) => row.sums.p95_us, duration, { help: "95 of a hundred calls took no longer" }),
    figure("mean", "Mean", (row) => row.sums.mean_us, duration),
    figure("p50", "p50", (row) => row.sums.p50_us, duration, { hidden: true }),
    figure("p99", "p99", (row) => row.sums.p99_us, duration, { hidden: true }),
    figure("max", "Longest", (row) => row.sums.max_us, duration, { hidden: true }),
    figure("errors", "Errors", (row) => row.sums.errors, compact, { width: 76, cell: (row) => bad(row.sums.errors) }),
    figure("refusals", "Refusals", (row) => row.sums.refusals, compact, { width: 88, cell: (row) => bad(row.sums.refusals) }),
    figure("rows", "Rows", (row) => row.sums.rows, compact, { help: "Returned or changed" }),
    figure("bytes", "Bytes", (row) => row.sums.bytes_in + row.sums.bytes_out, bytes, { hidden: true, help: "Of requests and answers" }),
  ];
}

const bad = (value: number) => <span className={value === 0 ? "text-ink-faint" : "font-medium text-danger"}>{compact(value)}</span>;
const names = (shares: readonly NameShare[]): string => shares.map((one) => one.name || "unnamed").join(", ");

function Several({ text, more }: { text: string; more: number }) {
  return text === "" ? (
    <None />
  ) : (
    <span title={more > 0 ? `${text} and ${count(more, "other")}` : text} className="text-ink-soft">
      {text}
      {more > 0 && <span className="text-ink-faint"> +{more}</span>}
    </span>
  );
}

function origins(): Column<Row>[] {
  return [
    { id: "applications", header: "Applications", width: 150, value: (row) => names(row.detail?.applications ?? []), cell: (row) => <Several text={names(row.detail?.applications ?? [])} more={row.detail?.applications_more ?? 0} /> },
    { id: "users", header: "Users", width: 130, hidden: true, value: (row) => names(row.detail?.users ?? []), cell: (row) => <Several text={names(row.detail?.users ?? [])} more={row.detail?.users_more ?? 0} /> },
    { id: "tables", header: "Tables", width: 170, value: (row) => row.detail?.tables.join(", "), cell: (row) => <Several text={row.detail?.tables.join(", ") ?? ""} more={row.detail?.tables_more ?? 0} /> },
  ];
}

const lastSeen: Column<Row> = {
  id: "last_seen",
  header: "Last seen",
  width: 116,
  value: (row) => row.detail?.last_seen_at,
  cell: (row) => (row.detail?.last_seen_at ? <RelativeTime at={row.detail.last_seen_at} className="text-ink-soft" /> : <None />),
};
