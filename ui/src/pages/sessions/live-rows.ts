// Which rows stand in the live list, in which order? They keep their place while somebody reads.

import type { LiveSession, SessionState } from "~/api/live-sessions";
import type { Sort } from "~/ui/table/columns";

/** A session as the list shows it. */
export interface LiveRow {
  session: LiveSession;
  /** When it was missed first, in the server's time; it stays a moment. */
  endedAt?: number;
}

export interface LiveList {
  /** The answer that was taken in last. */
  at: string;
  /** How the rows were ordered. */
  order: string;
  rows: readonly LiveRow[];
  /** Sessions that began meanwhile and wait to be shown. */
  waiting: readonly LiveSession[];
  /** Those that have just come, ended, or begun to wait for somebody. */
  fresh: ReadonlySet<string>;
}

const NOTHING_FRESH: ReadonlySet<string> = new Set();

export const EMPTY_LIST: LiveList = { at: "", order: "", rows: [], waiting: [], fresh: NOTHING_FRESH };

/** How long a session that has ended stays in the list. */
export const ENDED_SHOWN_MS = 8_000;

const STATES: Record<SessionState, string> = {
  login: "logging in",
  active: "active",
  idle: "idle",
  in_transaction: "idle in transaction",
  failed_transaction: "failed transaction",
  leaving: "leaving",
};

export const stateWord = (state: string): string => STATES[state as SessionState] ?? state.replaceAll("_", " ");

/** A moment of the server (RFC 3339, UTC) in microseconds: a browser's own clock rounds them off. */
function microseconds(at: string): number {
  const fraction = /\.(\d{1,6})/.exec(at)?.[1] ?? "";
  return Math.floor(Date.parse(at) / 1_000) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}

/** Microseconds from a moment of the server to a later one, such as that of its answer. */
export function age(since: string | undefined, at: string): number | undefined {
  return since === undefined ? undefined : Math.max(0, microseconds(at) - microseconds(since));
}

const MINUTE_US = 60_000_000;

/** A transaction that is open for long holds locks and keeps old rows. */
export function transactionTone(us: number | undefined): "warn" | "danger" | undefined {
  return us === undefined || us <= MINUTE_US ? undefined : us > 10 * MINUTE_US ? "danger" : "warn";
}

type Value = string | number | undefined;

/** What a column is ordered by. */
export const SORT_VALUES: Record<string, (session: LiveSession) => Value> = {
  user: (one) => one.caller.user,
  state: (one) => one.state,
  running: (one) => one.current && -Date.parse(one.current.started_at),
  transaction: (one) => one.transaction_started_at && -Date.parse(one.transaction_started_at),
  blocked: (one) => one.blocked_by?.length || undefined,
  application: (one) => one.caller.application,
  database: (one) => one.caller.database,
  listener: (one) => one.listener,
  address: (one) => one.address,
  statements: (one) => one.statements,
  bytes_in: (one) => one.bytes_in,
  bytes_out: (one) => one.bytes_out,
  started: (one) => -Date.parse(one.started_at),
};

/** By a column; what has no value comes last either way. Without a column the server's order stays: busiest first. */
export function ordered(sessions: readonly LiveSession[], sort: Sort | undefined): LiveSession[] {
  const value = sort && SORT_VALUES[sort.id];
  if (sort === undefined || value === undefined) {
    return [...sessions];
  }
  const way = sort.desc ? -1 : 1;
  return [...sessions].sort((left, right) => {
    const [a, b] = [value(left), value(right)];
    if (a === undefined || b === undefined) {
      return a === b ? 0 : a === undefined ? 1 : -1;
    }
    return (typeof a === "string" && typeof b === "string" ? a.localeCompare(b) : a < b ? -1 : a > b ? 1 : 0) * way;
  });
}

interface Answer {
  at: string;
  items: readonly LiveSession[];
}

/** Everything anew: in order, with what has waited. */
export function laidOut(answer: Answer, sort: Sort | undefined, order: string, before: LiveList = EMPTY_LIST): LiveList {
  const fresh = new Set(before.waiting.map((session) => session.session));
  return { at: answer.at, order, rows: ordered(answer.items, sort).map((session) => ({ session })), waiting: [], fresh };
}

const isBlocked = (session: LiveSession | undefined): boolean => (session?.blocked_by?.length ?? 0) > 0;

/** The next answer, taken into the list: rows change where they stand, who ended stays a moment, who began waits. */
export function takenIn(list: LiveList, answer: Answer): LiveList {
  const now = Date.parse(answer.at);
  const live = new Map(answer.items.map((session) => [session.session, session]));
  const fresh = new Set<string>();
  const rows = list.rows.flatMap((row): LiveRow[] => {
    const id = row.session.session;
    const session = live.get(id);
    if (session !== undefined ? isBlocked(session) && !isBlocked(row.session) : row.endedAt === undefined) {
      fresh.add(id);
    }
    if (session !== undefined) {
      return [{ session }];
    }
    const endedAt = row.endedAt ?? now;
    return now - endedAt < ENDED_SHOWN_MS ? [{ ...row, endedAt }] : [];
  });
  const shown = new Set(rows.map((row) => row.session.session));
  return { at: answer.at, order: list.order, rows, waiting: answer.items.filter((session) => !shown.has(session.session)), fresh };
}
