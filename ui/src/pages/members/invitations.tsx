// Who is asked to join, and what became of it?

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { MailPlus, Send } from "lucide-react";
import { useState, type FormEvent } from "react";
import { invitationsQuery, invite, revokeInvitation, type Invitation, type Role } from "~/api/members";
import { isProblem } from "~/api/problem";
import { listed } from "~/parts/list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Status, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { SelectField } from "~/ui/choice";
import { Confirm } from "~/ui/dialog";
import { TextField } from "~/ui/field";
import { ErrorNote, FirstTime, NotAllowed } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime, useNow } from "~/ui/time";
import { toast } from "~/ui/toast";
import { mayGive } from "./roles";
import { useRoles } from "./use-roles";

export function Invitations() {
  const { slug } = useWorkspace();
  const allowed = useMay("manage_members");
  const now = useNow();
  const [revoking, setRevoking] = useState<Invitation>();
  const query = useInfiniteQuery({ ...invitationsQuery(slug), enabled: allowed });
  if (!allowed) {
    return <NotAllowed what="the invitations" capability="manage_members" />;
  }
  const columns: Column<Invitation>[] = [
    { id: "email", header: "E-mail", grow: true, width: 220, value: (row) => row.email, cell: (row) => <span className="font-medium">{row.email}</span> },
    { id: "role", header: "Role", width: 100, value: (row) => row.role, cell: (row) => row.role },
    { id: "state", header: "Link", width: 140, value: (row) => stateOf(row, now).word, cell: (row) => <Status tone={stateOf(row, now).tone}>{stateOf(row, now).word}</Status> },
    { id: "sent", header: "Sent", width: 130, value: (row) => row.created_at, cell: (row) => <RelativeTime at={row.created_at} /> },
    { id: "expires", header: "Expires", width: 130, value: (row) => row.expires_at, cell: (row) => (row.accepted_at ? "–" : <RelativeTime at={row.expires_at} />) },
    {
      id: "actions",
      header: "Actions",
      width: 120,
      cell: (row) =>
        stateOf(row, now).word === "open" && (
          <Button size="small" onClick={() => setRevoking(row)} aria-label={`Revoke the invitation of ${row.email}`}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <div className="flex flex-col gap-4">
      <Invite />
      <Card title="Invitations" flush>
        <DataTable
          label="Invitations"
          id="invitations"
          columns={columns}
          {...listed(query)}
          rowKey={(row) => row.id}
          empty={
            <FirstTime icon={<MailPlus className="size-5" />} title="Nobody is invited">
              An invitation is a link that goes to one e-mail address and nowhere else. It works once, for a week, for an account with that address.
            </FirstTime>
          }
        />
      </Card>
      <Confirm
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        title="Revoke the invitation"
        consequence={`The link that ${revoking?.email ?? ""} has stops working at once. They can be invited again, with another link.`}
        action="Revoke invitation"
        onConfirm={async () => {
          if (revoking) {
            await revokeInvitation(slug, revoking.id);
            toast({ title: `The invitation of ${revoking.email} is void.` });
          }
        }}
      />
    </div>
  );
}

function stateOf(invitation: Invitation, now: number): { tone: BadgeTone; word: string } {
  if (invitation.accepted_at) {
    return { tone: "ok", word: "accepted" };
  }
  return Date.parse(invitation.expires_at) <= now ? { tone: "neutral", word: "expired" } : { tone: "info", word: "open" };
}

function Invite() {
  const { slug, name, capabilities } = useWorkspace();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const roles = useRoles();
  const sending = useMutation({
    mutationFn: () => invite(slug, { email: email.trim(), role }),
    onSuccess: (sent) => {
      setEmail("");
      toast({ title: `${sent.email} is invited as ${sent.role}.`, tone: "ok" });
    },
  });
  const error = isProblem(sending.error) ? (sending.error.field("email") ?? (sending.error.code === "duplicate" ? sending.error.message : undefined)) : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sending.mutate();
  };
  return (
    <Card title="Invite somebody" note="the link is good for a week, once">
      <form onSubmit={submit} className="flex flex-col gap-3">
        <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_14rem_auto]">
          <TextField label="E-mail" type="email" required value={email} maxLength={254} onChange={(event) => { setEmail(event.target.value); sending.reset(); }} error={error} autoComplete="off" placeholder="person@example.com" />
          <SelectField label="Role" value={role} onChange={setRole} choices={roles.filter((one) => mayGive(capabilities ?? [], one.capabilities)).map((one) => ({ value: one.role, label: one.role, note: one.about }))} />
          <Button type="submit" variant="primary" icon={<Send className="size-3.5" aria-hidden="true" />} busy={sending.isPending} disabled={email.trim() === ""} className="sm:mt-[1.65rem]">
            Send invitation
          </Button>
        </div>
        {sending.error && !error && <ErrorNote error={sending.error} />}
        <p className="text-xs text-ink-faint">
          The link goes to that address only; it is not shown here. Where no mail server is set, the mail is a file in the folder <code className="font-mono">mail</code> of the control plane&apos;s data directory, and the link a line of its log: whoever runs Dragoman can pass it on. They join {name} as {role}.
        </p>
      </form>
    </Card>
  );
}
