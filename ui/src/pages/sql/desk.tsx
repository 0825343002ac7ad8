// What does one work with on the SQL page: text, values, verdict, buttons, and below them what came back?

import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { BookmarkPlus, ListTree, Play } from "lucide-react";
import { useState } from "react";
import type { Connection } from "~/api/connections";
import { explainQuery, run, type Run } from "~/api/runs";
import { CodeEditor } from "~/parts/editor/editor";
import { environmentName, onEnvironment } from "~/parts/environment";
import { History } from "~/parts/run/history";
import { firstValues, ParameterFields, type Values } from "~/parts/run/parameter-fields";
import { placeholders } from "~/parts/run/placeholders";
import { ResultPanel } from "~/parts/run/result-panel";
import { mistakesOf } from "~/parts/run/run-problem";
import { useRun } from "~/parts/run/use-run";
import { useVerdict, VerdictLine } from "~/parts/run/verdict-line";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { useShortcuts } from "~/ui/shortcuts";
import { ErrorNote, Note } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { toast } from "~/ui/toast";
import { asked, LimitsFields, useLimits } from "./limits";
import { PlanPanel } from "./plan-panel";
import { SaveDialog } from "./save-dialog";
import { useOrigin } from "./use-origin";
import { useText } from "./use-text";

interface DeskProps {
  connections: readonly Connection[];
  connection: Connection | undefined;
  onChoose: (id: string) => void;
}

export function Desk({ connections, connection, onChoose }: DeskProps) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const desk = useDesk(connection);
  const { text, origin, running, plan } = desk;
  const open = (old: Run) => {
    text.replace(old.sql);
    desk.setValues(undefined);
    setSearch({ tab: undefined, query: undefined });
    if (old.connection !== connection?.id && connections.some((one) => one.id === old.connection)) {
      onChoose(old.connection);
    }
  };
  const tab = search["tab"] ?? "";
  return (
    <div className="flex flex-col gap-4">
      {origin.error !== undefined && origin.error !== null && <ErrorNote error={origin.error} />}
      {origin.query && (
        <Note tone="info">
          From the saved query{" "}
          <Link to={paths.savedQuery(slug, origin.query.id)} className="font-medium underline underline-offset-2">
            {origin.query.title}
          </Link>
          {origin.query.sql !== text.text && ", with changes that are not saved there"}.
        </Note>
      )}
      <Writing desk={desk} connection={connection} />
      <Card flush>
        <div className="px-2">
          <Tabs label="What came back" current={tab} tabs={TABS} />
        </div>
        {tab === "plan" ? (
          <PlanPanel answer={plan.data} error={plan.error} isPending={plan.isPending} sql={plan.variables?.sql ?? ""} />
        ) : tab === "history" ? (
          <History workspace={slug} connections={connections} filter={connection ? { connection: connection.id } : {}} onOpen={open} />
        ) : (
          <ResultPanel result={running.result} onCancel={running.cancel} />
        )}
      </Card>
    </div>
  );
}

const TABS = [
  { value: "", label: "Result" },
  { value: "plan", label: "Plan" },
  { value: "history", label: "History" },
];

type DeskState = ReturnType<typeof useDesk>;

function useDesk(connection: Connection | undefined) {
  const { slug } = useWorkspace();
  const [, setSearch] = usePageSearch();
  const text = useText(slug);
  const origin = useOrigin(slug, text);
  const [limits, setLimits] = useLimits();
  const [typed, setValues] = useState<Values>();
  const checked = useVerdict(slug, connection?.id, text.text);
  const engine = connection?.kind ?? "postgres";
  const count = placeholders(text.text, engine);
  const values = typed ?? firstValues(count, origin.query?.parameters);
  const parameters = count === 0 ? undefined : Array.from({ length: count }, (_, index) => (values[index] === null ? null : (values[index] ?? "")));
  const running = useRun(slug);
  const plan = useMutation({ mutationFn: (input: { connection: string; sql: string }) => explainQuery(slug, { ...input, parameters }) });
  const block = useBlock(connection, text.text);
  const start = () => {
    if (block === undefined && connection !== undefined) {
      setSearch({ tab: undefined }, "replace");
      const input = { connection: connection.id, sql: text.text, parameters, saved_query: origin.query?.id, ...asked(limits) };
      running.start(text.text, connection.kind, (listener, signal) => run(slug, input, listener, signal));
    }
  };
  const explain = () => {
    if (block === undefined && connection !== undefined) {
      setSearch({ tab: "plan" }, "replace");
      plan.mutate({ connection: connection.id, sql: text.text });
    }
  };
  useShortcuts([
    { keys: "mod+Enter", label: "Run the statement", run: start, whileTyping: true },
    { keys: "Escape", label: "Cancel what runs", run: () => running.result?.phase === "running" && running.cancel() },
  ]);
  return { text, origin, limits, setLimits, values, setValues, checked, engine, count, running, plan, block, start, explain };
}

