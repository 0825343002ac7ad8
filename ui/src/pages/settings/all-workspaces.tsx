// Which workspaces are there in the whole instance?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { LayoutGrid } from "lucide-react";
import { allWorkspacesQuery } from "~/api/settings";
import { workspacesQuery, type Workspace } from "~/api/workspaces";
import { listed } from "~/parts/list";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { date } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";

export function AllWorkspaces() {
  const query = useInfiniteQuery(allWorkspacesQuery);
  const own = useQuery(workspacesQuery).data ?? [];
  const columns: Column<Workspace>[] = [
    {
      id: "name",
      header: "Workspace",
      grow: true,
      width: 180,
      value: (row) => row.name,
      cell: (row) => (own.some((one) => one.id === row.id) ? <Link to={paths.home(row.slug)} className="font-medium text-brand-text underline-offset-2 hover:underline">{row.name}</Link> : <span className="font-medium">{row.name}</span>),
    },
    { id: "slug", header: "Name in paths", width: 170, value: (row) => row.slug, cell: (row) => <span className="font-mono text-xs">{row.slug}</span> },
    { id: "kind", header: "Kind", width: 110, value: (row) => row.kind, cell: (row) => <Badge tone={row.kind === "gateway" ? "brand" : "neutral"}>{row.kind}</Badge> },
    { id: "description", header: "What it is for", grow: true, width: 220, value: (row) => row.description, cell: (row) => row.description || <span className="text-ink-faint">–</span> },
    { id: "member", header: "You", width: 120, cell: (row) => own.find((one) => one.id === row.id)?.role ?? <span className="text-ink-faint">no member</span> },
    { id: "made", header: "Made", width: 120, value: (row) => row.created_at, cell: (row) => date(row.created_at) },
  ];
  return (
    <Card title="Workspaces" note="what is inside is for their members only" flush>
      <DataTable
        label="Workspaces"
        id="all-workspaces"
        columns={columns}
        {...listed(query)}
        rowKey={(row) => row.id}
        empty={<FirstTime icon={<LayoutGrid className="size-5" />} title="No workspaces">Each account has a personal one; teams make shared ones.</FirstTime>}
      />
    </Card>
  );
}
