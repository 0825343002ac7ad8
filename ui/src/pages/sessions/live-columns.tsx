// What does one see of each live session?

import type { ReactNode } from "react";
import { environmentName, EnvironmentPill } from "~/parts/environment";
import { SqlLine } from "~/parts/sql-text";
import { classes } from "~/ui/classes";
import { bytes, duration, integer } from "~/ui/format";
import { RelativeTime } from "~/ui/time";
import type { Column } from "~/ui/table/columns";
import { age, stateWord, transactionTone, type LiveRow } from "./live-rows";
import { BlockedBy, StateBadge } from "./state-badge";

const NOTHING = <span className="text-ink-faint">–</span>;
const TONES = { warn: "text-warn font-medium", danger: "text-danger font-semibold" };

const name = (text: string | undefined): ReactNode => (text ? <bdi title={text}>{text}</bdi> : NOTHING);

/** What has ended stands back. */
const cell = (show: (row: LiveRow) => ReactNode) => (row: LiveRow) => (row.endedAt === undefined ? show(row) : <span className="text-ink-faint [&_*]:text-ink-faint">{show(row)}</span>);

export function TransactionAge({ since, at }: { since: string | undefined; at: string }) {
  const us = age(since, at);
  const tone = transactionTone(us);
  if (us === undefined) {
    return NOTHING;
  }
  return (
    <span className={classes("tabular-nums", tone && TONES[tone])} title={tone === "danger" ? "Open for more than 10 minutes" : tone === "warn" ? "Open for more than a minute" : undefined}>
      {duration(us)}
      {tone && <span className="sr-only">, long</span>}
    </span>
  );
}

/** `at` is the moment of the answer: ages are counted up to it. */
export function liveColumns(at: string): Column<LiveRow>[] {
  return [
    {
      id: "user",
      header: "User",
      width: 150,
      sortable: "server",
      value: ({ session }) => session.caller.user,
      cell: cell(({ session }) => (
        <span className="font-medium">
          {name(session.caller.user)}
          {session.principal && <span className="ml-1.5 text-xs font-normal text-ink-faint">{session.principal.label}</span>}
        </span>
      )),
    },
    { id: "state", header: "State", width: 150, sortable: "server", value: ({ session }) => stateWord(session.state), cell: ({ session, endedAt }) => <StateBadge state={session.state} ended={endedAt !== undefined} /> },
    {
      id: "statement",
      header: "Statement",
      width: 280,
      grow: true,
      value: ({ session }) => session.current?.text,
      cell: cell(({ session }) => (session.current ? <SqlLine text={session.current.text} /> : NOTHING)),
    },
    {
      id: "running",
      header: "Running",
      help: "How long the statement has been under way",
      width: 96,
      numeric: true,
      sortable: "server",
      value: ({ session }) => age(session.current?.started_at, at),
      cell: cell(({ session }) => duration(age(session.current?.started_at, at))),
    },
    {
      id: "transaction",
      header: "Transaction",
      help: "How long the transaction has been open",
      width: 112,
      numeric: true,
      sortable: "server",
      value: ({ session }) => age(session.transaction_started_at, at),
      cell: cell(({ session }) => <TransactionAge since={session.transaction_started_at} at={at} />),
    },
    { id: "blocked", header: "Blocked by", width: 104, sortable: "server", value: ({ session }) => session.blocked_by?.map((one) => one.session ?? one.process).join(" "), cell: cell(({ session }) => <BlockedBy session={session} />) },
    { id: "application", header: "Application", width: 130, sortable: "server", value: ({ session }) => session.caller.application, cell: cell(({ session }) => name(session.caller.application)) },
    {
      id: "listener",
      header: "Listener",
      width: 170,
      sortable: "server",
      value: ({ session }) => session.listener,
      cell: cell(({ session }) => (
        <span className="inline-flex items-center gap-1.5">
          {session.listener}
          {session.environment === "production" && <EnvironmentPill environment={environmentName(session.environment)} />}
        </span>
      )),
    },
    { id: "database", header: "Database", width: 110, sortable: "server", value: ({ session }) => session.caller.database, cell: cell(({ session }) => name(session.caller.database)) },
    { id: "address", header: "Address", width: 150, sortable: "server", value: ({ session }) => session.address, cell: cell(({ session }) => <span className="font-mono text-xs">{session.address}</span>) },
    { id: "wait", header: "Wait", width: 140, help: "What the server says the session waits for", value: ({ session }) => session.wait && `${session.wait.kind} ${session.wait.event}`, cell: cell(({ session }) => (session.wait ? `${session.wait.kind}: ${session.wait.event}` : session.waits_at_gate ? "the gateway" : NOTHING)) },
    { id: "statements", header: "Statements", width: 100, numeric: true, sortable: "server", value: ({ session }) => session.statements, cell: cell(({ session }) => integer(session.statements)) },
    { id: "bytes_in", header: "From client", width: 100, numeric: true, sortable: "server", value: ({ session }) => session.bytes_in, cell: cell(({ session }) => bytes(session.bytes_in)) },
    { id: "bytes_out", header: "To client", width: 100, numeric: true, sortable: "server", value: ({ session }) => session.bytes_out, cell: cell(({ session }) => bytes(session.bytes_out)) },
    { id: "started", header: "Began", width: 110, sortable: "server", value: ({ session }) => session.started_at, cell: cell(({ session }) => <RelativeTime at={session.started_at} />) },
  ];
}