/** The text, what the rules say to it, and what can be done with it. */
function Writing({ desk, connection }: { desk: DeskState; connection: Connection | undefined }) {
  const { slug } = useWorkspace();
  const { text, checked, count, engine, running, plan, block, origin } = desk;
  const { result } = running;
  const isEmpty = text.text.trim() === "";
  const mistakes = result?.phase === "failed" && result.sql === text.text ? mistakesOf(result.error, text.text) : checked.mistakes;
  return (
    <Card flush>
      <div className="h-52 min-h-28 relative z-10 isolate resize-y overflow-hidden">
        <CodeEditor label="Statement" language="sql" engine={engine} schema={connection && { workspace: slug, connection: connection.id }} value={text.text} onChange={text.type} onRun={desk.start} mistakes={mistakes} hint="SELECT …" autoFocus />
      </div>
      {count > 0 && (
        <div className="border-t border-line px-4 py-3">
          <ParameterFields count={count} parameters={origin.query?.parameters} engine={engine} values={desk.values} onChange={desk.setValues} />
        </div>
      )}
      <div className="flex min-h-10 items-center border-t border-line px-4 py-2">
        {connection ? <VerdictLine checked={checked} isEmpty={isEmpty} /> : <p className="text-xs text-ink-soft">Choose a connection: it says which rules judge, and where the statement runs.</p>}
      </div>
      <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5">
        <Button variant={checked.isCurrent && checked.check?.objection ? "secondary" : "primary"} onClick={desk.start} disabled={block !== undefined} title={block} busy={result?.phase === "running"} icon={<Play className="size-3.5" aria-hidden="true" />}>
          Run read-only{onEnvironment(environmentName(connection?.environment))}
        </Button>
        <Button onClick={desk.explain} disabled={block !== undefined} title={block} busy={plan.isPending} icon={<ListTree className="size-3.5" aria-hidden="true" />}>
          Explain
        </Button>
        <Save sql={text.text} count={count} connection={connection} onSaved={(id, sql) => text.replace(sql, id)} />
        {block !== undefined && !isEmpty && <span className="text-xs text-ink-soft">{block}</span>}
        <span className="ml-auto max-sm:ml-0">
          <LimitsFields limits={desk.limits} onChange={desk.setLimits} />
        </span>
      </div>
    </Card>
  );
}

/** Why the statement cannot be run now; the rules and the server have their own say. */
function useBlock(connection: Connection | undefined, text: string): string | undefined {
  const mayUseProduction = useMay("use_production");
  if (connection === undefined) {
    return "Choose a connection first.";
  }
  if (connection.environment === "production" && !mayUseProduction) {
    return "Production needs the capability use_production: an admin can give it to you under Members.";
  }
  return text.trim() === "" ? "There is no statement yet." : undefined;
}

function Save({ sql, count, connection, onSaved }: { sql: string; count: number; connection: Connection | undefined; onSaved: (id: string, sql: string) => void }) {
  const maySave = useMay("save_queries");
  const [, setSearch] = usePageSearch();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} disabled={!maySave || sql.trim() === ""} title={maySave ? undefined : "Needs the capability save_queries."} icon={<BookmarkPlus className="size-3.5" aria-hidden="true" />}>
        Save as query
      </Button>
      <SaveDialog
        open={isOpen}
        onClose={() => setOpen(false)}
        sql={sql}
        connection={connection?.id}
        values={count}
        onSaved={(saved) => {
          setOpen(false);
          onSaved(saved.id, saved.sql);
          setSearch({ query: saved.id }, "replace");
          toast({ title: `Saved as “${saved.title}”`, tone: "ok" });
        }}
      />
    </>
  );
}
