// What does one see of each record?

import type { LedgerLine, LedgerRecord } from "~/api/ledger";
import { SqlLine } from "~/parts/sql-text";
import { ClassBadge, Verdict } from "~/parts/verdict";
import { Badge } from "~/ui/badge";
import { ago, bytes, duration, integer, moment } from "~/ui/format";
import type { Column } from "~/ui/table/columns";
import { eventWord, outcomeOf, summaryOf } from "./events";

const NOTHING = <span className="text-ink-faint">–</span>;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" });
const seconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/** Records are told apart by the millisecond: the exact time is at a glance here, and how long ago when pointed at. */
export function RecordTime({ at, isShort = false }: { at: string; isShort?: boolean }) {
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={`${moment(at)}, ${ago(time.getTime(), Date.now())}`} className="tabular-nums">
      {!isToday && <span className="text-ink-faint">{day.format(time)} </span>}
      {(isShort ? seconds : clock).format(time)}
    </time>
  );
}

export function Outcome({ line }: { line: LedgerLine }) {
  const outcome = outcomeOf(line);
  if (outcome === undefined) {
    return NOTHING;
  }
  return (
    <span title={outcome.why}>
      <Badge tone={outcome.tone}>{outcome.word}</Badge>
      {outcome.why && <span className="ml-1.5 font-mono text-xs text-ink-soft">{line.sqlstate}</span>}
    </span>
  );
}

const text = (value: string | undefined) => (value ? <bdi title={value}>{value}</bdi> : NOTHING);
const mono = (value: string | undefined) => (value ? <span className="font-mono text-xs">{value}</span> : NOTHING);

const rule = ({ record }: LedgerRecord) => (record.verdict === "refuse" || record.verdict === "hold" ? record.rule : undefined);

/** How it ended and, where a rule stopped it, which. */
function Ended({ kept }: { kept: LedgerRecord }) {
  const said = rule(kept);
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <Outcome line={kept.record} />
      {said && (
        <span className="min-w-0 truncate font-mono text-xs text-ink-soft" title={said}>
          {said.split("/").at(-1)}
        </span>
      )}
    </span>
  );
}

/** The first three are what a telephone shows. */
const first = (isNarrow: boolean): Column<LedgerRecord>[] => [
  { id: "ts", header: "Time", width: isNarrow ? 88 : 114, value: ({ record }) => record.ts, cell: ({ record }) => <RecordTime at={record.ts} isShort={isNarrow} /> },
  {
    id: "text",
    header: "Statement",
    width: isNarrow ? 160 : 204,
    grow: true,
    value: ({ record }) => record.text ?? summaryOf(record),
    cell: ({ record }) => (record.text ? <SqlLine text={record.text} /> : <span className="text-ink-soft">{summaryOf(record) || eventWord(record.event)}</span>),
  },
  { id: "outcome", header: "Outcome", width: isNarrow ? 110 : 160, value: ({ record }) => outcomeOf(record)?.word, cell: (kept) => <Ended kept={kept} /> },
];

export const columnsOf = (isNarrow: boolean): readonly Column<LedgerRecord>[] => [...first(isNarrow), ...OTHERS];

const OTHERS: readonly Column<LedgerRecord>[] = [
  { id: "user", header: "User", width: 104, value: ({ record }) => record.principal?.user, cell: ({ record }) => text(record.principal?.user) },
  { id: "application", header: "Application", width: 100, value: ({ record }) => record.principal?.application, cell: ({ record }) => text(record.principal?.application) },
  { id: "total", header: "Duration", width: 84, numeric: true, value: ({ record }) => record.timing_us?.total, cell: ({ record }) => (record.timing_us?.total ? duration(record.timing_us.total) : NOTHING) },
  { id: "rows", header: "Rows", width: 80, numeric: true, value: ({ record }) => record.rows, cell: ({ record }) => (record.rows === undefined ? NOTHING : integer(record.rows)) },
  { id: "event", header: "Event", width: 148, value: ({ record }) => record.event, cell: ({ record }) => <span title={record.event}>{eventWord(record.event)}</span> },
  { id: "verdict", header: "Verdict", width: 100, value: ({ record }) => record.verdict, cell: ({ record }) => (record.verdict ? <Verdict word={record.verdict} /> : NOTHING) },
  { id: "rule", header: "Rule", width: 170, value: ({ record }) => record.rule, cell: ({ record }) => mono(record.rule) },
  { id: "class", header: "Class", width: 90, value: ({ record }) => record.class, cell: ({ record }) => (record.class ? <ClassBadge word={record.class} /> : NOTHING) },
  { id: "listener", header: "Listener", width: 110, value: ({ record }) => record.listener, cell: ({ record }) => text(record.listener) },
  { id: "database", header: "Database", width: 110, hidden: true, value: ({ record }) => record.principal?.database, cell: ({ record }) => text(record.principal?.database) },
  { id: "sqlstate", header: "SQLSTATE", width: 90, hidden: true, value: ({ record }) => record.sqlstate, cell: ({ record }) => mono(record.sqlstate) },
  { id: "tables", header: "Tables", width: 160, hidden: true, value: ({ record }) => record.tables?.join(", "), cell: ({ record }) => text(record.tables?.join(", ")) },
  { id: "address", header: "Address", width: 150, hidden: true, value: ({ record }) => record.principal?.address, cell: ({ record }) => mono(record.principal?.address) },
  { id: "bytes_out", header: "Answer", width: 90, numeric: true, hidden: true, value: ({ record }) => record.bytes_out, cell: ({ record }) => (record.bytes_out === undefined ? NOTHING : bytes(record.bytes_out)) },
  { id: "fingerprint", header: "Fingerprint", width: 180, hidden: true, value: ({ record }) => record.fingerprint, cell: ({ record }) => mono(record.fingerprint) },
  { id: "session", header: "Session", width: 300, hidden: true, value: ({ record }) => record.session, cell: ({ record }) => mono(record.session) },
  { id: "id", header: "Record", width: 300, hidden: true, value: ({ record }) => record.id, cell: ({ record }) => mono(record.id) },
];
