// Which statements have become slower than they used to be?

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { slowerQuery, type SlowerItem } from "~/api/traffic";
import { StatementLink } from "~/parts/statement-link";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { compact, duration } from "~/ui/format";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";

const SHOWN_MAX = 6;

export function NewlySlower() {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const slower = useQuery(slowerQuery(slug));
  const to = (fingerprint: string) => withSearch(paths.query(slug, fingerprint), { range: "7d" });
  return (
    <Card flush title="Newly slower" note="last hour against the same hour of the seven days before">
      <DataTable
        label="Newly slower queries"
        id="home.slower"
        columns={columnsOf(to)}
        rows={slower.data?.slice(0, SHOWN_MAX)}
        rowKey={(item) => item.fingerprint}
        onOpen={(item) => void navigate({ to: to(item.fingerprint) })}
        error={slower.error}
        onRetry={() => void slower.refetch()}
        empty={<p className="px-4 py-5 text-[13px] text-ink-soft">No query is slower than before. A query is compared once it was called 10 times in the last hour, and 10 times in the same hour of the days before.</p>}
      />
    </Card>
  );
}

const columnsOf = (to: (fingerprint: string) => string): Column<SlowerItem>[] => [
  {
    id: "statement",
    header: "Query",
    grow: true,
    width: 150,
    value: (item) => item.text,
    cell: (item) => <StatementLink to={to(item.fingerprint)} text={item.text} fingerprint={item.fingerprint} />,
  },
  { id: "ratio", header: "Slower by", width: 92, numeric: true, value: (item) => item.ratio, cell: (item) => <Badge tone="warn">{item.ratio.toFixed(1)} times</Badge> },
  { id: "now", header: "p95 now", width: 88, numeric: true, value: (item) => item.p95_us, cell: (item) => duration(item.p95_us) },
  { id: "before", header: "Before", width: 88, numeric: true, value: (item) => item.before_p95_us, cell: (item) => duration(item.before_p95_us) },
  { id: "calls", header: "Calls", width: 80, numeric: true, value: (item) => item.calls, cell: (item) => compact(item.calls) },
];
