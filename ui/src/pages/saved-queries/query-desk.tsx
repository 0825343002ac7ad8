// What does one work with at a saved query: its fields, a run, its versions, its history?

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Play, Save, Undo2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { whenThere } from "~/api/reachability";
import { connectionsQuery, type Connection } from "~/api/connections";
import { run, runSaved } from "~/api/runs";
import type { SavedQuery } from "~/api/saved-queries";
import { sessionQuery } from "~/api/session";
import { CodeEditor } from "~/parts/editor/editor";
import { environmentName, onEnvironment } from "~/parts/environment";
import { LazyHistory } from "~/parts/run/lazy-history";
import { firstValues, ParameterFields, type Values } from "~/parts/run/parameter-fields";
import { unfit } from "~/parts/run/parameter-check";
import { placeholders } from "~/parts/run/placeholders";
import { ResultPanel } from "~/parts/run/result-panel";
import { mistakesOf } from "~/parts/run/run-problem";
import { useRun } from "~/parts/run/use-run";
import { useVerdict, VerdictLine } from "~/parts/run/verdict-line";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { useShortcuts } from "~/ui/shortcuts";
import { ErrorNote, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { FieldsCard } from "./fields-card";
import { valuesFromSearch } from "./link-values";
import { QueryConflict } from "./query-conflict";
import { useQueryDraft, type QueryDraftState } from "./query-draft";
import { ShareButton } from "./share-button";

const VersionsPanel = lazy(async () => ({ default: (await whenThere(() => import("./versions-panel"))).VersionsPanel }));

export function QueryDesk({ server }: { server: { data: SavedQuery; etag: string } }) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search] = usePageSearch();
  const maySave = useMay("save_queries");
  const draft = useQueryDraft(slug, server);
  const connections = useQuery(connectionsQuery(slug)).data ?? [];
  const tab = search["tab"] ?? "";
  const save = () => {
    if (maySave && draft.isDirty && draft.theirs === undefined) {
      void draft.save();
    }
  };
  useShortcuts([{ keys: "mod+s", label: "Save the query", run: save, whileTyping: true }]);
  return (
    <>
      {draft.theirs && <QueryConflict draft={draft} theirs={draft.theirs} />}
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <Tabs
            label="Sides of the query"
            current={tab}
            tabs={[
              { value: "", label: "Query" },
              { value: "versions", label: "Versions", count: server.data.version },
              { value: "history", label: "History" },
            ]}
          />
        </div>
        <SaveBar draft={draft} maySave={maySave} onSave={save} />
      </div>
      {draft.saving.error !== undefined && <ErrorNote error={draft.saving.error} />}
      {tab === "versions" ? (
        <Suspense fallback={<SkeletonRows />}>
          <VersionsPanel query={server.data} etag={server.etag} isDirty={draft.isDirty} />
        </Suspense>
      ) : tab === "history" ? (
        <Card flush>
          <LazyHistory workspace={slug} connections={connections} filter={{ saved_query: server.data.id }} what="this query" onOpen={(old) => void navigate({ href: withSearch(paths.sql(slug), { sql: old.sql }) })} />
        </Card>
      ) : (
        <Writing query={server.data} etag={server.etag} draft={draft} connections={connections} maySave={maySave} onSave={save} />
      )}
    </>
  );
}

function SaveBar({ draft, maySave, onSave }: { draft: QueryDraftState; maySave: boolean; onSave: () => void }) {
  return (
    <div className="flex items-center gap-2 pb-1">
      <span role="status" className="text-xs text-ink-faint">
        {!maySave ? "You may read it; changing needs save_queries" : draft.isDirty ? "not saved" : "saved"}
      </span>
      {draft.isDirty && draft.theirs === undefined && (
        <Button size="small" variant="quiet" onClick={draft.undo} icon={<Undo2 className="size-3.5" aria-hidden="true" />}>
          Undo changes
        </Button>
      )}
      {maySave && (
        <Button size="small" variant="primary" onClick={onSave} disabled={!draft.isDirty || draft.theirs !== undefined} busy={draft.saving.busy} icon={<Save className="size-3.5" aria-hidden="true" />}>
          Save
        </Button>
      )}
    </div>
  );
}

interface WritingProps {
  query: SavedQuery;
  etag: string;
  draft: QueryDraftState;
  connections: readonly Connection[];
  maySave: boolean;
  onSave: () => void;
}

