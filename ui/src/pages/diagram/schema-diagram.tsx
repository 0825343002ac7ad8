// What of a schema is drawn, and what does the person do with it?

import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useRef, useState, type ReactNode } from "react";
import type { Connection } from "~/api/connections";
import { PICTURE_TABLES_MAX, type Picture, type SchemaGraphView, type SchemaJoins } from "~/api/diagram";
import { isProblem } from "~/api/problem";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Card } from "~/ui/card";
import { count, integer } from "~/ui/format";
import { ErrorNote, NothingFound, Note, Skeleton } from "~/ui/states";
import { Canvas, focusBox, type Outlook } from "./canvas";
import { clustersDrawing, tablesDrawing, usualDetail } from "./drawing";
import { ExportMenu } from "./export-menu";
import { Filters } from "./filters";
import { graphOf, qualified } from "./graph";
import type { Place } from "~/parts/graph-layout/shelves";
import { Legend } from "./legend";
import { PickedBar } from "./picked-bar";
import { GroupsList, RelationsList } from "./relations-list";
import { SearchBox } from "./search-box";
import { detailOf, filtered, groupingOf, isFiltered, keptKeys, missingAround, sightOf, type Sight } from "./sight";
import { useLayout, useStanding, type Places } from "./use-layout";
import { ViewpointsMenu, type OpenViewpoint } from "./viewpoints-menu";

interface SchemaDiagramProps {
  about: string;
  connection: Connection;
  view: SchemaGraphView;
  joins: { data: SchemaJoins | undefined; error: unknown; may: boolean };
  viewpoint: OpenViewpoint | undefined;
  viewpointError: unknown;
  chooser: ReactNode;
}

/** What was changed of one sight: another sight begins without it. */
interface Changes {
  of: string;
  added: readonly string[];
  moved: Places;
}

const NO_PLACES: Places = {};
const NONE: ReadonlySet<string> = new Set();

