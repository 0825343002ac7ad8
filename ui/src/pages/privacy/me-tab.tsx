// What is kept of me, and how do I take it along or have it erased?

import { useQuery } from "@tanstack/react-query";
import { UserRound } from "lucide-react";
import { keptQuery, type KeptKind } from "~/api/privacy";
import { profileQuery } from "~/api/profile";
import { Privacy } from "~/pages/profile/privacy";
import { Card } from "~/ui/card";
import { integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { kindOf } from "./words";

const NOTHING = <span className="text-ink-faint">–</span>;

const COLUMNS: readonly Column<KeptKind>[] = [
  { id: "kind", header: "What", width: 220, grow: true, value: (one) => kindOf(one).label, cell: (one) => <span className="font-medium">{kindOf(one).label}</span> },
  { id: "count", header: "How many", width: 100, numeric: true, value: (one) => one.count, cell: (one) => (one.count === 0 ? NOTHING : integer(one.count)) },
  { id: "since", header: "The oldest", width: 120, value: (one) => one.since, cell: (one) => (one.since ? <RelativeTime at={one.since} /> : NOTHING) },
  { id: "fate", header: "When you erase the account", width: 320, grow: true, value: (one) => kindOf(one).fate, cell: (one) => <span title={kindOf(one).fate}>{kindOf(one).fate}</span> },
];

export function MeTab() {
  const query = useQuery(keptQuery);
  const profile = useQuery(profileQuery).data;
  return (
    <>
      <Card flush title="What is kept of you" note="in all workspaces, beside the account itself">
        <DataTable label="What is kept of you" id="privacy-me" columns={COLUMNS} rows={query.data} rowKey={(one) => one.kind} error={query.error} onRetry={() => void query.refetch()} empty={<FirstTime icon={<UserRound className="size-5" />} title="Nothing is kept of you" />} />
        <p className="border-t border-line px-4 py-2.5 text-xs text-ink-faint">
          Beside these there is your account: e-mail, name, settings of the console. What you ask of databases through a listener is in the ledger under the database user, not under your name.
        </p>
      </Card>
      {profile && <Privacy profile={profile.data} />}
    </>
  );
}
