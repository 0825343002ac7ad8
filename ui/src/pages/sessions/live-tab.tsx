// What do all sessions do now?

import { Link } from "@tanstack/react-router";
import { ArrowUp, DoorOpen } from "lucide-react";
import { useMemo } from "react";
import type { LiveSession } from "~/api/live-sessions";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card, Figure } from "~/ui/card";
import { count, duration, integer } from "~/ui/format";
import { FirstTime, Note, NothingFound } from "~/ui/states";
import { DataTable } from "~/ui/table/data-table";
import type { Sort } from "~/ui/table/columns";
import { LiveFilterBar } from "./filter-bar";
import { liveColumns } from "./live-columns";
import { hasFilters, LIVE_FILTERS, passes } from "./live-filters";
import { age, transactionTone, type LiveRow } from "./live-rows";
import type { LiveView } from "./use-live-list";

const NO_SESSIONS: readonly LiveSession[] = [];
const rowTone = ({ session, endedAt }: LiveRow, at: string) => (endedAt !== undefined ? undefined : (session.blocked_by?.length ?? 0) > 0 ? ("danger" as const) : transactionTone(age(session.transaction_started_at, at)));

export function LiveTab({ view, sort, onSort }: { view: LiveView; sort: Sort | undefined; onSort: (sort: Sort) => void }) {
  const [search, set] = usePageSearch();
  const { query, list, showNew } = view;
  const sessions = query.data?.items ?? NO_SESSIONS;
  const at = list.at;
  const columns = useMemo(() => liveColumns(at), [at]);
  const rows = query.data && list.rows.filter((row) => passes(row.session, search));
  const waiting = list.waiting.filter((session) => passes(session, search)).length;
  return (
    <>
      {query.data && <Overview sessions={sessions} total={query.data.total} at={at} />}
      {query.data?.truncated && <Note tone="warn">The busiest {integer(sessions.length)} of {integer(query.data.total)} sessions are shown.</Note>}
      <Card
        flush
        title={
          <span className="flex items-center gap-3">
            Sessions now
            {waiting > 0 && (
              <Button size="small" variant="primary" icon={<ArrowUp className="size-3.5" aria-hidden="true" />} onClick={showNew}>
                {waiting} new
              </Button>
            )}
          </span>
        }
        note={query.data && `${count(rows?.length ?? 0, "session")} shown`}
      >
        <div className="border-b border-line px-3 py-2">
          <LiveFilterBar sessions={sessions} />
        </div>
        <DataTable
          label="Sessions"
          id="live-sessions"
          columns={columns}
          rows={rows}
          rowKey={(row) => row.session.session}
          sort={sort}
          onSort={onSort}
          fresh={list.fresh}
          rowTone={(row) => rowTone(row, at)}
          selected={search["session"]}
          onOpen={(row) => set({ session: row.session.session })}
          error={query.error}
          onRetry={() => void query.refetch()}
          empty={hasFilters(search) ? <NothingFound what="sessions" onClear={() => set(Object.fromEntries(LIVE_FILTERS.map((name) => [name, undefined])))} /> : <NoSessions />}
        />
      </Card>
    </>
  );
}

function Overview({ sessions, total, at }: { sessions: readonly LiveSession[]; total: number; at: string }) {
  const ages = sessions.flatMap((one) => age(one.transaction_started_at, at) ?? []);
  const oldest = ages.length === 0 ? undefined : Math.max(...ages);
  const blocked = sessions.filter((one) => (one.blocked_by?.length ?? 0) > 0).length;
  const unknown = sessions.filter((one) => one.blocking === "unknown").length;
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-5">
        <Figure label="Sessions" value={integer(total)} />
        <Figure label="Active" value={integer(sessions.filter((one) => one.state === "active").length)} />
        <Figure label="In a transaction" value={integer(ages.length)} />
        <Figure label="Oldest transaction" value={duration(oldest)} tone={transactionTone(oldest)} />
        <Figure label="Blocked" value={blocked === 0 && unknown > 0 ? "–" : integer(blocked)} note={unknown > 0 ? `not known of ${integer(unknown)}` : undefined} tone={blocked > 0 ? "danger" : undefined} />
      </dl>
    </Card>
  );
}

function NoSessions() {
  const workspace = useWorkspace();
  return (
    <FirstTime
      icon={<DoorOpen className="size-5" />}
      title="Nobody is connected"
      actions={
        <Button asChild>
          <Link to={paths.connections(workspace.slug)}>See listeners and connections</Link>
        </Button>
      }
    >
      Each client that connects to a listener of this workspace is a session: it stands here from its login to its end, with what it runs and whom it waits for.
    </FirstTime>
  );
}
