// What did people do in the whole instance?

import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { instanceActivityQuery, type InstanceEntry } from "~/api/settings";
import { listed } from "~/parts/list";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";

const COLUMNS: Column<InstanceEntry>[] = [
  { id: "at", header: "When", width: 120, value: (row) => row.at, cell: (row) => <RelativeTime at={row.at} /> },
  { id: "actor", header: "Who", width: 170, value: (row) => row.actor_name, cell: (row) => row.actor_name ?? <span className="text-ink-faint">nobody signed in</span> },
  { id: "action", header: "What", width: 190, grow: true, value: (row) => row.action, cell: (row) => row.action.replaceAll("_", " ") },
  { id: "target", header: "To what", width: 220, grow: true, value: (row) => `${row.target_kind} ${row.target_label || row.target}`, cell: (row) => <span title={row.target}>{row.target_kind.replaceAll("_", " ")} <span className="font-medium">{row.target_label}</span></span> },
  { id: "outcome", header: "Outcome", width: 100, value: (row) => row.outcome, cell: (row) => <Badge tone={row.outcome === "done" ? "ok" : "danger"}>{row.outcome}</Badge> },
  { id: "address", header: "Address", width: 140, value: (row) => row.address, cell: (row) => <span className="font-mono text-xs">{row.address}</span> },
  { id: "request", header: "Request", width: 300, hidden: true, value: (row) => row.request, cell: (row) => <span className="font-mono text-xs">{row.request}</span> },
];

export function InstanceActivity() {
  const query = useInfiniteQuery(instanceActivityQuery);
  return (
    <Card title="Activity of the instance" note="newest first" flush>
      <DataTable
        label="Activity of the instance"
        id="instance-activity"
        columns={COLUMNS}
        {...listed(query)}
        rowKey={(row) => row.id}
        empty={<FirstTime icon={<History className="size-5" />} title="Nothing yet">Sign-ins, accounts, workspaces: what concerns the whole instance is noted here.</FirstTime>}
      />
    </Card>
  );
}
