// Who calls a query, and how much of its time is theirs?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Users } from "lucide-react";
import { useMemo } from "react";
import type { CallerShare, Fingerprint } from "~/api/fingerprints";
import { principalsQuery } from "~/api/members";
import { topQuery, type GroupBy, type Sums } from "~/api/traffic";
import { rowsOf } from "~/parts/list";
import type { Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Card } from "~/ui/card";
import { Segments } from "~/ui/choice";
import { compact, count, duration, percent } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { principalOf } from "./principal";
import { rangeSearch } from "./list";

type By = "caller" | "application" | "user" | "database" | "listener";
const BY: readonly { value: By; label: string }[] = [
  { value: "caller", label: "Each caller" },
  { value: "application", label: "Application" },
  { value: "user", label: "User" },
  { value: "database", label: "Database" },
  { value: "listener", label: "Listener" },
];
const GROUPS_MAX = 100;

interface Row {
  key: string;
  caller?: CallerShare["caller"];
  principal?: string;
  sums: Sums;
}

export function CallersTab({ found, range }: { found: Fingerprint; range: Range }) {
  const { slug } = useWorkspace();
  const [search, set] = usePageSearch();
  const by = BY.find((one) => one.value === search["by"])?.value ?? "caller";
  const fingerprint = found.statement.fingerprint;
  const groups = useQuery({ ...topQuery(slug, range, (by === "caller" ? "application" : by) as GroupBy, "total_us", { fingerprint }, GROUPS_MAX), enabled: by !== "caller" });
  const principals = useInfiniteQuery(principalsQuery(slug)).data;
  const rows = useMemo((): Row[] | undefined => {
    if (by === "caller") {
      const known = rowsOf(principals) ?? [];
      return found.callers.map(({ caller, sums }) => ({ key: JSON.stringify([caller.application, caller.user, caller.database]), caller, principal: principalOf(caller, known)?.label, sums }));
    }
    return groups.data?.items.map((item) => ({ key: item.key, sums: item.sums }));
  }, [by, found.callers, groups.data, principals]);
  const range_ = rangeSearch(search);
  const columns = useMemo(() => [...namesOf(by, slug, range_), ...figuresOf(found.total.total_us)], [by, slug, range_, found.total.total_us]);
  return (
    <Card flush title="Callers" note={rows && count(rows.length, by)} actions={<Segments label="Callers by" value={by} choices={BY} onChange={(value) => set({ by: value === "caller" ? undefined : value }, "replace")} />}>
      <DataTable
        label="Callers"
        id={`query.callers.${by}`}
        columns={columns}
        rows={rows}
        rowKey={(row) => row.key}
        sort={{ id: search["callers"] ?? "total_us", desc: true }}
        onSort={({ id }) => set({ callers: id === "total_us" ? undefined : id }, "replace")}
        error={by === "caller" ? undefined : groups.error}
        onRetry={() => void groups.refetch()}
        empty={
          <FirstTime icon={<Users className="size-5" />} title="Nobody called it in this time">
            Each application, user and database that sends this statement is listed here. Choose a longer range to see earlier ones.
          </FirstTime>
        }
      />
    </Card>
  );
}

const unnamed = <span className="text-ink-faint">unnamed</span>;

function namesOf(by: By, slug: string, range: object): Column<Row>[] {
  const linked = (name: "application" | "user" | "database" | "listener", value: string) =>
    value === "" ? (
      unnamed
    ) : (
      <Link to={paths.queries(slug)} search={{ ...range, [name]: value } as never} title={`All queries of ${value}`} className="hover:underline">
        {value}
      </Link>
    );
  if (by !== "caller") {
    return [{ id: "name", header: BY.find((one) => one.value === by)?.label ?? by, grow: true, width: 200, value: (row) => row.key, cell: (row) => linked(by, row.key) }];
  }
  return [
    { id: "application", header: "Application", grow: true, width: 160, value: (row) => row.caller?.application, cell: (row) => linked("application", row.caller?.application ?? "") },
    { id: "user", header: "User", width: 150, value: (row) => row.caller?.user, cell: (row) => linked("user", row.caller?.user ?? "") },
    { id: "database", header: "Database", width: 130, value: (row) => row.caller?.database, cell: (row) => linked("database", row.caller?.database ?? "") },
    { id: "principal", header: "Principal", width: 150, help: "The person or program that is linked with the name under Members", value: (row) => row.principal, cell: (row) => row.principal ?? <span className="text-ink-faint">not linked</span> },
  ];
}

function figuresOf(wholeUs: number): Column<Row>[] {
  const figure = (id: string, header: string, value: (row: Row) => number | null | undefined, show: (value: number) => string, width = 92): Column<Row> => ({
    id,
    header,
    numeric: true,
    sortable: true,
    width,
    value: (row) => value(row) ?? undefined,
    cell: (row) => {
      const found = value(row);
      return found === null || found === undefined ? "–" : <span className={found === 0 ? "text-ink-faint" : undefined}>{show(found)}</span>;
    },
  });
  return [
    figure("total_us", "Share of time", (row) => row.sums.total_us, (value) => (wholeUs > 0 ? percent(value / wholeUs) : "–"), 116),
    figure("calls", "Calls", (row) => row.sums.calls, compact),
    figure("p95", "p95", (row) => row.sums.p95_us, duration),
    figure("mean", "Mean", (row) => row.sums.mean_us, duration),
    figure("errors", "Errors", (row) => row.sums.errors, compact, 80),
    figure("refusals", "Refusals", (row) => row.sums.refusals, compact, 90),
  ];
}
