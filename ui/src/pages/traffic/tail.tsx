// Which statements are judged at this moment?

import { Link, useNavigate } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { useMemo, useState } from "react";
import type { TailRecord } from "~/api/traffic";
import { usePageSearch } from "~/parts/search";
import { SqlLine } from "~/parts/sql-text";
import { ClassBadge, Verdict } from "~/parts/verdict";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { compact, duration, exactTimeOfDay, moment } from "~/ui/format";
import { FirstTime, NothingFound, Note } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { TAIL_MAX } from "./tail-rows";
import { NO_FILTERS, useTailFilter } from "./traffic-filters";
import { useTail } from "./use-tail";

export function Tail({ paused }: { paused: boolean }) {
  const { slug } = useWorkspace();
  const mayLedger = useMay("view_ledger");
  const navigate = useNavigate();
  const [, set] = usePageSearch();
  const filter = useTailFilter();
  const [isRead, setRead] = useState(false);
  const { rows, waiting, show, isCut, incomplete, error, retry } = useTail(filter, paused, paused || isRead);
  const to = (record: TailRecord) => pathOf(slug, record, mayLedger);
  const columns = useMemo(() => columnsOf((record) => pathOf(slug, record, mayLedger)), [slug, mayLedger]);
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <div className="flex flex-col gap-3">
      {!mayLedger && <Note>Without the capability view_ledger the tail shows refusals and the starts of sessions only, without their text.</Note>}
      {isCut && <Note tone="warn">More came between two looks than one look gets: the tail shows the newest of each. A filter makes it whole.</Note>}
      {incomplete.length > 0 && <Note tone="warn">Something is missing: {incomplete.join("; ")}.</Note>}
      <Card
        flush
        title="Newest statements"
        note={mayLedger ? `the last ${compact(TAIL_MAX)} at most; that you look is noted in Activity` : `the last ${compact(TAIL_MAX)} at most`}
        actions={
          <span role="status" className="inline-flex h-7 items-center">
            {waiting > 0 && (
              <Button size="small" variant="primary" onClick={show}>
                {waiting} new
              </Button>
            )}
          </span>
        }
      >
        {/* While the pointer or the keyboard is at the rows, they stay where they are. */}
        <div onPointerEnter={() => setRead(true)} onPointerLeave={() => setRead(false)} onFocus={() => setRead(true)} onBlur={() => setRead(false)}>
          <DataTable
            label="Newest statements"
            id="traffic.tail"
            columns={columns}
            rows={rows}
            rowKey={(record) => record.id}
            onOpen={(record) => void navigate({ to: to(record) })}
            rowTone={(record) => (record.verdict === "refuse" ? "danger" : record.verdict === "hold" ? "warn" : undefined)}
            error={error}
            onRetry={retry}
            height="min(68vh, 60rem)"
            empty={
              isFiltered ? (
                <NothingFound what="statements of the last minute" onClear={() => set(NO_FILTERS)} />
              ) : (
                <FirstTime icon={<Activity className="size-5" />} title="Nothing was asked in the last minute">
                  Each statement that goes through a listener appears here as it is judged. Leave the page open and run one, for example with psql.
                </FirstTime>
              )
            }
          />
        </div>
      </Card>
    </div>
  );
}

/** The record itself; where that may not be read, the statement or the sessions. */
function pathOf(slug: string, record: TailRecord, mayLedger: boolean): string {
  if (mayLedger) {
    return paths.auditRecord(slug, record.id);
  }
  return record.fingerprint ? paths.query(slug, record.fingerprint) : withSearch(paths.sessions(slug), { listener: record.listener });
}

const columnsOf = (to: (record: TailRecord) => string): Column<TailRecord>[] => [
  { id: "at", header: "Time", width: 122, value: (one) => one.at, cell: (one) => <time dateTime={one.at} title={moment(one.at)} className="font-mono text-xs text-ink-soft">{exactTimeOfDay(one.at)}</time> },
  {
    id: "statement",
    header: "Statement",
    grow: true,
    width: 320,
    value: (one) => one.text,
    cell: (one) => (
      <Link to={to(one)} className="block truncate hover:underline">
        {one.event === "session.start" ? <span className="text-ink-soft">session began</span> : one.text ? <SqlLine text={one.text} /> : <code className="font-mono text-xs text-ink-faint">{one.fingerprint || "text not known"}</code>}
      </Link>
    ),
  },
  { id: "verdict", header: "Verdict", width: 100, value: (one) => one.verdict, cell: (one) => (one.verdict ? <Verdict word={one.verdict} /> : <span className="text-ink-faint">–</span>) },
  { id: "class", header: "Class", width: 96, value: (one) => one.class, cell: (one) => (one.class ? <ClassBadge word={one.class} /> : <span className="text-ink-faint">–</span>) },
  { id: "total", header: "Duration", width: 92, numeric: true, value: (one) => one.totalUs, cell: (one) => (one.event === "statement.outcome" ? duration(one.totalUs) : "–") },
  { id: "rows", header: "Rows", width: 72, numeric: true, value: (one) => one.rows, cell: (one) => (one.rows === undefined ? "–" : compact(one.rows)) },
  { id: "user", header: "User", width: 112, value: (one) => one.user, cell: (one) => one.user || "–" },
  { id: "application", header: "Application", width: 128, value: (one) => one.application, cell: (one) => one.application || "–" },
  { id: "sqlstate", header: "SQLSTATE", width: 88, value: (one) => one.sqlstate, cell: (one) => (one.sqlstate ? <code className="font-mono text-xs text-danger">{one.sqlstate}</code> : "–") },
  { id: "listener", header: "Listener", width: 112, value: (one) => one.listener, cell: (one) => one.listener },
  { id: "database", header: "Database", width: 112, hidden: true, value: (one) => one.database, cell: (one) => one.database || "–" },
  { id: "rule", header: "Rule", width: 176, hidden: true, value: (one) => one.rule, cell: (one) => <code className="font-mono text-xs">{one.rule || "–"}</code> },
];
