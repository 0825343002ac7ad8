// What is this table made of, and how does the traffic use it?

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { SquareTerminal, Waypoints } from "lucide-react";
import { connectionsQuery } from "~/api/connections";
import { RELATIONS, schemaObjectQuery, tableUsageQuery, type SchemaEntry, type SchemaObject, type TableUsage } from "~/api/tables";
import { isProblem } from "~/api/problem";
import { useNoteOpened } from "~/parts/note-opened";
import { Page } from "~/parts/page";
import { RangePicker, useRange } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card, Figure } from "~/ui/card";
import { bytes, compact, integer, rate } from "~/ui/format";
import { Failed, NotAllowed, Note, Skeleton, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { RelativeTime } from "~/ui/time";
import { ColumnsTable } from "./columns-table";
import { readDefinition, type Definition } from "./definition";
import { DefinitionParts } from "./definition-parts";
import { DependentsPanel } from "./dependents-panel";
import { HistoryPanel } from "./history-panel";
import { KeysAndIndexes } from "./keys-and-indexes";
import { sampleText } from "./sample";
import { SamplePanel } from "./sample-panel";
import { kindWord } from "./tree-lines";
import { UsagePanel } from "./usage-panel";

const RANGES = ["1h", "24h", "7d", "30d"] as const;

export function TablePage() {
  const { slug } = useWorkspace();
  const { connection = "", key = "" } = useParams({ strict: false });
  const [search] = usePageSearch();
  const range = useRange("7d");
  const maySeeTraffic = useMay("view_traffic");
  const object = useQuery(schemaObjectQuery(slug, connection, key));
  const isRelation = object.data !== undefined && RELATIONS.has(object.data.object.kind);
  const usage = useQuery({ ...tableUsageQuery(slug, connection, key, { from: range.from, until: range.until }), enabled: isRelation && maySeeTraffic });
  const known = useQuery(connectionsQuery(slug)).data?.find((one) => one.id === connection);
  useNoteOpened("table", object.data && `${connection}/${key}`);
  const entry = object.data?.object;
  const name = entry ? [entry.schema, entry.name].filter(Boolean).join(".") : "Table";
  const definition = object.data && readDefinition(object.data.definition, object.data.measurements);
  const tab = search["tab"] ?? "";
  return (
    <Page
      title={name}
      heading={entry ? <Heading object={object.data} /> : <Skeleton className="h-7 w-56" />}
      about={<span dir="auto">{definition?.comment ?? ""}</span>}
      crumbs={
        <>
          <Link to={withSearch(paths.tables(slug), { connection })}>Tables</Link>
          {known && ` / ${known.name}`}
        </>
      }
      actions={
        isRelation &&
        entry && (
          <>
            <Button asChild>
              <Link to={withSearch(paths.diagram(slug), { connection, table: key })}>
                <Waypoints className="size-3.5" aria-hidden="true" /> Diagram
              </Link>
            </Button>
            <OpenInSql connection={connection} entry={entry} engine={known?.kind ?? "postgres"} />
          </>
        )
      }
    >
      {object.data === undefined || definition === undefined ? (
        object.error ? (
          <Missing error={object.error} onRetry={() => void object.refetch()} />
        ) : (
          <SkeletonRows />
        )
      ) : (
        <>
          {isRelation && <Figures object={object.data} usage={usage.data} />}
          <div className="flex flex-wrap items-end justify-between gap-2">
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <Tabs label="Sides of the table" current={tab} tabs={tabsOf(definition, isRelation, usage.data)} />
            </div>
            {isRelation && (tab === "use" || tab === "") && maySeeTraffic && <RangePicker otherwise="7d" ranges={RANGES} />}
          </div>
          <Side tab={tab} connection={connection} engine={known?.kind ?? "postgres"} object={object.data} definition={definition} isRelation={isRelation} usage={usage} />
        </>
      )}
    </Page>
  );
}

const tabsOf = (definition: Definition, isRelation: boolean, usage: TableUsage | undefined) =>
  isRelation
    ? [
        { value: "", label: "Columns", count: definition.columns.length },
        { value: "keys", label: "Keys and indexes", count: definition.keys.length + definition.indexes.length },
        { value: "use", label: "Use", count: usage && usage.callers.length > 0 ? usage.callers.length : undefined },
        { value: "dependents", label: "Dependents" },
        { value: "definition", label: "Definition" },
        { value: "sample", label: "Sample" },
        { value: "history", label: "History" },
      ]
    : [
        { value: "", label: "Definition" },
        { value: "dependents", label: "Dependents" },
        { value: "history", label: "History" },
      ];

function Heading({ object }: { object: SchemaObject | undefined }) {
  return (
    object && (
      <span className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 font-mono break-all">
          {object.object.schema && <span className="font-normal text-ink-faint">{object.object.schema}.</span>}
          {object.object.name}
        </span>
        <Badge>{kindWord(object.object.kind)}</Badge>
      </span>
    )
  );
}

function OpenInSql({ connection, entry, engine }: { connection: string; entry: SchemaEntry; engine: string }) {
  const { slug } = useWorkspace();
  const may = useMay("run_queries");
  return (
    may && (
      <Button asChild>
        <Link to={withSearch(paths.sql(slug), { connection, sql: sampleText(entry, engine, 100).replace(" FROM ", "\nFROM ").replace(/ LIMIT (?=\d+$)/, "\nLIMIT ") })}>
          <SquareTerminal className="size-3.5" aria-hidden="true" /> Open in SQL
        </Link>
      </Button>
    )
  );
}

function Missing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { slug } = useWorkspace();
  if (isProblem(error, "not_found")) {
    return (
      <Note tone="warn">
        The last snapshot does not have it: it was removed or renamed, or its schema was not read yet. <Link to={paths.tables(slug)} className="font-medium underline">All tables</Link>
      </Note>
    );
  }
  return <Failed error={error} onRetry={onRetry} />;
}

