// Which statements would something else become of: one by one, by rule, or by who asked?

import { Link } from "@tanstack/react-router";
import { CircleCheck, FlaskConical, ScrollText } from "lucide-react";
import type { Difference, Replayed, Said } from "~/api/rule-sets";
import type { Range } from "~/parts/range";
import { rangeSearch } from "~/parts/range-search";
import { usePageSearch } from "~/parts/search";
import { StatementLink } from "~/parts/statement-link";
import { Verdict } from "~/parts/verdict";
import { useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge, type BadgeTone } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments } from "~/ui/choice";
import { firstWords, integer } from "~/ui/format";
import { FirstTime, NothingFound } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { isWhole, type Seen } from "../case-text";
import { byCaller, byRule, DEFAULT_RULE, KIND_WORDS, kindOf, KINDS, saidWords, type ByCaller, type ByRule, type Kind } from "./kinds";

const TONES: Readonly<Record<Kind, BadgeTone>> = { refused: "danger", held: "held", allowed: "ok", bound: "info", trial: "warn", rule: "neutral" };
const KindBadge = ({ kind }: { kind: Kind }) => <Badge tone={TONES[kind]}>{KIND_WORDS[kind]}</Badge>;

const VIEWS = [
  { value: "statement", label: "By statement" },
  { value: "rule", label: "By rule" },
  { value: "caller", label: "By who asked" },
] as const;
const ALL = "all";

function SaidCell({ said }: { said: Said }) {
  return (
    <span className="flex min-w-0 items-center gap-1.5" title={saidWords(said)}>
      <span className="shrink-0">
        <Verdict word={said.verdict} />
      </span>
      <code className="min-w-0 truncate font-mono text-2xs text-ink-soft">{[said.rule ?? DEFAULT_RULE, said.limits, said.would && `trial: ${said.would}`].filter(Boolean).join(" · ")}</code>
    </span>
  );
}

const callers = (row: Difference): string => `${[...new Set(row.callers.map((one) => one.user))].join(", ")}${row.callers_count > row.callers.length ? ` and ${row.callers_count - row.callers.length} more` : ""}`;

const statementColumns = (slug: string, range: Range, listener: string, onAdd: (row: Difference) => void): Column<Difference>[] => [
  { id: "statement", header: "Statement", cell: (row) => <StatementLink to={withSearch(paths.query(slug, row.fingerprint), rangeSearch(range))} text={row.text} fingerprint={row.fingerprint} />, value: (row) => row.text, width: 220, grow: true },
  { id: "kind", header: "What becomes of it", cell: (row) => <KindBadge kind={kindOf(row)} />, value: (row) => KIND_WORDS[kindOf(row)], width: 140, sortable: true },
  { id: "before", header: "Now", cell: (row) => <SaidCell said={row.before} />, value: (row) => saidWords(row.before), width: 176 },
  { id: "after", header: "Then", cell: (row) => <SaidCell said={row.after} />, value: (row) => saidWords(row.after), width: 195 },
  { id: "statements", header: "Asked", cell: (row) => integer(row.statements), value: (row) => row.statements, numeric: true, width: 72, sortable: true },
  { id: "callers", header: "By", cell: callers, value: callers, width: 100 },
  {
    id: "go",
    header: "Go on",
    cell: (row) => (
      <span className="flex items-center gap-1">
        <Button asChild size="small" variant="quiet">
          <Link to={withSearch(paths.audit(slug), { fingerprint: row.fingerprint, listeners: listener, ...rangeSearch(range) })} aria-label={`Records of ${firstWords(row.text, 40)}`}>
            <ScrollText className="size-3.5" aria-hidden="true" /> Audit
          </Link>
        </Button>
        <Button size="small" variant="quiet" disabled={!isWhole(row.text)} onClick={() => onAdd(row)} aria-label={`Add a test case of ${firstWords(row.text, 40)}`} icon={<FlaskConical className="size-3.5" aria-hidden="true" />}>
          Case
        </Button>
      </span>
    ),
    width: 150,
  },
];

const RULE_COLUMNS: readonly Column<ByRule>[] = [
  { id: "kind", header: "What becomes of it", cell: (row) => <KindBadge kind={row.kind} />, value: (row) => KIND_WORDS[row.kind], width: 170, sortable: true },
  { id: "after", header: "By", cell: (row) => <code className="font-mono text-xs">{row.after}</code>, value: (row) => row.after, width: 220, grow: true, sortable: true },
  { id: "before", header: "Now", cell: (row) => <code className="font-mono text-xs text-ink-soft">{row.before}</code>, value: (row) => row.before, width: 200, sortable: true },
  { id: "shapes", header: "Different statements", cell: (row) => integer(row.shapes), value: (row) => row.shapes, numeric: true, width: 150, sortable: true },
  { id: "statements", header: "Asked", cell: (row) => integer(row.statements), value: (row) => row.statements, numeric: true, width: 90, sortable: true },
];

