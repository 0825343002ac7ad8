// How do the tables of a database hang together?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, Waypoints } from "lucide-react";
import { useEffect } from "react";
import { connectionsQuery, type Connection } from "~/api/connections";
import { schemaGraphQuery, schemaJoinsQuery, viewpointQuery } from "~/api/diagram";
import { isProblem } from "~/api/problem";
import { Page } from "~/parts/page";
import { useRange } from "~/parts/range";
import { ReadSchema, useReadSchema } from "~/parts/read-schema";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect } from "~/ui/choice";
import { ErrorNote, Failed, FirstTime, Skeleton, SkeletonRows } from "~/ui/states";
import { SchemaDiagram } from "./schema-diagram";

const ABOUT = "Which tables lead to which: by the keys they declare, and by what statements join.";

export function DiagramPage() {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug));
  const scope = useScope(slug);
  const [search] = usePageSearch();
  // A link that names a connection shows that one, whichever was chosen before.
  const connection = connections.data?.find((one) => one.id === search["connection"]) ?? scope.connection ?? connections.data?.[0];
  if (connections.data !== undefined && connection !== undefined) {
    return <DiagramOf key={connection.id} connection={connection} connections={connections.data} onChoose={scope.choose} />;
  }
  return (
    <Page title="Diagram" about={ABOUT}>
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
      The picture is drawn from a schema that was read over a connection. With one, this page shows how its tables hang together, and which joins no key declares.
    </FirstTime>
  );
}

const LOADING = (
  <div role="status" aria-label="Loading the schema" className="p-3">
    <Skeleton className="h-[60dvh]" />
  </div>
);

function DiagramOf({ connection, connections, onChoose }: { connection: Connection; connections: readonly Connection[]; onChoose: (id: string) => void }) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const maySeeTraffic = useMay("view_traffic");
  const range = useRange("7d");
  const reading = useReadSchema(slug, connection.id);
  const graph = useQuery({ ...schemaGraphQuery(slug, connection.id), enabled: Boolean(connection.last_snapshot) });
  const joins = useQuery({ ...schemaJoinsQuery(slug, connection.id, { from: range.from, until: range.until }), enabled: graph.data !== undefined && maySeeTraffic, placeholderData: (before) => before });
  const viewpoint = useQuery({ ...viewpointQuery(slug, search["viewpoint"] ?? ""), enabled: search["viewpoint"] !== undefined });
  const home = viewpoint.data?.data.viewpoint.connection;
  useEffect(() => {
    // A link may name a viewpoint only: it says whose schema it is of.
    if (home !== undefined && home !== connection.id && search["viewpoint"] !== undefined) {
      setSearch({ connection: home }, "replace");
    }
  }, [home, connection.id, search, setSearch]);
  const choose = (id: string) => {
    setSearch({ connection: undefined, table: undefined, group: undefined, view: undefined, viewpoint: undefined, schema: undefined });
    onChoose(id);
  };
  const chooser = connections.length > 1 && <BareSelect label="Connection" className="min-w-44" value={connection.id} onChange={choose} choices={connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))} />;
  const isNotRead = !connection.last_snapshot || isProblem(graph.error, "not_found");
  // What statements join says where to begin: the picture does not jump when it comes a moment later.
  const isComing = graph.data === undefined || (maySeeTraffic && joins.data === undefined && !joins.error) || (search["viewpoint"] !== undefined && viewpoint.data === undefined && !viewpoint.error);
  if (isNotRead || graph.data === undefined || graph.data.relations.length === 0 || isComing) {
    return (
      <Page title="Diagram" about={ABOUT} actions={chooser}>
        {reading.error && <ErrorNote error={reading.error} />}
        <Card flush>{isNotRead ? <NotRead reading={reading} /> : graph.error && graph.data === undefined ? <Failed error={graph.error} onRetry={() => void graph.refetch()} /> : isComing ? LOADING : <NoTables />}</Card>
      </Page>
    );
  }
  return (
    <SchemaDiagram
      about={ABOUT}
      connection={connection}
      view={graph.data}
      joins={{ data: joins.data, error: joins.error, may: maySeeTraffic }}
      viewpoint={viewpoint.data && search["viewpoint"] === viewpoint.data.data.viewpoint.id ? { ...viewpoint.data.data, etag: viewpoint.data.etag } : undefined}
      viewpointError={search["viewpoint"] === undefined ? null : viewpoint.error}
      chooser={chooser}
    />
  );
}

function NotRead({ reading }: { reading: ReturnType<typeof useReadSchema> }) {
  return (
    <FirstTime icon={<Waypoints className="size-5" />} title="The schema was not read yet" actions={<ReadSchema reading={reading} variant="primary" />}>
      The picture is drawn from a snapshot of tables, columns and keys. It is read in one transaction that only reads, and takes seconds.
    </FirstTime>
  );
}

function NoTables() {
  return (
    <FirstTime icon={<Waypoints className="size-5" />} title="The database has no tables that can be seen">
      What the connection&apos;s user may not see is left out. Make a table, or give the user the right to see them, and read the schema again on the page Tables.
    </FirstTime>
  );
}
