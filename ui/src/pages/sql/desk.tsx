// What does one work with in one tab of the SQL page: text, values, verdict, buttons, and below them what came back?

import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { useQuery } from "@tanstack/react-query";
import type { Connection } from "~/api/connections";
import { run, type Run, type RunInput } from "~/api/runs";
import { savedQueryQuery, type SavedQuery } from "~/api/saved-queries";
import type { EditorHandle } from "~/parts/editor/editor";
import { formatted, placeAfter } from "~/parts/editor/format";
import { LazyHistory } from "~/parts/run/lazy-history";
import { firstValues, type Values } from "~/parts/run/parameter-fields";
import { placeholders } from "~/parts/run/placeholders";
import { ResultPanel } from "~/parts/run/result-panel";
import { useRun } from "~/parts/run/use-run";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { useShortcuts } from "~/ui/shortcuts";
import { Tabs } from "~/ui/tabs";
import { toast } from "~/ui/toast";
import { asked, useLimits } from "./limits";
import { PlanPanel } from "./plan-panel";
import type { Sheet } from "./sheets";
import { usePlan } from "./use-plan";
import type { Sheets } from "./use-sheets";
import { useTargets, type Target } from "./use-target";
import { useVerdicts } from "./use-verdicts";
import { Writing } from "./writing";

interface DeskProps {
  sheet: Sheet;
  sheets: Sheets;
  connections: readonly Connection[];
  connection: Connection | undefined;
  onChoose: (id: string) => void;
  /** The others stay as they are behind it. */
  isShown: boolean;
  onBusy: (id: string, isBusy: boolean) => void;
}

export function Desk(props: DeskProps) {
  const { sheet, sheets, connections, connection, onChoose, isShown, onBusy } = props;
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const desk = useDesk(props);
  const { plan, running, query } = desk;
  const isBusy = running.result?.phase === "running" || plan.isPending;
  useEffect(() => onBusy(sheet.id, isBusy), [onBusy, sheet.id, isBusy]);
  const open = (old: Run) => {
    sheets.bring(old.sql);
    if (old.connection !== connection?.id && connections.some((one) => one.id === old.connection)) {
      onChoose(old.connection);
    }
  };
  const { result, cancel } = running;
  // Nothing of it is drawn again for a letter or a step of the cursor.
  const cameBack = useMemo(() => <ResultPanel result={result} onCancel={cancel} />, [result, cancel]);
  const tab = isShown ? (search["tab"] ?? "") : "";
  return (
    <>
      {query && <Origin query={query} sheet={sheet} />}
      <Writing desk={desk} connection={connection} isShown={isShown} />
      <div className="border-t border-line px-2">{isShown && <Tabs label="What came back" current={tab} tabs={TABS} />}</div>
      {tab === "plan" ? (
        <PlanPanel plan={plan} />
      ) : tab === "history" ? (
        <LazyHistory workspace={slug} connections={connections} filter={connection ? { connection: connection.id } : {}} onOpen={open} />
      ) : (
        cameBack
      )}
    </>
  );
}

const TABS = [
  { value: "", label: "Result" },
  { value: "plan", label: "Plan" },
  { value: "history", label: "History" },
];

function Origin({ query, sheet }: { query: SavedQuery; sheet: Sheet }) {
  const { slug } = useWorkspace();
  return (
    <p className="border-b border-line bg-subtle px-4 py-1.5 text-xs text-ink-soft">
      From the saved query{" "}
      <Link to={paths.savedQuery(slug, query.id)} className="font-medium text-ink underline underline-offset-2">
        {query.title}
      </Link>
      {query.sql !== sheet.text && ", with changes that are not saved there"}.
    </p>
  );
}

export type DeskState = ReturnType<typeof useDesk>;

const START = { from: 0, to: 0 };

