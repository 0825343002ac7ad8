// Who are the members, and what may each do?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { UserMinus, UserPlus, Users } from "lucide-react";
import { useState } from "react";
import { membersQuery, removeMember, type Member } from "~/api/members";
import { sessionQuery } from "~/api/session";
import { paths, withSearch } from "~/paths";
import { FilterInput } from "~/parts/filter-input";
import { listed, rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button, IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { useShortcuts } from "~/ui/shortcuts";
import { FirstTime, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { ChangeMember } from "./change-member";
import { allOf, mayGive } from "./roles";

/** Why a member cannot be removed by the person; `undefined` when they can. */
export function keptIn(member: Member, own: readonly string[], owners: number): string | undefined {
  if (!mayGive(own as Member["capabilities"], allOf(member.role_capabilities, member.capabilities))) {
    return "They may do what you may not: only somebody who may do as much can change them.";
  }
  return member.role === "owner" && owners === 1 ? "The last owner stays: make somebody else an owner first." : undefined;
}

/** Why a member's role cannot be changed by the person: a group's word stands until the next sign-in, but it can be taken away. */
export function barred(member: Member, own: readonly string[], owners: number): string | undefined {
  if (member.by_group) {
    return `The group ${member.by_group.group} of ${member.by_group.service} gave this: it is changed there, and holds from their next sign-in on.`;
  }
  return keptIn(member, own, owners);
}

export function MemberList() {
  const { slug, capabilities, name } = useWorkspace();
  const mayManage = useMay("manage_members");
  const me = useQuery(sessionQuery).data?.person.id;
  const [search, set] = usePageSearch();
  const [removing, setRemoving] = useState<Member>();
  const navigate = useNavigate();
  const query = useInfiniteQuery(membersQuery(slug));
  const all = rowsOf(query.data);
  const words = (search["words"] ?? "").toLowerCase();
  const rows = all?.filter((one) => `${one.name} ${one.email} ${one.role}`.toLowerCase().includes(words));
  // While not all have been loaded nobody can tell who is the last owner; the server does.
  const owners = query.hasNextPage ? Infinity : (all?.filter((one) => one.role === "owner").length ?? 0);
  const open = all?.find((one) => one.user === search["member"]);
  useShortcuts([{ keys: "r", label: "Refresh", run: () => void query.refetch() }]);
  const why = (member: Member) => barred(member, capabilities ?? [], owners);
  const whyIn = (member: Member) => keptIn(member, capabilities ?? [], owners);
  const columns: Column<Member>[] = [
    { id: "name", header: "Name", grow: true, width: 180, sortable: true, value: (row) => row.name, cell: (row) => <span className="font-medium">{row.name} {row.user === me && <span className="font-normal text-ink-faint">you</span>}</span> },
    { id: "role", header: "Role", width: 100, sortable: true, value: (row) => row.role, cell: (row) => <Badge tone={row.role === "owner" ? "brand" : row.role === "admin" ? "info" : "neutral"}>{row.role}</Badge> },
    ...(all?.some((one) => one.by_group) ? [{ id: "given", header: "Given", width: 160, value: (row: Member) => row.by_group?.group ?? "", cell: (row: Member) => (row.by_group ? <span title={`at ${row.by_group.service}`}>by group {row.by_group.group}</span> : <span className="text-ink-faint">by hand</span>) }] : []),
    { id: "email", header: "E-mail", grow: true, width: 200, sortable: true, value: (row) => row.email, cell: (row) => row.email },
    { id: "extra", header: "Beyond the role", width: 220, value: (row) => row.capabilities.join(", "), cell: (row) => (row.capabilities.length === 0 ? <span className="text-ink-faint">–</span> : <code className="font-mono text-xs">{row.capabilities.join(", ")}</code>) },
    { id: "joined", header: "Joined", width: 130, sortable: true, value: (row) => row.joined_at, cell: (row) => <RelativeTime at={row.joined_at} /> },
    ...(mayManage ? [{ id: "actions", header: "Actions", width: 170, cell: (row: Member) => <Actions member={row} why={why(row)} whyIn={whyIn(row)} isMe={row.user === me} onChange={() => set({ member: row.user })} onRemove={() => setRemoving(row)} /> }] : []),
  ];
  const sort = search["sort"] ? { id: search["sort"].replace(/^-/, ""), desc: search["sort"].startsWith("-") } : undefined;
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <FilterInput main name="words" label="Filter members" className="w-72 max-w-full" />
        {mayManage && (
          <Button className="ml-auto" variant="primary" icon={<UserPlus className="size-3.5" aria-hidden="true" />} onClick={() => void navigate({ href: withSearch(paths.members(slug), { tab: "invitations" }) })}>
            Invite somebody
          </Button>
        )}
      </div>
      <Card flush>
        <DataTable
          label="Members"
          id="members"
          columns={columns}
          {...listed(query)}
          rows={rows}
          rowKey={(row) => row.user}
          sort={sort}
          onSort={(next) => set({ sort: `${next.desc ? "-" : ""}${next.id}` }, "replace")}
          onOpen={mayManage ? (row) => why(row) === undefined && set({ member: row.user }) : undefined}
          empty={words ? <NothingFound what="members" onClear={() => set({ words: undefined })} /> : <FirstTime icon={<Users className="size-5" />} title="No members">A workspace has at least its owner.</FirstTime>}
        />
      </Card>
      <p className="text-xs text-ink-faint">
        What each role allows is under{" "}
        <Link to={withSearch(paths.members(slug), { tab: "roles" })} className="underline underline-offset-2">
          Roles
        </Link>
        .
      </p>
      {mayManage && open && why(open) === undefined && <ChangeMember key={open.user} member={open} onClose={() => set({ member: undefined })} />}
      <Confirm
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        title={`Remove ${removing?.name ?? ""} from ${name}`}
        consequence={`They lose the workspace at once, in the browser and by their tokens. Their saved queries and what they did stay. ${removing?.by_group ? `The group ${removing.by_group.group} lets them in again when they next sign in: take them out of it at ${removing.by_group.service}, too.` : "To come back they need a new invitation."}`}
        action="Remove member"
        onConfirm={async () => {
          if (removing) {
            await removeMember(slug, removing.user);
            toast({ title: `${removing.name} is no member any more.` });
          }
        }}
      />
    </>
  );
}

function Actions({ member, why, whyIn, isMe, onChange, onRemove }: { member: Member; why: string | undefined; whyIn: string | undefined; isMe: boolean; onChange: () => void; onRemove: () => void }) {
  return (
    <span className="flex items-center gap-1" title={why}>
      <Button size="small" disabled={why !== undefined} onClick={onChange} aria-label={`Change the role of ${member.name}`}>
        Change role
      </Button>
      {!isMe && (
        <IconButton label={whyIn ?? `Remove ${member.name}`} size="small" disabled={whyIn !== undefined} onClick={onRemove}>
          <UserMinus className="size-3.5" aria-hidden="true" />
        </IconButton>
      )}
    </span>
  );
}
