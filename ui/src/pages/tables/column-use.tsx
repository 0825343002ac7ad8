// Which statements use one column?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { tableUsageQuery } from "~/api/tables";
import { useRange } from "~/parts/range";
import { SqlLine } from "~/parts/sql-text";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Dialog } from "~/ui/dialog";
import { count, duration, integer } from "~/ui/format";
import { Failed, SkeletonRows } from "~/ui/states";

export function ColumnUse({ connection, objectKey, column, onClose }: { connection: string; objectKey: string; column: string; onClose: () => void }) {
  const { slug } = useWorkspace();
  const range = useRange("7d");
  const { data, error, refetch } = useQuery(tableUsageQuery(slug, connection, objectKey, { from: range.from, until: range.until }, column));
  return (
    <Dialog
      open
      onClose={onClose}
      side
      title={
        <>
          Statements that use <code className="font-mono">{column}</code>
        </>
      }
      description={`Seen in the ${range.label}; those called most come first.`}
    >
      {data === undefined ? (
        error ? (
          <Failed error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={4} />
        )
      ) : data.statements.length === 0 ? (
        <p className="text-[13px] text-ink-soft">None was seen. Statements that read all columns by <code className="font-mono">*</code> are not counted at each of them.</p>
      ) : (
        <ul aria-label={`Statements that use ${column}`} className="flex flex-col">
          {data.statements.map((statement) => (
            <li key={statement.fingerprint} className="flex flex-col gap-1 border-b border-line py-2.5 last:border-b-0">
              <Link to={paths.query(slug, statement.fingerprint)} className="min-w-0 truncate hover:underline">
                {statement.text ? <SqlLine text={statement.text} /> : <code className="font-mono text-xs">{statement.fingerprint}</code>}
              </Link>
              <span className="text-xs text-ink-faint tabular-nums">
                {[statement.reads && "reads the table", statement.writes && "changes it"].filter(Boolean).join(", ")} · {count(statement.sums.calls, "call")} · p95 {duration(statement.sums.p95_us)} · {integer(statement.sums.rows)} rows
              </span>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
