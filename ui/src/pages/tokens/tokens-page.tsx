// Which programs may use the API as me?

import { useQuery } from "@tanstack/react-query";
import { KeyRound, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { API_DOCS } from "~/api/client";
import { revokeToken, tokensQuery, type MadeToken, type Token } from "~/api/tokens";
import { workspacesQuery } from "~/api/workspaces";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { FirstTime } from "~/ui/states";
import type { Column, Sort } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime, useNow } from "~/ui/time";
import { MadeDialog } from "./made-dialog";
import { NewToken } from "./new-token";

const SOON_MS = 7 * 86_400_000;

function State({ token, now }: { token: Token; now: number }) {
  if (token.revoked_at) {
    return <Badge>revoked</Badge>;
  }
  if (!token.is_good) {
    return <Badge tone="danger">expired</Badge>;
  }
  const ends = token.expires_at ? Date.parse(token.expires_at) - now : Infinity;
  return ends < SOON_MS ? <Badge tone="warn">ends soon</Badge> : <Badge tone="ok">good</Badge>;
}

export function TokensPage() {
  const [search, set] = usePageSearch();
  const { data: tokens, error, refetch } = useQuery(tokensQuery);
  const { data: workspaces } = useQuery(workspacesQuery);
  const [made, setMade] = useState<MadeToken>();
  const [asked, setAsked] = useState<Token>();
  const now = useNow();
  const columns = useMemo<Column<Token>[]>(
    () => [
      { id: "name", header: "Name", width: 200, grow: true, sortable: true, value: (token) => token.name, cell: (token) => <span className="font-medium">{token.name}</span> },
      { id: "prefix", header: "Begins with", width: 130, value: (token) => token.prefix, cell: (token) => <code className="font-mono text-xs">{token.prefix}…</code> },
      { id: "state", header: "State", width: 110, value: (token) => (token.is_good ? "good" : "ended"), sortable: true, cell: (token) => <State token={token} now={now} /> },
      { id: "scopes", header: "Scopes", width: 260, grow: true, value: (token) => token.scopes.join(" "), cell: (token) => <span title={token.scopes.join(", ")}>{token.scopes.join(", ")}</span> },
      { id: "workspace", header: "Workspace", width: 130, value: (token) => token.workspace ?? "all", cell: (token) => workspaces?.find((one) => one.id === token.workspace || one.slug === token.workspace)?.name ?? (token.workspace ? token.workspace : "all") },
      { id: "used", header: "Last used", width: 120, sortable: true, value: (token) => token.last_used_at ?? "", cell: (token) => <RelativeTime at={token.last_used_at} /> },
      { id: "expires", header: "Ends", width: 120, sortable: true, value: (token) => token.expires_at ?? "", cell: (token) => <RelativeTime at={token.expires_at} /> },
      {
        id: "revoke",
        header: "Revoke",
        width: 100,
        cell: (token) =>
          token.is_good && (
            <Button size="small" onClick={() => setAsked(token)} aria-label={`Revoke ${token.name}`}>
              Revoke
            </Button>
          ),
      },
    ],
    [now, workspaces],
  );
  const sort: Sort = { id: search["sort"] ?? "name", desc: search["order"] === "desc" };
  const open = () => set({ new: "token" });
  return (
    <Page
      title="Tokens"
      about="A program shows a token to use the API as you. It has its scopes, an end, and never more than you have."
      actions={
        <Button variant="primary" icon={<Plus className="size-3.5" aria-hidden="true" />} onClick={open}>
          New token
        </Button>
      }
    >
      <Card flush>
        <DataTable
          label="Tokens"
          id="tokens"
          rows={tokens}
          rowKey={(token) => token.id}
          columns={columns}
          sort={sort}
          onSort={(next) => set({ sort: next.id, order: next.desc ? "desc" : undefined }, "replace")}
          error={error}
          onRetry={() => void refetch()}
          empty={
            <FirstTime icon={<KeyRound className="size-5" />} title="No tokens yet" actions={<Button variant="primary" onClick={open}>New token</Button>}>
              A script that reads traffic, a CI job that checks queries: each gets a token of its own, with as little as it needs. The whole API is described at <a className="underline" href={API_DOCS}>{API_DOCS}</a>.
            </FirstTime>
          }
        />
      </Card>
      <NewToken open={search["new"] === "token"} onClose={() => set({ new: undefined }, "replace")} onMade={setMade} />
      {made && <MadeDialog made={made} onClose={() => setMade(undefined)} />}
      <Confirm open={asked !== undefined} onClose={() => setAsked(undefined)} title={`Revoke ${asked?.name ?? ""}?`} consequence="Programs that use it are refused from the next request on. It cannot be taken back." action="Revoke" onConfirm={() => revokeToken(asked?.id ?? "")} />
    </Page>
  );
}
