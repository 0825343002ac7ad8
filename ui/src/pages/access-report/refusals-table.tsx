// What did somebody try that did not pass?

import { Link } from "@tanstack/react-router";
import { CircleCheck } from "lucide-react";
import type { AccessAttempt, AccessReport } from "~/api/access-report";
import { SqlLine } from "~/parts/sql-text";
import { Verdict } from "~/parts/verdict";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { integer } from "~/ui/format";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";

export function RefusalsTable({ report, all }: { report: AccessReport; all: string }) {
  const { slug } = useWorkspace();
  const { refusals } = report;
  const columns: readonly Column<AccessAttempt>[] = [
    { id: "at", header: "When", width: 110, value: (one) => one.at, cell: (one) => <RelativeTime at={one.at} /> },
    {
      id: "text",
      header: "Statement",
      width: 240,
      grow: true,
      value: (one) => one.text,
      cell: (one) => (
        <Link to={paths.auditRecord(slug, one.id)} className="block truncate hover:underline">
          <SqlLine text={one.text} />
        </Link>
      ),
    },
    { id: "event", header: "Outcome", width: 100, value: (one) => one.event, cell: (one) => <Verdict word={one.event === "statement.held" ? "held" : "refused"} /> },
    { id: "user", header: "User", width: 130, value: (one) => one.user, cell: (one) => <bdi>{one.user}</bdi> },
    { id: "application", header: "Application", width: 130, value: (one) => one.application, cell: (one) => <bdi>{one.application}</bdi> },
    { id: "rule", header: "Rule", width: 180, value: (one) => one.rule, cell: (one) => (one.rule ? <span className="font-mono text-xs">{one.rule}</span> : <span className="text-ink-faint">–</span>) },
    { id: "tables", header: "Tables", width: 160, hidden: true, value: (one) => one.tables.join(", "), cell: (one) => one.tables.join(", ") },
  ];
  return (
    <Card
      flush
      title="Did not pass"
      note={report.all.refused > refusals.length ? `the newest ${integer(refusals.length)} of ${integer(report.all.refused)}` : "refused or held, newest first"}
      actions={
        <Button asChild size="small">
          <Link to={all}>All in Audit</Link>
        </Button>
      }
    >
      <DataTable label="Did not pass" id="access-refusals" columns={columns} rows={refusals} rowKey={(one) => one.id} empty={<FirstTime icon={<CircleCheck className="size-5" />} title="Everything passed">No statement of this time was refused or held.</FirstTime>} />
    </Card>
  );
}