function useDesk({ sheet, sheets: { store }, connection, isShown }: DeskProps) {
  const { slug } = useWorkspace();
  const [, setSearch] = usePageSearch();
  const editor = useRef<EditorHandle>(null);
  const [chosen, setChosen] = useState(START);
  const engine = connection?.kind ?? "postgres";
  const targets = useTargets(sheet.text, engine, chosen);
  const { target } = targets;
  const verdicts = useVerdicts(slug, connection ?? {}, sheet.text, targets);
  const saved = useQuery({ ...savedQueryQuery(slug, sheet.query ?? ""), enabled: sheet.query !== undefined, retry: false });
  const query = sheet.query === undefined ? undefined : saved.data?.data;
  const [limits, setLimits] = useLimits();
  const [typed, setValues] = useState<Values>();
  const count = placeholders(target?.sql ?? "", engine);
  const values = typed ?? firstValues(count, query?.parameters);
  const running = useRun(slug);
  const [ran, setRan] = useState<Target>();
  const plan = usePlan(slug);
  const block = useBlock(connection, target);

  /** What is asked of the API; nothing where it cannot be asked. */
  const input = (): RunInput | undefined => {
    const parameters = count === 0 ? undefined : Array.from({ length: count }, (_, index) => (values[index] === null ? null : (values[index] ?? "")));
    return block !== undefined || connection === undefined || target === undefined ? undefined : { connection: connection.id, sql: target.sql, parameters, saved_query: query?.id, ...asked(limits) };
  };
  const start = () => {
    const what = input();
    if (what !== undefined) {
      setSearch({ tab: undefined }, "replace");
      setRan(target);
      running.start(what.sql, engine, (listener, signal) => run(slug, what, listener, signal));
    }
  };
  const startAll = () => (targets.statements.length > 1 ? toast({ title: "One statement runs at a time", detail: "Put the cursor into the one you mean, or select it, and press Ctrl+Enter. Each is judged by itself." }) : start());
  const explain = (isMeasured: boolean) => {
    const what = input();
    if (what !== undefined) {
      setSearch({ tab: "plan" }, "replace");
      (isMeasured ? plan.measure : plan.explain)(what);
    }
  };
  /** Ends what runs; says whether anything did. */
  const cancel = (): boolean => {
    const isRunning = running.result?.phase === "running";
    if (isRunning) {
      running.cancel();
    }
    return plan.cancel() || isRunning;
  };
  const format = async () => {
    const span = target?.kind === "selection" ? target.span : { from: 0, to: sheet.text.length };
    const before = sheet.text.slice(span.from, span.to);
    const done = await formatted(before, engine);
    if ("problem" in done) {
      toast({ title: "Not formatted", detail: done.problem });
    } else if (done.text !== before) {
      editor.current?.replace(span, done.text, span.from + placeAfter(before, done.text, Math.max(0, chosen.from - span.from)));
    }
  };
  useShortcuts(
    isShown
      ? [
          { keys: "mod+Enter", label: "Run the statement at the cursor, or what is selected", run: start, whileTyping: true },
          { keys: "Alt+Shift+F", label: "Format", run: () => void format() },
          { keys: "Escape", label: "Cancel what runs", run: cancel },
        ]
      : [],
  );
  const type = (text: string) => store.change(sheet.id, { text });
  const keepAs = (id: string) => store.change(sheet.id, { query: id });
  return { sheet, type, keepAs, editor, engine, chosen, setChosen, targets, verdicts, query, limits, setLimits, values, setValues, count, running, ran, plan, block, start, startAll, explain, cancel, format };
}

/** Why the statement cannot be run now; the rules and the server have their own say. */
function useBlock(connection: Connection | undefined, target: Target | undefined): string | undefined {
  const mayUseProduction = useMay("use_production");
  if (connection === undefined) {
    return "Choose a connection first.";
  }
  if (connection.environment === "production" && !mayUseProduction) {
    return "Production needs the capability use_production: an admin can give it to you under Members.";
  }
  return target === undefined ? "There is no statement yet." : undefined;
}