export function SchemaDiagram({ about, connection, view, joins, viewpoint, viewpointError, chooser }: SchemaDiagramProps) {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const whole = useMemo(() => graphOf(view.relations, joins.data), [view, joins.data]);
  const graph = useMemo(() => filtered(whole, search, search["table"]), [whole, search]);
  const [changes, setChanges] = useState<Changes>({ of: "", added: [], moved: NO_PLACES });
  const [hiding, setHiding] = useState<{ of: string; keys: ReadonlySet<string> }>({ of: "", keys: NONE });
  const [picked, setPicked] = useState<string>();
  const outlook = useRef<Outlook>(undefined);
  const wanted = useRef<string>(undefined);
  const kept = viewpoint ? `${viewpoint.viewpoint.id} ${viewpoint.viewpoint.version}` : "";
  const hidden = useMemo(() => (hiding.of === kept ? hiding.keys : new Set<string>(viewpoint?.picture.hidden)), [hiding, kept, viewpoint]);
  const bare = useMemo(() => sightOf(graph, search, viewpoint && { id: viewpoint.viewpoint.id, version: viewpoint.viewpoint.version, picture: viewpoint.picture }, hidden), [graph, search, viewpoint, hidden]);
  const own = changes.of === bare.of ? changes : { of: bare.of, added: [], moved: NO_PLACES };
  const sight = useMemo<Sight>(() => {
    if (bare.kind === "groups") {
      return bare;
    }
    const added = own.added.filter((key) => graph.tables.has(key) && !hidden.has(key) && !bare.keys.includes(key));
    return added.length === 0 ? bare : { ...bare, keys: [...bare.keys, ...added] };
  }, [bare, own.added, graph, hidden]);
  const keys = sight.kind === "tables" ? sight.keys : undefined;
  const usual = viewpoint?.picture.detail ?? usualDetail(keys?.length ?? 0);
  const detail = detailOf(search) ?? usual;
  const drawing = useMemo(() => (sight.kind === "tables" ? tablesDrawing(graph, sight.keys, detail, sight.centre) : clustersDrawing(graph, sight.clusters)), [graph, sight, detail]);
  const saved = useMemo(() => (viewpoint ? Object.fromEntries(viewpoint.picture.tables.map(({ key, x, y }) => [key, { x, y }])) : NO_PLACES), [viewpoint]);
  const arranged = useLayout(sight.of, drawing, { ...saved, ...own.moved });
  const places = useMemo(() => ({ ...arranged?.places, ...own.moved }), [arranged?.places, own.moved]);
  const standing = useStanding(bare.of, arranged, places);

  const middle = sight.kind === "tables" ? sight.centre : undefined;
  // The keyboard goes along to the table that becomes the middle.
  const jump = useCallback(
    (table: string) => {
      if (table === middle) {
        focusBox(document, table);
        return;
      }
      wanted.current = table;
      setSearch({ table, view: undefined, group: undefined, viewpoint: undefined });
    },
    [middle, setSearch],
  );
  const openGroup = useCallback((group: string) => setSearch({ group, view: undefined, viewpoint: undefined, by: groupingOf(search, graph) }), [setSearch, search, graph]);
  const isOfGroups = sight.kind === "groups";
  const open = useCallback((id: string) => (isOfGroups ? openGroup(id) : void navigate({ to: paths.table(slug, connection.id, id) })), [isOfGroups, openGroup, navigate, slug, connection.id]);
  const centre = useCallback((id: string) => (graph.tables.has(id) ? jump(id) : openGroup(id)), [graph, jump, openGroup]);
  const moved = useCallback((id: string, place: Place) => setChanges((before) => ({ of: bare.of, added: before.of === bare.of ? before.added : [], moved: { ...(before.of === bare.of ? before.moved : NO_PLACES), [id]: { x: Math.round(place.x), y: Math.round(place.y) } } })), [bare.of]);
  const add = (key: string) => setChanges({ ...own, added: [...own.added, ...missingAround(graph, key, keys ?? [], hidden)] });
  const hide = (key: string) => {
    setPicked(undefined);
    wanted.current = middle ?? keys?.find((one) => one !== key);
    setHiding({ of: kept, keys: new Set([...hidden, key]) });
  };
  const show = (some: readonly string[]) => setHiding({ of: kept, keys: new Set([...hidden].filter((key) => !some.includes(key))) });
  const look = useCallback((next: Outlook) => {
    outlook.current = next;
  }, []);
  const picture = (): Picture | undefined => {
    if (sight.kind === "groups") {
      return undefined;
    }
    const at: Places = { ...saved, ...standing(), ...own.moved };
    const tables = keptKeys(whole, sight.keys, viewpoint?.picture, own.added, hidden).slice(0, PICTURE_TABLES_MAX);
    return { tables: tables.map((key) => ({ key, x: Math.round(at[key]?.x ?? 0), y: Math.round(at[key]?.y ?? 0) })), hidden: [...hidden].slice(0, PICTURE_TABLES_MAX), detail, outlook: outlook.current };
  };
  const isChanged = own.added.length > 0 || Object.keys(own.moved).length > 0 || hiding.of === kept || detail !== usual;
  const chosen = drawing.nodes.find(({ id }) => id === picked);
  const isEmpty = sight.kind === "groups" ? sight.clusters.length === 0 : sight.keys.length === 0;
  const clear = () => setSearch({ words: undefined, schema: undefined, kind: undefined });
  const said = saying(sight, drawing.lines.length, whole.tables.size);
  const title = viewpoint?.viewpoint.name ?? (sight.kind === "tables" && sight.centre ? qualified(graph.tables.get(sight.centre) ?? { schema: "", name: "" }) : connection.name);
  return (
    <Page
      title="Diagram"
      about={`${about} Of ${connection.name}.`}
      actions={
        <>
          {chooser}
          <ViewpointsMenu connection={connection.id} open={viewpoint} picture={picture} canSave={!isOfGroups && !isEmpty && arranged?.isCurrent === true} isChanged={isChanged} onOpen={(id) => setSearch({ viewpoint: id, view: undefined, group: undefined, table: undefined, detail: undefined })} />
          <ExportMenu title={title} drawing={drawing} places={places} />
        </>
      }
      bar={<Filters graph={whole} grouping={groupingOf(search, graph)} usual={usual} search={<SearchBox graph={whole} onJump={jump} />} hidden={hidden} onShow={show} isAround={sight.kind === "tables" && sight.centre !== undefined} isOfGroups={isOfGroups} />}
    >
      <Remarks sight={sight} isUnknown={search["table"] !== undefined && !whole.tables.has(search["table"])} viewpointError={viewpointError} gone={viewpoint ? viewpoint.picture.tables.filter(({ key }) => !whole.tables.has(key)).length : 0} isCut={view.is_cut} />
      <Card flush>
        {isEmpty ? (
          <NothingFound what="tables" onClear={isFiltered(search) ? clear : undefined} />
        ) : search["as"] === "list" ? (
          sight.kind === "groups" ? <GroupsList graph={graph} clusters={sight.clusters} onOpen={openGroup} /> : <RelationsList graph={graph} connection={connection.id} keys={sight.keys} onClear={isFiltered(search) ? clear : undefined} />
        ) : (
          <>
            <PickedBar connection={connection.id} node={chosen} about={said} onCentre={jump} onAdd={add} onHide={hide} onOpenGroup={openGroup} />
            <div role="group" aria-label={`${said} The list says the same in words.`} className="h-[clamp(22rem,calc(100dvh-24.5rem),64rem)]" data-laid-out={arranged && Math.round(arranged.milliseconds)}>
              {arranged === undefined ? (
                <Skeleton className="h-full" />
              ) : (
                <Canvas key={arranged.id} label={said} drawing={arranged.drawing} places={places} outlook={viewpoint?.picture.outlook ?? undefined} picked={chosen?.id} onPick={setPicked} onOpen={open} onCentre={centre} onMoved={moved} onLook={look} wanted={wanted} isCurrent={arranged.isCurrent} />
              )}
            </div>
            <Legend isOfGroups={isOfGroups} traffic={<Traffic joins={joins} />} />
          </>
        )}
      </Card>
    </Page>
  );
}

