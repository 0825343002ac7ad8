// What is in the database behind a connection: by schema, by use, or found by words?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, FileUp, History, Table2 } from "lucide-react";
import { connectionsQuery, snapshotsQuery, type Connection } from "~/api/connections";
import { isProblem } from "~/api/problem";
import { schemaTreeQuery, type SchemaGroup } from "~/api/tables";
import { FilterInput } from "~/parts/filter-input";
import { Page } from "~/parts/page";
import { ReadSchema, useReadSchema } from "~/parts/read-schema";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments, type Choice } from "~/ui/choice";
import { integer } from "~/ui/format";
import { ErrorNote, Failed, FirstTime, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { FoundList } from "./found-list";
import { TableTree } from "./table-tree";
import { isListed, kindWords } from "./tree-lines";
import { UseFilter, UseList } from "./use-list";

export function TablesPage() {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug));
  const scope = useScope(slug);
  const connection = scope.connection ?? connections.data?.[0];
  if (connections.data !== undefined && connection !== undefined) {
    return <TablesOf key={connection.id} connection={connection} connections={connections.data} onChoose={scope.choose} />;
  }
  return (
    <Page title="Tables" about="Tables, columns and how the traffic uses them.">
      {connections.error && connections.data === undefined ? <Failed error={connections.error} onRetry={() => void connections.refetch()} /> : connections.data === undefined ? <SkeletonRows /> : <NoConnection slug={slug} />}
    </Page>
  );
}

function NoConnection({ slug }: { slug: string }) {
  return (
    <FirstTime
      icon={<Database className="size-5" />}
      title="No database is connected yet"
      actions={
        <Button asChild variant="primary">
          <Link to={paths.newConnection(slug)}>New connection</Link>
        </Button>
      }
    >
      Tables are read over a connection. With one, this page shows every table, its columns and keys, and which statements use it.
    </FirstTime>
  );
}

/** By schema; by use; and whatever words are typed, found. */
type View = "" | "use";

function TablesOf({ connection, connections, onChoose }: { connection: Connection; connections: readonly Connection[]; onChoose: (id: string) => void }) {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const reading = useReadSchema(slug, connection.id);
  const maySeeTraffic = useMay("view_traffic");
  const tree = useQuery({ ...schemaTreeQuery(slug, connection.id), enabled: Boolean(connection.last_snapshot) });
  const hasSnapshot = Boolean(connection.last_snapshot) && !isProblem(tree.error, "not_found");
  const words = search["words"]?.trim() ?? "";
  const view: View = search["view"] === "use" && maySeeTraffic ? "use" : "";
  const about = (
    <>
      Of the connection {connection.name}, as its schema was last read. <SnapshotAge slug={slug} connection={connection.id} />
    </>
  );
  return (
    <Page title="Tables" about={about} actions={<Actions connection={connection} connections={connections} onChoose={onChoose} reading={hasSnapshot ? reading : undefined} />} bar={hasSnapshot && <Bar groups={tree.data?.groups ?? []} view={view} words={words} />}>
      {reading.error && <ErrorNote error={reading.error} />}
      <Card flush>
        {!hasSnapshot ? <NotRead reading={reading} connection={connection.id} /> : view === "use" ? <UseList connection={connection.id} /> : words === "" ? <Tree connection={connection.id} tree={tree} /> : <FoundList connection={connection.id} words={words} />}
      </Card>
    </Page>
  );
}

interface ActionsProps {
  connection: Connection;
  connections: readonly Connection[];
  onChoose: (id: string) => void;
  reading: ReturnType<typeof useReadSchema> | undefined;
}

function Actions({ connection, connections, onChoose, reading }: ActionsProps) {
  const { slug } = useWorkspace();
  const mayUpload = useMay("manage_connections");
  const at = (path: string) => withSearch(path, { connection: connection.id });
  return (
    <>
      {connections.length > 1 && <BareSelect label="Connection" className="min-w-44" value={connection.id} onChange={onChoose} choices={connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))} />}
      {reading && (
        <Button asChild>
          <Link to={at(paths.schemaHistory(slug))}>
            <History className="size-3.5" aria-hidden="true" /> History
          </Link>
        </Button>
      )}
      {mayUpload && (
        <Button asChild>
          <Link to={at(paths.schemaImport(slug))}>
            <FileUp className="size-3.5" aria-hidden="true" /> Import
          </Link>
        </Button>
      )}
      {reading && <ReadSchema reading={reading} />}
    </>
  );
}

