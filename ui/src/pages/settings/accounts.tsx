// Who has an account, and who runs the instance?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { UserRound } from "lucide-react";
import { useState } from "react";
import { sessionQuery } from "~/api/session";
import { accountsQuery, changeAccount, resetFactor, type Account } from "~/api/settings";
import { explain } from "~/api/problem";
import { FilterInput } from "~/parts/filter-input";
import { listed } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { Badge, Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { date } from "~/ui/format";
import { FirstTime, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";

type Deed = "disable" | "promote" | "demote" | "reset";

interface Asked {
  account: Account;
  deed: Deed;
}

const failed = (error: unknown) => {
  const { title, hint } = explain(error);
  toast({ title, detail: hint, tone: "danger" });
};

function change(account: Account, wanted: { is_disabled?: boolean; is_instance_admin?: boolean }, said: string): Promise<void> {
  const back = { ...(wanted.is_disabled === undefined ? {} : { is_disabled: !wanted.is_disabled }), ...(wanted.is_instance_admin === undefined ? {} : { is_instance_admin: !wanted.is_instance_admin }) };
  return changeAccount(account.id, wanted).then(() => toast({ title: said, tone: "ok", action: { label: "Undo", run: () => void changeAccount(account.id, back).then(() => toast({ title: "It is as before." }), failed) } }));
}

export function Accounts() {
  const [search, set] = usePageSearch();
  const me = useQuery(sessionQuery).data?.person.id;
  const [asked, setAsked] = useState<Asked>();
  const query = useInfiniteQuery(accountsQuery(search["email"]));
  const columns: Column<Account>[] = [
    { id: "name", header: "Name", grow: true, width: 170, value: (row) => row.name, cell: (row) => <span className="font-medium">{row.erased_at ? <span className="text-ink-faint">erased</span> : row.name} {row.id === me && <span className="font-normal text-ink-faint">you</span>}</span> },
    { id: "email", header: "E-mail", grow: true, width: 220, value: (row) => row.email, cell: (row) => <span>{row.email} {!row.email_verified && !row.erased_at && <span className="text-xs text-ink-faint">not confirmed</span>}</span> },
    { id: "state", header: "State", width: 120, value: (row) => (row.is_disabled ? "disabled" : "active"), cell: (row) => <Status tone={row.erased_at ? "neutral" : row.is_disabled ? "danger" : "ok"}>{row.erased_at ? "erased" : row.is_disabled ? "disabled" : "active"}</Status> },
    { id: "admin", header: "Instance", width: 100, value: (row) => row.is_instance_admin, cell: (row) => row.is_instance_admin && <Badge tone="brand">admin</Badge> },
    { id: "seen", header: "Last seen", width: 120, value: (row) => row.last_seen_at, cell: (row) => <RelativeTime at={row.last_seen_at} /> },
    { id: "made", header: "Since", width: 120, value: (row) => row.created_at, cell: (row) => date(row.created_at) },
    { id: "actions", header: "Actions", width: 310, cell: (row) => !row.erased_at && <Actions account={row} isMe={row.id === me} onAsk={(deed) => setAsked({ account: row, deed })} /> },
  ];
  return (
    <>
      <FilterInput main name="email" label="E-mail begins with" className="w-72 max-w-full" maxLength={254} />
      <Card flush>
        <DataTable
          label="Accounts"
          id="accounts"
          columns={columns}
          {...listed(query)}
          rowKey={(row) => row.id}
          rowTone={(row) => (row.is_disabled && !row.erased_at ? "warn" : undefined)}
          empty={search["email"] ? <NothingFound what="accounts" onClear={() => set({ email: undefined })} /> : <FirstTime icon={<UserRound className="size-5" />} title="No accounts">Accounts come by the first link, by invitations, and by registration where it is open.</FirstTime>}
        />
      </Card>
      {asked && <Ask asked={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Actions({ account, isMe, onAsk }: { account: Account; isMe: boolean; onAsk: (deed: Deed) => void }) {
  const enable = () => void change(account, { is_disabled: false }, `${account.name} may come in again.`).catch(failed);
  return (
    <span className="flex gap-1">
      {account.is_disabled ? (
        <Button size="small" onClick={enable} aria-label={`Enable ${account.name}`}>
          Enable
        </Button>
      ) : (
        <Button size="small" disabled={isMe} title={isMe ? "You cannot shut yourself out." : undefined} onClick={() => onAsk("disable")} aria-label={`Disable ${account.name}`}>
          Disable
        </Button>
      )}
      <Button size="small" variant="quiet" onClick={() => onAsk(account.is_instance_admin ? "demote" : "promote")} aria-label={account.is_instance_admin ? `Make ${account.name} no admin of the instance` : `Make ${account.name} an admin of the instance`}>
        {account.is_instance_admin ? "No admin" : "Make admin"}
      </Button>
      {account.has_second_factor && (
        <Button size="small" variant="quiet" onClick={() => onAsk("reset")} aria-label={`Reset the second factor of ${account.name}`}>
          Reset factor
        </Button>
      )}
    </span>
  );
}

function Ask({ asked: { account, deed }, onClose }: { asked: Asked; onClose: () => void }) {
  const { name } = account;
  const words = {
    disable: { title: `Disable ${name}`, consequence: "Their sessions end and their tokens stop working at once. What they made stays. They can be enabled again.", action: "Disable account", danger: true, run: () => change(account, { is_disabled: true }, `${name} is disabled.`) },
    promote: { title: `Make ${name} an admin of the instance`, consequence: "They see all accounts, workspaces and data planes of the instance, disable people and make other admins. It gives them nothing inside workspaces.", action: "Make admin", danger: false, run: () => change(account, { is_instance_admin: true }, `${name} is an admin of the instance.`) },
    demote: { title: `${name} is no admin of the instance any more`, consequence: "They keep their workspaces and lose accounts, data planes and the instance's activity. The last admin stays.", action: "Make no admin", danger: true, run: () => change(account, { is_instance_admin: false }, `${name} is no admin of the instance any more.`) },
    reset: { title: `Reset the second factor of ${name}`, consequence: "Their next sign-in asks for the password only. Be sure that it is them who ask for it.", action: "Reset it", danger: true, run: () => resetFactor(account.id).then(() => toast({ title: `${name} signs in without a code.`, tone: "ok" })) },
  }[deed];
  return <Confirm open onClose={onClose} title={words.title} consequence={words.consequence} action={words.action} danger={words.danger} onConfirm={words.run} />;
}
