// Do the rules still say what they should: the test cases, and what became of each?

import { FlaskConical, Plus } from "lucide-react";
import { useState } from "react";
import type { CaseResult } from "~/api/rule-sets";
import { CodeEditor } from "~/parts/editor/editor";
import { SqlLine } from "~/parts/sql-text";
import { useMay } from "~/parts/workspace";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { count } from "~/ui/format";
import { ErrorNote, FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import type { Seen } from "./case-text";
import { DiagnosticList, mistakesOf } from "./diagnostics";
import { SeenDialog } from "./seen-dialog";
import type { CasesState } from "./use-cases";
import type { DraftState } from "./use-draft";

const COLUMNS: readonly Column<CaseResult>[] = [
  { id: "passed", header: "Result", cell: (row) => (row.passed ? <Badge tone="ok">passed</Badge> : <Badge tone="danger">differs</Badge>), value: (row) => row.passed, width: 90 },
  { id: "line", header: "Line", cell: (row) => row.line, value: (row) => row.line, numeric: true, width: 70 },
  { id: "user", header: "User", cell: (row) => row.user, value: (row) => row.user, width: 110 },
  { id: "statement", header: "Statement", cell: (row) => <SqlLine text={row.statement} />, value: (row) => row.statement, width: 240, grow: true },
  { id: "expected", header: "Expected", cell: (row) => <code className="font-mono text-xs">{row.expected}</code>, value: (row) => row.expected, width: 200 },
  { id: "got", header: "The rules say", cell: (row) => <code className={`font-mono text-xs ${row.passed ? "" : "text-danger"}`}>{row.got}</code>, value: (row) => row.got, width: 240 },
];

interface CasesPanelProps {
  name: string;
  draft: DraftState;
  cases: CasesState;
  onAdd: (seen: Seen) => Promise<void>;
  onSave: () => void;
}

export function CasesPanel({ name, draft, cases, onAdd, onSave }: CasesPanelProps) {
  const mayEdit = useMay("edit_rules");
  const [isChoosing, setChoosing] = useState(false);
  const { mine } = draft;
  const { data } = cases;
  const failed = data?.results.filter((one) => !one.passed).length ?? 0;
  const mistakes = data && cases.isCurrent ? mistakesOf(data.diagnostics, mine.cases, "cases") : [];
  const canRun = mayEdit && mine.cases.trim() !== "";
  const run = () => {
    if (canRun) {
      void cases.run();
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <Card
        title="Test cases"
        note="Markdown; what stands between ```case and ``` is run"
        flush
        actions={
          <>
            <Button size="small" disabled={!mayEdit} title={mayEdit ? undefined : "Needs the capability edit_rules."} onClick={() => setChoosing(true)} icon={<Plus className="size-3.5" aria-hidden="true" />}>
              Add what was seen
            </Button>
            <Button size="small" variant="primary" disabled={!canRun} title={mayEdit ? undefined : "Needs the capability edit_rules."} busy={cases.isPending} onClick={run} icon={<FlaskConical className="size-3.5" aria-hidden="true" />}>
              Run the cases
            </Button>
          </>
        }
      >
        <div className="h-72 min-h-32 relative z-10 isolate resize-y overflow-hidden">
          <CodeEditor label="Test cases" language="text" value={mine.cases} onChange={(next) => draft.type({ cases: next })} onRun={run} onSave={onSave} mistakes={mistakes} readOnly={!mayEdit} hint={`\`\`\`case\npolicies: ${name}\nuser: ann\n\nSELECT 1 => allow\n\`\`\``} />
        </div>
        {data && data.diagnostics.length > 0 && <DiagnosticList diagnostics={data.diagnostics} />}
      </Card>
      {cases.error !== null && cases.error !== undefined && <ErrorNote error={cases.error} />}
      <Card title="What became of them" note={data && data.diagnostics.length === 0 ? `${failed === 0 ? `all ${count(data.results.length, "statement")} as expected` : `${count(failed, "statement")} of ${data.results.length} not as expected`}${cases.isCurrent ? "" : "; the texts have changed since"}` : undefined} flush>
        <DataTable
          label="Results of the test cases"
          id="rule-cases"
          columns={COLUMNS}
          rows={[...(data?.results ?? [])].sort((left, right) => Number(left.passed) - Number(right.passed) || left.line - right.line)}
          rowKey={(row) => `${row.line} ${row.user} ${row.statement} ${row.expected}`}
          rowTone={(row) => (row.passed ? undefined : "danger")}
          empty={
            <FirstTime icon={<FlaskConical className="size-5" />} title={data ? "Nothing was run" : "The cases were not run yet"}>
              A case says who asks, a statement, and what the rules shall say to it. They are run against the rules as they are written here, saved or not, and again before a version is published.
            </FirstTime>
          }
        />
      </Card>
      {isChoosing && <SeenDialog onAdd={onAdd} onClose={() => setChoosing(false)} />}
    </div>
  );
}