function saying(sight: Sight, lines: number, all: number): string {
  if (sight.kind === "groups") {
    return `${count(sight.clusters.length, "group")} of ${count(all, "table")}. Open one to see its tables.`;
  }
  return `${integer(sight.keys.length)} of ${count(all, "table")}, ${count(lines, "relation")} between them.`;
}

interface RemarksProps {
  sight: Sight;
  isUnknown: boolean;
  viewpointError: unknown;
  /** Tables of the viewpoint that the schema does not have any more. */
  gone: number;
  isCut: boolean;
}

function Remarks({ sight, isUnknown, viewpointError, gone, isCut }: RemarksProps) {
  return (
    <>
      {isProblem(viewpointError, "not_found") ? <Note tone="warn">There is no such viewpoint any more: somebody deleted it. The most joined table is shown instead.</Note> : viewpointError ? <ErrorNote error={viewpointError} /> : null}
      {isUnknown && <Note tone="warn">The last snapshot does not have the table of this link: it was removed or renamed. The most joined one is shown instead.</Note>}
      {gone > 0 && <Note tone="warn">{count(gone, "table")} of this viewpoint {gone === 1 ? "is" : "are"} not in the schema any more.</Note>}
      {sight.kind === "tables" && sight.more > 0 && (
        <Note>
          {count(sight.more, "more table")} would belong here. Those that are joined most are drawn; filter by schema or name, or go on from a table by <em>Add neighbours</em>.
        </Note>
      )}
      {isCut && <Note tone="warn">The schema has more than 10,000 tables; those beyond are left out.</Note>}
    </>
  );
}

/** What is known of joins, where it is less than one would think. */
function Traffic({ joins }: { joins: SchemaDiagramProps["joins"] }) {
  const said = !joins.may
    ? "What statements join needs view_traffic: only declared keys are drawn."
    : joins.error
      ? "What statements join could not be loaded: only declared keys are drawn."
      : joins.data?.listeners.length === 0
        ? "No listener's traffic passes to this database: only declared keys are drawn."
        : undefined;
  return said && <li className="text-warn">{said}</li>;
}
