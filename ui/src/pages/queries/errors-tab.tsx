// In which errors of the server did calls of a query end?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import type { Fingerprint } from "~/api/fingerprints";
import { errorsQuery, type ErrorItem } from "~/api/traffic";
import type { Range } from "~/parts/range";
import { usePageSearch, type Search } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Card } from "~/ui/card";
import { count, integer, percent } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { rangeSearch } from "./list";
import { meaningOf } from "./sqlstate";

export function ErrorsTab({ found, range }: { found: Fingerprint; range: Range }) {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const mayLedger = useMay("view_ledger");
  const fingerprint = found.statement.fingerprint;
  const errors = useQuery(errorsQuery(slug, range, { fingerprint }));
  const times = rangeSearch(search);
  return (
    <Card flush title="Errors" note={`${count(found.total.errors, "call")} of ${integer(found.total.calls)} ended in an error of the server`}>
      <DataTable
        label="Errors"
        id="query.errors"
        columns={columnsOf(found, mayLedger ? (sqlstate) => ({ to: paths.audit(slug), search: { ...times, fingerprint, sqlstate } }) : undefined)}
        rows={errors.data?.items}
        rowKey={(row) => row.sqlstate}
        error={errors.error}
        onRetry={() => void errors.refetch()}
        empty={
          <FirstTime icon={<CircleCheck className="size-5" />} title="No errors in this time">
            Calls that end in an error of the server are counted here by SQLSTATE, with a link to their records.
          </FirstTime>
        }
      />
      {(errors.data?.others ?? 0) > 0 && <p className="px-4 py-2 text-xs text-ink-faint">And {count(errors.data?.others ?? 0, "error")} that {errors.data?.others === 1 ? "is" : "are"} only counted.</p>}
    </Card>
  );
}

function columnsOf(found: Fingerprint, records: ((sqlstate: string) => { to: string; search: Search }) | undefined): Column<ErrorItem>[] {
  return [
    { id: "sqlstate", header: "SQLSTATE", width: 130, value: (row) => row.sqlstate, cell: (row) => <code className="font-mono text-xs">{row.sqlstate}</code> },
    { id: "meaning", header: "What it means", grow: true, width: 220, value: (row) => meaningOf(row.sqlstate), cell: (row) => meaningOf(row.sqlstate) ?? <span className="text-ink-faint">–</span> },
    { id: "count", header: "Errors", numeric: true, width: 110, value: (row) => row.count, cell: (row) => integer(row.count) },
    { id: "share", header: "Of the calls", numeric: true, width: 120, cell: (row) => (found.total.calls > 0 ? percent(row.count / found.total.calls) : "–") },
    ...(records
      ? [
          {
            id: "records",
            header: "Records",
            width: 130,
            cell: (row: ErrorItem) => {
              const { to, search } = records(row.sqlstate);
              return (
                <Link to={to} search={search as never} className="text-brand-text underline-offset-2 hover:underline">
                  Show records
                </Link>
              );
            },
          },
        ]
      : []),
  ];
}