function Figures({ object, usage }: { object: SchemaObject; usage: TableUsage | undefined }) {
  const { row_estimate: rows, size_bytes: size } = object.object;
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
        <Figure label="Rows, roughly" value={typeof rows === "number" ? compact(rows) : "–"} />
        <Figure label="Size" value={typeof size === "number" ? bytes(size) : "–"} />
        <Figure label="Reads" value={usage ? integer(usage.reads) : "–"} note={usage && `${rate(usage.reads_per_minute)} a minute`} />
        <Figure label="Writes" value={usage ? integer(usage.writes) : "–"} note={usage && `${rate(usage.writes_per_minute)} a minute`} />
        <Figure label="Last used" value={usage?.last_seen_at ? <RelativeTime at={usage.last_seen_at} className="text-base" /> : "–"} />
        <Figure label="Schema seen" value={<RelativeTime at={object.seen_at} className="text-base" />} />
      </dl>
    </Card>
  );
}

interface SideProps {
  tab: string;
  connection: string;
  engine: string;
  object: SchemaObject;
  definition: Definition;
  isRelation: boolean;
  usage: { data: TableUsage | undefined; error: unknown; refetch: () => unknown };
}

function Side({ tab, connection, engine, object, definition, isRelation, usage }: SideProps) {
  const maySeeTraffic = useMay("view_traffic");
  const { key } = object.object;
  if (tab === "dependents") {
    return <DependentsPanel connection={connection} objectKey={key} />;
  }
  if (tab === "history") {
    return <HistoryPanel connection={connection} objectKey={key} />;
  }
  if (!isRelation || tab === "definition") {
    return <DefinitionParts object={object} engine={engine} definition={definition} />;
  }
  if (tab === "keys") {
    return <KeysAndIndexes definition={definition} />;
  }
  if (tab === "sample") {
    return <SamplePanel key={key} connection={connection} entry={object.object} />;
  }
  if (tab === "use") {
    return maySeeTraffic ? <UsagePanel connection={connection} objectKey={key} usage={usage.data} error={usage.error} onRetry={() => void usage.refetch()} /> : <NotAllowed what="how the table is used" capability="view_traffic" />;
  }
  return <ColumnsTable connection={connection} objectKey={key} definition={definition} usage={usage.data} />;
}