function Writing({ query, etag, draft, connections, maySave, onSave }: WritingProps) {
  const { slug } = useWorkspace();
  const scope = useScope(slug);
  const isMine = useQuery(sessionQuery).data?.person.id === query.owner;
  const { mine } = draft;
  const connection = connections.find((one) => one.id === mine.connection) ?? scope.connection ?? (connections.length === 1 ? connections[0] : undefined);
  const engine = connection?.kind ?? "postgres";
  const isBarred = useIsBarred(connection);
  const checked = useVerdict(slug, isBarred ? undefined : connection?.id, mine.sql);
  const running = useRun(slug);
  const [search] = usePageSearch();
  const [typed, setTyped] = useState<Values>();
  const [isTried, setTried] = useState(false);
  const count = placeholders(mine.sql, engine);
  const linked = valuesFromSearch(search, mine.parameters);
  const values = typed ?? linked ?? firstValues(count, mine.parameters);
  const block = useBlock(connection, mine.sql);
  const start = () => {
    if (block !== undefined || connection === undefined) {
      return;
    }
    if (missing.length > 0) {
      setTried(true);
      return;
    }
    const given = Array.from({ length: count }, (_, index) => (values[index] === null ? null : (values[index] ?? "")));
    const source = { connection: connection.id, parameters: count > 0 ? given : undefined, saved_query: query.id };
    running.start(mine.sql, connection.kind, (listener, signal) => {
      if (draft.isDirty) {
        return run(slug, { ...source, sql: mine.sql }, listener, signal);
      }
      listener.asked(source);
      return runSaved(slug, query.id, { connection: connection.id, parameters: Object.fromEntries(mine.parameters.map((one, index) => [one.name, given[index] ?? null])) }, listener, signal);
    });
  };
  useShortcuts([
    { keys: "mod+Enter", label: "Run the query", run: start, whileTyping: true },
    { keys: "Escape", label: "Cancel what runs", run: () => running.result?.phase === "running" && running.cancel() },
  ]);
  const { result } = running;
  const missing = draft.isDirty ? [] : unfit(mine.parameters, values);
  const keepChart = maySave ? (chart: string) => draft.set({ chart }) : undefined;
  const mistakes = result?.phase === "failed" && result.sql === mine.sql ? mistakesOf(result.error, mine.sql) : checked.mistakes;
  return (
    <div className="flex flex-col gap-4">
      <Card flush>
        <div className="h-44 min-h-28 relative z-10 isolate resize-y overflow-hidden">
          <CodeEditor label="Statement" language="sql" engine={engine} schema={connection && { workspace: slug, connection: connection.id }} value={mine.sql} onChange={(sql) => draft.set({ sql })} onRun={start} onSave={onSave} mistakes={mistakes} readOnly={!maySave} />
        </div>
        {count > 0 && (
          <div className="border-t border-line px-4 py-3">
            <ParameterFields count={count} parameters={mine.parameters} engine={engine} values={values} onChange={setTyped} isTried={isTried} />
            {linked !== undefined && typed === undefined && <p className="mt-2 text-xs text-ink-soft">These values came with the link. Nothing was run yet.</p>}
            {isTried && missing.length > 0 && (
              <p role="alert" className="mt-2 text-xs font-medium text-danger">
                Not run: {missing.join(", ")} {missing.length === 1 ? "has" : "have"} no value that fits.
              </p>
            )}
          </div>
        )}
        <div className="flex min-h-10 flex-wrap items-center gap-3 border-t border-line px-4 py-2">
          <Button variant="primary" onClick={start} disabled={block !== undefined} title={block} busy={result?.phase === "running"} icon={<Play className="size-3.5" aria-hidden="true" />}>
            Run read-only{onEnvironment(environmentName(connection?.environment))}
          </Button>
          <div className="min-w-0 flex-1">{block === undefined ? <VerdictLine checked={checked} isEmpty={mine.sql.trim() === ""} /> : <p className="text-xs text-ink-soft">{block}</p>}</div>
          <ShareButton query={query} etag={etag} values={values} isMine={isMine} isDirty={draft.isDirty} />
        </div>
      </Card>
      {result !== undefined && (
        <Card flush>
          <ResultPanel result={result} onCancel={running.cancel} height="min(45vh, 30rem)" kept={{ chart: mine.chart, onKeep: keepChart }} />
        </Card>
      )}
      <FieldsCard draft={draft} connections={connections} wanted={count} engine={engine} disabled={!maySave} isMine={isMine} />
    </div>
  );
}

/** Nothing may be asked of it: the rules are not asked either. */
function useIsBarred(connection: Connection | undefined): boolean {
  const mayUseProduction = useMay("use_production");
  return connection?.environment === "production" && !mayUseProduction;
}

function useBlock(connection: Connection | undefined, sql: string): string | undefined {
  const mayRun = useMay("run_queries");
  const isBarred = useIsBarred(connection);
  if (!mayRun) {
    return "Running needs the capability run_queries.";
  }
  if (connection === undefined) {
    return "Choose a connection below or in the bar above.";
  }
  if (isBarred) {
    return "Production needs the capability use_production.";
  }
  return sql.trim() === "" ? "There is no statement." : undefined;
}