function Bar({ groups, view, words }: { groups: readonly SchemaGroup[]; view: View; words: string }) {
  const [search, setSearch] = usePageSearch();
  const maySeeTraffic = useMay("view_traffic");
  return (
    <div className="flex flex-wrap items-center gap-2">
      <FilterInput name="words" label="Search tables, columns and comments" placeholder={view === "use" ? "Filter names and comments" : "Search tables, columns, comments"} main className="w-72 max-sm:w-full" />
      {maySeeTraffic && (
        <Segments
          label="How they are listed"
          value={view === "use" ? "use" : "tree"}
          onChange={(next) => setSearch({ view: next === "use" ? "use" : undefined, unused: undefined, sort: undefined })}
          choices={[
            { value: "tree", label: "By schema" },
            { value: "use", label: "By use" },
          ]}
        />
      )}
      {view === "use" ? <UseFilter /> : words === "" && <BareSelect label="Kinds that are listed" value={search["kinds"] ?? "relations"} onChange={(kinds) => setSearch({ kinds: kinds === "relations" ? undefined : kinds })} choices={kindChoices(groups)} />}
    </div>
  );
}

/** Tables and views, everything, and each kind there is, with how many there are. */
function kindChoices(groups: readonly SchemaGroup[]): Choice<string>[] {
  const counted = (kinds: string | undefined) => groups.filter((group) => isListed(group.kind, kinds)).reduce((sum, group) => sum + group.count, 0);
  const kinds = [...new Set(groups.map((group) => group.kind))].sort();
  const label = (words: string, kind: string | undefined) => `${words} (${integer(counted(kind))})`;
  return [{ value: "relations", label: label("Tables and views", undefined) }, { value: "all", label: label("Everything", "all") }, ...kinds.map((kind) => ({ value: kind, label: label(`Only ${kindWords(kind)}`, kind) }))];
}

function SnapshotAge({ slug, connection }: { slug: string; connection: string }) {
  const snapshot = useInfiniteQuery(snapshotsQuery(slug, connection)).data?.pages[0]?.items[0];
  return (
    snapshot && (
      <span className="text-xs text-ink-faint">
        {snapshot.source === "live" ? `${snapshot.engine} ${snapshot.engine_version}, seen ` : "From a file, "}
        <RelativeTime at={snapshot.seen_at} />
        {snapshot.warnings.length > 0 && <span title={snapshot.warnings.map((one) => `${one.missing}: ${one.reason}`).join("\n")}>, without {snapshot.warnings.map((one) => one.missing).join(", ")}</span>}
      </span>
    )
  );
}

function NotRead({ reading, connection }: { reading: ReturnType<typeof useReadSchema>; connection: string }) {
  const { slug } = useWorkspace();
  const mayUpload = useMay("manage_connections");
  const actions = (
    <>
      <ReadSchema reading={reading} variant="primary" />
      {mayUpload && (
        <Button asChild>
          <Link to={withSearch(paths.schemaImport(slug), { connection })}>Import a file</Link>
        </Button>
      )}
    </>
  );
  return (
    <FirstTime icon={<Table2 className="size-5" />} title="The schema was not read yet" actions={actions}>
      A snapshot holds tables, columns, keys and indexes, no rows. It is read in one transaction that only reads, takes seconds, and is read again after changes. Where the database cannot be reached, a file can say what is in it.
    </FirstTime>
  );
}

function Tree({ connection, tree }: { connection: string; tree: { data: { groups: readonly SchemaGroup[]; snapshot: string } | undefined; error: unknown; refetch: () => unknown } }) {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  if (tree.data === undefined) {
    return tree.error ? <Failed error={tree.error} onRetry={() => void tree.refetch()} /> : <SkeletonRows />;
  }
  if (tree.data.groups.length === 0) {
    return (
      <FirstTime icon={<Table2 className="size-5" />} title="The database has no tables that can be seen">
        What the connection&apos;s user may not see is left out. Make a table, or give the user the right to see them, and read the schema again.
      </FirstTime>
    );
  }
  if (!tree.data.groups.some((group) => isListed(group.kind, search["kinds"]))) {
    return <NoneOfKind kind={search["kinds"]} />;
  }
  return <TableTree workspace={slug} connection={connection} snapshot={tree.data.snapshot} groups={tree.data.groups} kinds={search["kinds"]} />;
}

function NoneOfKind({ kind }: { kind: string | undefined }) {
  const [, setSearch] = usePageSearch();
  return (
    <FirstTime icon={<Table2 className="size-5" />} title={kind === undefined ? "There are no tables and views" : `There are no ${kindWords(kind)}`} actions={<Button onClick={() => setSearch({ kinds: "all" })}>Show everything</Button>}>
      The database has objects of other kinds.
    </FirstTime>
  );
}
