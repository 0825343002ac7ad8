// What was refused or held last, and by which rules?

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useLive } from "~/api/live";
import { COUNTED_MAX, countedByRule, refusalRulesQuery, refusalsQuery, type Refusal } from "~/api/traffic";
import { refuser } from "~/parts/no-rule";
import type { Range } from "~/parts/range";
import { SqlLine } from "~/parts/sql-text";
import { Verdict } from "~/parts/verdict";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { compact } from "~/ui/format";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { rangeSearch } from "~/parts/range-search";
import { STOPPED } from "./stopped";

const SHOWN_MAX = 8;
const REFRESH_MS = 1_000;

const keyOf = (refusal: Refusal): string => `${refusal.session} ${refusal.at}`;

/** What has come last; while somebody is at the rows they stay, and what is new waits. */
function useHeldRows(latest: readonly Refusal[] | undefined, isHeld: boolean) {
  const [shown, setShown] = useState(latest);
  const known = new Set(shown?.map(keyOf));
  const fresh = (latest ?? []).filter((one) => !known.has(keyOf(one)));
  if (latest !== shown && (!isHeld || fresh.length === 0 || shown === undefined)) {
    setShown(latest);
  }
  return { shown, waiting: isHeld ? fresh.length : 0, show: () => setShown(latest) };
}

/** Which rows were not there before, for the moment in which they flash. */
function useFresh(rows: readonly Refusal[] | undefined): ReadonlySet<string> {
  const before = useRef<ReadonlySet<string>>(undefined);
  const keys = new Set(rows?.map(keyOf));
  const fresh = new Set(before.current ? [...keys].filter((key) => !before.current?.has(key)) : []);
  useEffect(() => {
    if (rows !== undefined) {
      before.current = new Set(rows.map(keyOf));
    }
  }, [rows]);
  return fresh;
}

export function Refusals({ range }: { range: Range }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayLedger = useMay("view_ledger");
  const latest = useQuery(refusalsQuery(slug, range, SHOWN_MAX));
  const [isHeld, setHeld] = useState(false);
  const { shown, waiting, show } = useHeldRows(latest.data, isHeld);
  const fresh = useFresh(shown);
  const asked = useRef(0);
  useLive(slug, "refusals", () => {
    const now = Date.now();
    if (now - asked.current >= REFRESH_MS) {
      asked.current = now;
      void client.invalidateQueries({ queryKey: ["refusals", slug] });
    }
  });
  const said = rangeSearch(range);
  const to = (refusal: Refusal) => (mayLedger ? withSearch(paths.audit(slug), { ...said, session: refusal.session, verdict: refusal.verdict }) : refusal.fingerprint ? paths.query(slug, refusal.fingerprint) : paths.queries(slug));
  return (
    <Card
      flush
      title="Refusals"
      note={range.label}
      actions={
        <>
          {waiting > 0 && (
            <Button size="small" variant="primary" onClick={show}>
              {waiting} new
            </Button>
          )}
          {mayLedger && (
            <Button asChild size="small" variant="quiet">
              <Link to={withSearch(paths.audit(slug), { ...said, events: STOPPED })}>All in Audit</Link>
            </Button>
          )}
        </>
      }
    >
      {shown && shown.length > 0 && <Rules range={range} />}
      <div onPointerEnter={() => setHeld(true)} onPointerLeave={() => setHeld(false)} onFocus={() => setHeld(true)} onBlur={() => setHeld(false)}>
        <DataTable
          label="Latest refusals"
          id="home.refusals"
          columns={columnsOf(to)}
          rows={shown}
          rowKey={keyOf}
          fresh={fresh}
          onOpen={(refusal) => void navigate({ to: to(refusal) })}
          error={latest.error}
          onRetry={() => void latest.refetch()}
          empty={<p className="px-4 py-5 text-[13px] text-ink-soft">No statement was refused or held in the {range.label}. What a rule stops appears here at once, with the rule that stopped it.</p>}
        />
      </div>
    </Card>
  );
}

/** How often each rule said no, as filters of Audit. */
function Rules({ range }: { range: Range }) {
  const { slug } = useWorkspace();
  const mayLedger = useMay("view_ledger");
  const latest = useQuery(refusalsQuery(slug, range, COUNTED_MAX)).data;
  const isMore = (latest?.length ?? 0) >= COUNTED_MAX;
  const byHour = useQuery({ ...refusalRulesQuery(slug, range), enabled: isMore }).data;
  const rules = (isMore ? byHour : latest && countedByRule(latest)) ?? [];
  const said = rangeSearch(range);
  return (
    <ul aria-label="Refusals by rule" className="flex flex-wrap gap-1.5 border-b border-line px-4 py-2.5">
      {rules.slice(0, SHOWN_MAX).map((one) => {
        const words = (
          <>
            <code className="truncate font-mono">{one.rule || "no rule"}</code>
            <span className="font-semibold tabular-nums">{compact(one.refusals)}</span>
          </>
        );
        const look = "inline-flex h-6 max-w-64 items-center gap-2 rounded-full border border-line bg-subtle px-2.5 text-xs text-ink";
        return (
          <li key={`${one.rule} ${one.verdict}`}>
            {mayLedger ? (
              <Link to={withSearch(paths.audit(slug), { ...said, rule: one.rule || undefined, verdict: one.verdict })} className={`${look} hover:border-line-strong hover:bg-hover`}>
                {words}
              </Link>
            ) : (
              <span className={look}>{words}</span>
            )}
          </li>
        );
      })}
      {isMore && <li className="flex h-6 items-center text-xs text-ink-faint">counted in whole hours</li>}
    </ul>
  );
}

const columnsOf = (to: (refusal: Refusal) => string): Column<Refusal>[] => [
  {
    id: "statement",
    header: "Statement",
    grow: true,
    width: 170,
    value: (one) => one.text,
    cell: (one) => (
      <Link to={to(one)} className="block truncate hover:underline">
        {one.text ? <SqlLine text={one.text} /> : <span className="text-ink-faint">a statement whose text is not known</span>}
      </Link>
    ),
  },
  { id: "verdict", header: "Verdict", width: 88, value: (one) => one.verdict, cell: (one) => <Verdict word={one.verdict} /> },
  { id: "rule", header: "Rule", width: 164, value: (one) => one.rule, cell: (one) => one.rule ? <code className="font-mono text-xs" title={one.rule}>{one.rule}</code> : <span className="text-ink-faint" title={refuser(one.sqlstate)}>none: {refuser(one.sqlstate)}</span> },
  { id: "who", header: "Who", width: 142, value: (one) => one.caller.user, cell: (one) => <span title={`${one.caller.user} in ${one.caller.database}, ${one.caller.application || "unnamed application"}`}>{one.caller.user}{one.caller.application && <span className="text-ink-faint"> · {one.caller.application}</span>}</span> },
  { id: "at", header: "When", width: 100, numeric: true, value: (one) => one.at, cell: (one) => <RelativeTime at={one.at} className="text-ink-soft" /> },
];
