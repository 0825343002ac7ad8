// How far does the report go, and what can nobody see in it?

import type { AccessReport } from "~/api/access-report";
import type { Range } from "~/parts/range";
import { Card, Figure } from "~/ui/card";
import { compact, count, integer, moment } from "~/ui/format";
import { Note } from "~/ui/states";

const WHY = { records: "there are more records than one report counts", time: "it would have taken longer than a minute" } as const;

export function Coverage({ report, range }: { report: AccessReport; range: Range }) {
  const { progress, cut, oldest_at: oldest, segments, segments_unsearched: unread } = report;
  return (
    <div className="flex flex-col gap-2">
      {cut && progress.reached_at && (
        <Note tone="warn">
          It goes back to {moment(progress.reached_at)} only, since {WHY[cut]}: choose a shorter time, or fewer records by application or class, for the rest.
        </Note>
      )}
      {!cut && oldest && Date.parse(oldest) > Date.parse(range.from) && <Note>The oldest record that can be read is of {moment(oldest)}: what was before is not on record here any more, or never was.</Note>}
      {report.incomplete.map((missing) => (
        <Note key={missing.plane} tone="warn">
          Records of {missing.plane_name} are missing here: {missing.reason}.
        </Note>
      ))}
      {unread > 0 && (
        <Note tone="warn">
          {unread === 1 ? "One" : integer(unread)} of {count(segments, "segment")} {unread === 1 ? "is" : "are"} compressed and {unread === 1 ? "was" : "were"} not read: <code className="font-mono text-xs">dragoman ledger query</code> reads them.
        </Note>
      )}
    </div>
  );
}

export function Figures({ report, range }: { report: AccessReport; range: Range }) {
  const { all, progress, cut } = report;
  const from = cut && progress.reached_at ? progress.reached_at : range.from;
  return (
    <Card title="In all" note={`${moment(from)} to ${moment(range.until)}, ${count(progress.records, "record")} counted`}>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4 lg:grid-cols-8">
        <Figure label="Ran" value={compact(all.statements)} />
        <Figure label="Only read" value={compact(all.reads)} />
        <Figure label="Changed rows" value={compact(all.writes)} />
        <Figure label="Defined" value={compact(all.defines)} />
        <Figure label="Failed" value={compact(all.failed)} tone={all.failed > 0 ? "warn" : undefined} />
        <Figure label="Did not pass" value={compact(all.refused)} tone={all.refused > 0 ? "danger" : undefined} />
        <Figure label="Rows read" value={compact(all.rows_read)} />
        <Figure label="Rows changed" value={compact(all.rows_changed)} />
      </dl>
    </Card>
  );
}

interface Unseen {
  figure?: number;
  text: string;
}

export function NotSeen({ report }: { report: AccessReport }) {
  const { unfinished, without_table, unjudged, with_functions } = report;
  const some: Unseen[] = [
    { figure: unfinished, text: "began, and of their end nothing is on record in this time: nobody can tell whether they took effect." },
    { figure: with_functions, text: "used functions that may do more than read: which tables those touch is not on record." },
    { figure: unjudged, text: "could not be read by the gateway: what they do with the tables they name is not known." },
    { figure: without_table, text: "name no table at all." },
  ];
  const told = some.filter((one) => one.figure !== undefined && one.figure > 0);
  return (
    <Card title="What this cannot show">
      <ul className="flex list-disc flex-col gap-1.5 pl-4 text-[13px] text-ink-soft">
        {told.map((one) => (
          <li key={one.text}>
            <strong className="font-semibold text-ink">{count(one.figure ?? 0, "statement")}</strong> {one.text}
          </li>
        ))}
        <li>Whoever connects to the server itself, past the gateway, leaves nothing here. Compare who may, in the server's own settings.</li>
        <li>A table that only a view or a function names is not told: ask about the view as well.</li>
        <li>Names stand as they were written: orders and shop.orders are two rows, and search paths may lead one name to two tables.</li>
        <li>Which columns and which rows it were is not on record, and rows are counted for the statement, not for each table in it.</li>
        <li>A database user may be used by several people. For whom an application says that it works is its own claim.</li>
        <li>A statement that ran may have been taken back by a ROLLBACK later.</li>
      </ul>
    </Card>
  );
}
