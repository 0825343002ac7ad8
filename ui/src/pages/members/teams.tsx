// Which teams are there, and who is in each?

import { useInfiniteQuery } from "@tanstack/react-query";
import { Plus, UsersRound } from "lucide-react";
import { useState } from "react";
import { createTeam, deleteTeam, teamsQuery, type Team } from "~/api/members";
import { listed, rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { NewTeam, TeamDialog } from "./team-dialog";

export function Teams() {
  const { slug } = useWorkspace();
  const mayManage = useMay("manage_members");
  const [search, set] = usePageSearch();
  const [deleting, setDeleting] = useState<Team>();
  const query = useInfiniteQuery(teamsQuery(slug));
  const rows = rowsOf(query.data);
  const open = rows?.find((one) => one.id === search["team"]);
  const columns: Column<Team>[] = [
    { id: "name", header: "Team", grow: true, width: 180, value: (row) => row.name, cell: (row) => <span className="font-medium">{row.name}</span> },
    { id: "description", header: "What it is about", grow: true, width: 260, value: (row) => row.description, cell: (row) => row.description || <span className="text-ink-faint">–</span> },
    { id: "changed", header: "Changed", width: 130, value: (row) => row.changed_at, cell: (row) => <RelativeTime at={row.changed_at} /> },
    ...(mayManage ? [{ id: "actions", header: "Actions", width: 110, cell: (row: Team) => <Button size="small" onClick={() => setDeleting(row)} aria-label={`Delete the team ${row.name}`}>Delete</Button> }] : []),
  ];
  const add = mayManage && (
    <Button variant="primary" size="small" icon={<Plus className="size-3.5" aria-hidden="true" />} onClick={() => set({ team: "new" })}>
      New team
    </Button>
  );
  const remove = async () => {
    if (deleting) {
      const { name, description } = deleting;
      await deleteTeam(slug, deleting.id);
      toast({ title: `The team ${name} is deleted.`, action: { label: "Make it again, empty", run: () => void createTeam(slug, { name, description }).catch(() => toast({ title: "It could not be made again.", tone: "danger" })) } });
    }
  };
  return (
    <>
      <Card title="Teams" note="groups of members; a team gives no capabilities by itself" actions={add} flush>
        <DataTable
          label="Teams"
          id="teams"
          columns={columns}
          {...listed(query)}
          rowKey={(row) => row.id}
          selected={open?.id}
          onOpen={(row) => set({ team: row.id })}
          empty={
            <FirstTime icon={<UsersRound className="size-5" />} title="No teams yet" actions={add}>
              A team says who belongs together: the shop, the reports, those on call.
            </FirstTime>
          }
        />
      </Card>
      {search["team"] === "new" && mayManage && <NewTeam onClose={(made) => set({ team: made })} />}
      {open && <TeamDialog key={open.id} team={open} onClose={() => set({ team: undefined })} />}
      <Confirm open={deleting !== undefined} onClose={() => setDeleting(undefined)} title={`Delete the team ${deleting?.name ?? ""}`} consequence="Its members stay members of the workspace; only the group goes." action="Delete team" onConfirm={remove} />
    </>
  );
}