const CALLER_COLUMNS: readonly Column<ByCaller>[] = [
  { id: "user", header: "User", cell: (row) => row.user, value: (row) => row.user, width: 160, grow: true, sortable: true },
  { id: "application", header: "Application", cell: (row) => row.application || <span className="text-ink-faint">none</span>, value: (row) => row.application, width: 160, sortable: true },
  { id: "database", header: "Database", cell: (row) => row.database, value: (row) => row.database, width: 120, sortable: true },
  {
    id: "kinds",
    header: "Different statements, by what becomes of them",
    cell: (row) => (
      <span className="flex items-center gap-1.5">
        {KINDS.flatMap((kind) => (row.shapes[kind] ? [<Badge key={kind} tone={TONES[kind]}>{`${integer(row.shapes[kind])} ${KIND_WORDS[kind]}`}</Badge>] : []))}
      </span>
    ),
    value: (row) => KINDS.flatMap((kind) => (row.shapes[kind] ? [`${row.shapes[kind]} ${KIND_WORDS[kind]}`] : [])).join(", "),
    width: 300,
  },
];

interface DifferencesProps {
  found: Replayed;
  range: Range;
  listener: string;
  onAdd: (seen: Seen) => Promise<void>;
}

export function Differences({ found, range, listener, onAdd }: DifferencesProps) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const view = VIEWS.find((one) => one.value === search["by"])?.value ?? "statement";
  const kind = KINDS.find((one) => one === search["becomes"]);
  const [field = "", order = ""] = (search["order"] ?? "").split(".");
  const sorting = { sort: field === "" ? undefined : { id: field, desc: order === "desc" }, onSort: (sort: { id: string; desc: boolean }) => setSearch({ order: `${sort.id}.${sort.desc ? "desc" : "asc"}` }, "replace") };
  const shown = found.differences.filter((one) => kind === undefined || kindOf(one) === kind);
  const here = KINDS.filter((one) => found.differences.some((difference) => kindOf(difference) === one));
  const empty =
    found.differences.length > 0 ? (
      <NothingFound what="changes" onClear={() => setSearch({ becomes: undefined }, "replace")} />
    ) : (
      <FirstTime icon={<CircleCheck className="size-5" />} title="Nothing would have changed">
        Of every statement that could be judged the rules written here say what is said now.
      </FirstTime>
    );
  return (
    <Card
      title="What would have changed"
      note={found.differences_left_out > 0 ? `the ${found.differences.length} most frequent; ${integer(found.differences_left_out)} more are not shown` : undefined}
      flush
      actions={
        <span className="flex flex-wrap items-center gap-2">
          <BareSelect label="What becomes of them" value={kind ?? ALL} onChange={(next) => setSearch({ becomes: next === ALL ? undefined : next }, "replace")} choices={[{ value: ALL, label: "whatever becomes of it" }, ...here.map((one) => ({ value: one, label: KIND_WORDS[one] }))]} />
          <Segments label="Changes are shown" value={view} onChange={(by) => setSearch({ by: by === "statement" ? undefined : by }, "replace")} choices={VIEWS} />
        </span>
      }
    >
      {view === "rule" ? (
        <DataTable label="Changes by rule" id="replay-rules" columns={RULE_COLUMNS} rows={byRule(shown)} rowKey={(row) => row.key} {...sorting} empty={empty} />
      ) : view === "caller" ? (
        <DataTable label="Changes by who asked" id="replay-callers" columns={CALLER_COLUMNS} rows={byCaller(shown)} rowKey={(row) => row.key} {...sorting} empty={empty} />
      ) : (
        <DataTable
          label="Changes by statement"
          id="replay-statements"
          columns={statementColumns(slug, range, listener, (row) => void onAdd({ text: row.text, ...(row.callers[0] ?? { user: "", database: "", application: "" }) }))}
          rows={shown}
          rowKey={(row) => `${row.fingerprint} ${saidWords(row.before)} ${saidWords(row.after)}`}
          {...sorting}
          empty={empty}
        />
      )}
    </Card>
  );
}
