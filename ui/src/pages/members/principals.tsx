// Who stands behind the names on the wire: which person, service or agent is a database user?

import { useInfiniteQuery } from "@tanstack/react-query";
import { Fingerprint, Plus } from "lucide-react";
import { createPrincipal, deletePrincipal, membersQuery, principalsQuery, type Principal } from "~/api/members";
import { explain } from "~/api/problem";
import { listed, rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { ChangePrincipal, NewPrincipal } from "./principal-dialog";

const TONES: Record<Principal["kind"], BadgeTone> = { person: "info", service: "neutral", agent: "held" };

const failed = (error: unknown) => {
  const { title, hint } = explain(error);
  toast({ title, detail: hint, tone: "danger" });
};

export function Principals() {
  const { slug } = useWorkspace();
  const mayManage = useMay("manage_members");
  const [search, set] = usePageSearch();
  const query = useInfiniteQuery(principalsQuery(slug));
  const members = rowsOf(useInfiniteQuery(membersQuery(slug)).data) ?? [];
  const rows = rowsOf(query.data);
  const open = rows?.find((one) => one.id === search["principal"]);
  const remove = (row: Principal) => {
    const { label, kind, database_user, application, listener, user } = row;
    const again = () => void createPrincipal(slug, { label, kind, database_user, application: application ?? undefined, listener: listener ?? undefined, user: user ?? undefined }).catch(failed);
    void deletePrincipal(slug, row.id).then(() => toast({ title: `The link of ${row.label} is deleted.`, action: { label: "Undo", run: again } }), failed);
  };
  const any = <span className="text-ink-faint">any</span>;
  const columns: Column<Principal>[] = [
    { id: "label", header: "Who", grow: true, width: 160, value: (row) => row.label, cell: (row) => <span className="font-medium">{row.label}</span> },
    { id: "kind", header: "Kind", width: 90, value: (row) => row.kind, cell: (row) => <Badge tone={TONES[row.kind]}>{row.kind}</Badge> },
    { id: "database_user", header: "Database user", width: 150, value: (row) => row.database_user, cell: (row) => <span className="font-mono text-xs">{row.database_user}</span> },
    { id: "application", header: "Application", width: 150, value: (row) => row.application, cell: (row) => row.application ?? any },
    { id: "listener", header: "Listener", width: 120, value: (row) => row.listener, cell: (row) => row.listener ?? any },
    { id: "user", header: "Member", width: 160, value: (row) => row.user, cell: (row) => (row.user ? (members.find((one) => one.user === row.user)?.name ?? "no member any more") : <span className="text-ink-faint">–</span>) },
    { id: "changed", header: "Changed", width: 120, value: (row) => row.changed_at, cell: (row) => <RelativeTime at={row.changed_at} /> },
    ...(mayManage ? [{ id: "actions", header: "Actions", width: 100, cell: (row: Principal) => <Button size="small" onClick={() => remove(row)} aria-label={`Delete the link of ${row.label}`}>Delete</Button> }] : []),
  ];
  const add = mayManage && (
    <Button variant="primary" size="small" icon={<Plus className="size-3.5" aria-hidden="true" />} onClick={() => set({ principal: "new" })}>
      Link a name
    </Button>
  );
  return (
    <>
      <Card title="Principals" note="the link that says most about a session counts" actions={add} flush>
        <DataTable
          label="Principals"
          id="principals"
          columns={columns}
          {...listed(query)}
          rowKey={(row) => row.id}
          onOpen={mayManage ? (row) => set({ principal: row.id }) : undefined}
          empty={
            <FirstTime icon={<Fingerprint className="size-5" />} title="No names are linked yet" actions={add}>
              On the wire a session has a database user, an application and a listener. A link says who that is: a person, a service or an agent. Sessions, traffic and audit then show the name people know.
            </FirstTime>
          }
        />
      </Card>
      {mayManage && search["principal"] === "new" && <NewPrincipal members={members} onClose={() => set({ principal: undefined })} />}
      {mayManage && open && <ChangePrincipal key={open.id} principal={open} members={members} onClose={() => set({ principal: undefined })} />}
    </>
  );
}
