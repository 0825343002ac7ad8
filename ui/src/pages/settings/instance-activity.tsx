// What did people do in the whole instance?

import { useInfiniteQuery } from "@tanstack/react-query";
import { History } from "lucide-react";
import { instanceActivityQuery, type InstanceEntry } from "~/api/settings";
import { actorWord, EntrySheet, OutcomeBadge } from "~/pages/activity/entry-sheet";
import { listed, rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { Card } from "~/ui/card";
import { FirstTime, Note } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";

const COLUMNS: Column<InstanceEntry>[] = [
  { id: "at", header: "When", width: 120, value: (row) => row.at, cell: (row) => <RelativeTime at={row.at} /> },
  { id: "actor", header: "Who", width: 170, value: actorWord, cell: (row) => <bdi className={row.actor_name ? "font-medium" : "text-ink-faint"}>{actorWord(row)}</bdi> },
  { id: "action", header: "What", width: 190, grow: true, value: (row) => row.action, cell: (row) => row.action.replaceAll("_", " ") },
  { id: "target", header: "To what", width: 220, grow: true, value: (row) => `${row.target_kind} ${row.target_label || row.target}`, cell: (row) => <span title={row.target}>{row.target_kind.replaceAll("_", " ")} <span className="font-medium">{row.target_label}</span></span> },
  { id: "outcome", header: "Outcome", width: 100, value: (row) => row.outcome, cell: (row) => <OutcomeBadge outcome={row.outcome} /> },
  { id: "address", header: "Address", width: 140, value: (row) => row.address, cell: (row) => <span className="font-mono text-xs">{row.address}</span> },
  { id: "request", header: "Request", width: 300, hidden: true, value: (row) => row.request, cell: (row) => <span className="font-mono text-xs">{row.request}</span> },
];

export function InstanceActivity() {
  const query = useInfiniteQuery(instanceActivityQuery);
  const [search, set] = usePageSearch();
  const opened = search["entry"];
  const rows = rowsOf(query.data);
  const entry = rows?.find((one) => one.id === opened);
  return (
    <Card title="Activity of the instance" note="newest first" flush>
      {opened && rows && !entry && <Note>The entry that the link names is not among those that are loaded.</Note>}
      <DataTable
        label="Activity of the instance"
        id="instance-activity"
        columns={COLUMNS}
        {...listed(query)}
        rowKey={(row) => row.id}
        selected={opened}
        onOpen={(row) => set({ entry: row.id })}
        empty={<FirstTime icon={<History className="size-5" />} title="Nothing yet">Sign-ins, accounts, workspaces: what concerns the whole instance is noted here.</FirstTime>}
      />
      {entry && <EntrySheet entry={entry} isAlone onClose={() => set({ entry: undefined })} />}
    </Card>
  );
}
