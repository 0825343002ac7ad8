// How did the schema of a database change: since yesterday, since last week, between any two snapshots?

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Database, FileUp, Layers } from "lucide-react";
import { connectionsQuery, snapshotsQuery, type Connection, type Snapshot } from "~/api/connections";
import { rowsOf } from "~/parts/list";
import { Page } from "~/parts/page";
import { ReadSchema, useReadSchema } from "~/parts/read-schema";
import { usePageSearch } from "~/parts/search";
import { SnapshotList } from "~/parts/snapshot-list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { useScope } from "~/shell/scope";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments } from "~/ui/choice";
import { count, integer, moment } from "~/ui/format";
import { ErrorNote, Failed, FirstTime, SkeletonRows } from "~/ui/states";
import { RelativeTime, useNow } from "~/ui/time";
import { Changes } from "./changes";
import { comparedOf, withPrevious, type Compared, type Since } from "./compared";

export function SchemaHistoryPage() {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug));
  const scope = useScope(slug);
  const connection = scope.connection ?? connections.data?.[0];
  if (connections.data !== undefined && connection !== undefined) {
    return <HistoryOf key={connection.id} connection={connection} connections={connections.data} onChoose={scope.choose} />;
  }
  return (
    <Page title="Schema history" about="What became different in a schema, and how bad it may be.">
      {connections.error && connections.data === undefined ? (
        <Failed error={connections.error} onRetry={() => void connections.refetch()} />
      ) : connections.data === undefined ? (
        <SkeletonRows />
      ) : (
        <FirstTime
          icon={<Database className="size-5" />}
          title="No database is connected yet"
          actions={
            <Button asChild variant="primary">
              <Link to={paths.newConnection(slug)}>New connection</Link>
            </Button>
          }
        >
          A schema is read over a connection, and each time it has changed a snapshot is kept. This page compares them.
        </FirstTime>
      )}
    </Page>
  );
}

function HistoryOf({ connection, connections, onChoose }: { connection: Connection; connections: readonly Connection[]; onChoose: (id: string) => void }) {
  const { slug } = useWorkspace();
  const [search, setSearch] = usePageSearch();
  const mayUpload = useMay("manage_connections");
  const reading = useReadSchema(slug, connection.id);
  const snapshots = useInfiniteQuery(snapshotsQuery(slug, connection.id));
  const rows = rowsOf(snapshots.data);
  const now = useNow();
  const compared = rows && comparedOf(rows, search, now);
  const choose = (id: string) => {
    setSearch({ connection: undefined, before: undefined, after: undefined, object: undefined });
    onChoose(id);
  };
  const compare = (snapshot: Snapshot) => {
    const two = rows && withPrevious(rows, snapshot.id);
    if (two) {
      setSearch({ ...two, since: undefined, object: undefined });
    }
  };
  const importing = mayUpload && (
    <Button asChild>
      <Link to={withSearch(paths.schemaImport(slug), { connection: connection.id })}>
        <FileUp className="size-3.5" aria-hidden="true" /> Import
      </Link>
    </Button>
  );
  return (
    <Page
      title="Schema history"
      about={`What became different in the schema of ${connection.name}, and how bad it may be for what uses it.`}
      actions={
        <>
          {connections.length > 1 && <BareSelect label="Connection" className="min-w-44" value={connection.id} onChange={choose} choices={connections.map((one) => ({ value: one.id, label: one.name, note: one.environment }))} />}
          {importing}
          <ReadSchema reading={reading} />
        </>
      }
      bar={rows && rows.length > 0 && <Chooser snapshots={rows} compared={compared} />}
    >
      {reading.error && <ErrorNote error={reading.error} />}
      {snapshots.error && rows === undefined ? (
        <Failed error={snapshots.error} onRetry={() => void snapshots.refetch()} />
      ) : rows === undefined ? (
        <SkeletonRows />
      ) : (
        rows.length > 0 && <Card flush>{compared === undefined ? <OnlyOne at={rows[0]?.taken_at} /> : compared.before === compared.after ? <NoOther compared={compared} snapshots={rows} /> : <Changes connection={connection} before={compared.before} after={compared.after} />}</Card>
      )}
      {rows !== undefined && (
        <Card title="Snapshots" note={rows.length > 1 ? "opened, one is compared with the one before it" : "one for each schema it had; the same one is not kept twice"} flush>
          <SnapshotList connection={connection.id} onOpen={rows.length > 1 ? compare : undefined} selected={compared?.after} actions={<ReadSchema reading={reading} variant="primary" />} />
        </Card>
      )}
    </Page>
  );
}

const SPANS: readonly { value: Since | "two"; label: string }[] = [
  { value: "day", label: "Since yesterday" },
  { value: "week", label: "7 days" },
  { value: "month", label: "30 days" },
  { value: "two", label: "Two snapshots" },
];

/** A span up to now, or any two: all of it is in the URL. */
function Chooser({ snapshots, compared }: { snapshots: readonly Snapshot[]; compared: Compared | undefined }) {
  const [, setSearch] = usePageSearch();
  const choices = snapshots.map((one) => ({ value: one.id, label: moment(one.taken_at), note: count(one.object_count, "object") }));
  const set = (change: { before?: string; after?: string }) => setSearch({ before: compared?.before, after: compared?.after, ...change, since: undefined, object: undefined });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segments label="What is compared" value={compared?.since ?? "two"} onChange={(since) => setSearch({ since: since === "two" ? undefined : since, before: undefined, after: undefined, object: undefined })} choices={SPANS} />
      {compared && (
        <span className="flex flex-wrap items-center gap-2 text-xs text-ink-soft">
          from <BareSelect label="Older snapshot" value={compared.before} onChange={(before) => set({ before })} choices={choices} className="max-w-60" />
          to <BareSelect label="Later snapshot" value={compared.after} onChange={(after) => set({ after })} choices={choices} className="max-w-60" />
        </span>
      )}
    </div>
  );
}

function OnlyOne({ at }: { at: string | undefined }) {
  return (
    <FirstTime icon={<Layers className="size-5" />} title="There is one snapshot so far">
      The schema is as it was first read <RelativeTime at={at} />. As soon as it changes, another snapshot is kept, and what became different shows here.
    </FirstTime>
  );
}

function NoOther({ compared, snapshots }: { compared: Compared; snapshots: readonly Snapshot[] }) {
  const held = snapshots.find((one) => one.id === compared.after);
  return (
    <FirstTime icon={<Layers className="size-5" />} title={compared.since === undefined ? "Both are the same snapshot" : "Nothing changed in this time"}>
      {compared.since === undefined ? "Choose another one on either side." : <>The schema is still the one that was first found <RelativeTime at={held?.taken_at} />, with {integer(held?.object_count ?? 0)} objects.</>}
    </FirstTime>
  );
}
