// What did the rules say to calls of a query: which were refused or held, and by which rule?

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ShieldCheck } from "lucide-react";
import { fingerprintRefusalsQuery, type Fingerprint } from "~/api/fingerprints";
import type { Refusal, RuleCount } from "~/api/traffic";
import { listed } from "~/parts/list";
import { refuser } from "~/parts/no-rule";
import type { Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { Verdict } from "~/parts/verdict";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Card, Figure } from "~/ui/card";
import { compact, integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { rangeSearch } from "./list";

export function VerdictsTab({ found, range }: { found: Fingerprint; range: Range }) {
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Counts verdicts={found.verdicts} />
      <Refusals found={found} range={range} />
    </div>
  );
}

function Counts({ verdicts }: { verdicts: Fingerprint["verdicts"] }) {
  return (
    <Card title="Verdicts">
      <dl className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-4">
        <Figure label="Allowed" value={compact(verdicts.allowed)} />
        <Figure label="Refused" value={compact(verdicts.refused)} tone={verdicts.refused > 0 ? "danger" : undefined} />
        <Figure label="Held" value={compact(verdicts.held)} tone={verdicts.held > 0 ? "warn" : undefined} />
      </dl>
      {verdicts.rules.length > 0 && (
        <ul aria-label="Rules" className="mt-4 flex flex-col divide-y divide-line border-t border-line">
          {verdicts.rules.map((rule) => (
            <Rule key={`${rule.rule} ${rule.verdict}`} rule={rule} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Rule({ rule }: { rule: RuleCount }) {
  return (
    <li className="flex items-center gap-3 py-2 text-[13px]">
      <Verdict word={rule.verdict} />
      <code className="min-w-0 flex-1 truncate font-mono text-xs">{rule.rule || "no rule"}</code>
      <span className="tabular-nums">{integer(rule.refusals)}</span>
    </li>
  );
}

function Refusals({ found, range }: { found: Fingerprint; range: Range }) {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const mayLedger = useMay("view_ledger");
  const fingerprint = found.statement.fingerprint;
  const refusals = useInfiniteQuery(fingerprintRefusalsQuery(slug, fingerprint, range));
  return (
    <Card
      flush
      title="Refused and held"
      note="the latest first"
      actions={
        mayLedger && (
          <Link to={paths.audit(slug)} search={{ ...rangeSearch(search), fingerprint } as never} className="text-xs text-brand-text underline-offset-2 hover:underline">
            All records of this query
          </Link>
        )
      }
    >
      <DataTable
        label="Refusals"
        id="query.refusals"
        columns={COLUMNS}
        {...listed(refusals)}
        rowKey={(row) => `${row.at} ${row.session} ${row.rule}`}
        empty={
          <FirstTime icon={<ShieldCheck className="size-5" />} title="Nothing was refused in this time">
            Calls that a rule refuses or holds are listed here with who sent them and the rule.
          </FirstTime>
        }
      />
    </Card>
  );
}

const COLUMNS: Column<Refusal>[] = [
  { id: "at", header: "When", width: 130, value: (row) => row.at, cell: (row) => <RelativeTime at={row.at} /> },
  { id: "verdict", header: "Verdict", width: 110, value: (row) => row.verdict, cell: (row) => <Verdict word={row.verdict} /> },
  { id: "rule", header: "Rule", grow: true, width: 200, value: (row) => row.rule, cell: (row) => (row.rule ? <code className="font-mono text-xs">{row.rule}</code> : <span className="text-ink-faint">none: {refuser(row.sqlstate)}</span>) },
  { id: "user", header: "User", width: 130, value: (row) => row.caller.user, cell: (row) => row.caller.user },
  { id: "application", header: "Application", width: 140, value: (row) => row.caller.application, cell: (row) => row.caller.application || <span className="text-ink-faint">unnamed</span> },
  { id: "principal", header: "Principal", width: 140, value: (row) => row.principal?.label, cell: (row) => row.principal?.label ?? <span className="text-ink-faint">not linked</span> },
  { id: "listener", header: "Listener", width: 120, value: (row) => row.listener, cell: (row) => row.listener },
  { id: "sqlstate", header: "SQLSTATE", width: 100, value: (row) => row.sqlstate, cell: (row) => <code className="font-mono text-xs">{row.sqlstate}</code> },
];
