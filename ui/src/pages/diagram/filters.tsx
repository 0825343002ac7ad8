// How does one choose what the picture shows?

import { Eye } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import type { TableDetail } from "~/api/diagram";
import { FilterInput } from "~/parts/filter-input";
import { usePageSearch } from "~/parts/search";
import { Button } from "~/ui/button";
import { BareSelect, Segments } from "~/ui/choice";
import { count } from "~/ui/format";
import { Menu, MenuItem, MenuLine } from "~/ui/menu";
import { qualified, type SchemaGraph } from "./graph";
import type { Grouping } from "./clusters";
import { detailOf, hopsOf } from "./sight";

const ALL = "all";

interface FiltersProps {
  graph: SchemaGraph;
  grouping: Grouping;
  /** What is drawn where nobody says how much. */
  usual: TableDetail;
  search: ReactNode;
  hidden: ReadonlySet<string>;
  onShow: (keys: readonly string[]) => void;
  /** It is a table and its neighbours that is shown. */
  isAround: boolean;
  isOfGroups: boolean;
}

export function Filters({ graph, grouping, usual, search: searchBox, hidden, onShow, isAround, isOfGroups }: FiltersProps) {
  const [search, setSearch] = usePageSearch();
  const schemas = useMemo(() => [...new Set([...graph.tables.values()].map(({ schema }) => schema))].toSorted(), [graph]);
  const hasViews = useMemo(() => [...graph.tables.values()].some(({ kind }) => kind.endsWith("view")), [graph]);
  const isList = search["as"] === "list";
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {searchBox}
        <Segments
          label="What is shown"
          value={isAround ? "around" : isOfGroups ? "all" : "other"}
          onChange={(view) => setSearch({ view: view === "all" ? "all" : undefined, group: undefined, viewpoint: undefined })}
          choices={[
            { value: "around", label: "A table and its neighbours" },
            { value: "all", label: "All, by groups" },
          ]}
        />
        {isAround && (
          <Segments
            label="How far around"
            value={String(hopsOf(search))}
            onChange={(hops) => setSearch({ hops: hops === "1" ? undefined : hops })}
            choices={[
              { value: "1", label: "1 hop" },
              { value: "2", label: "2 hops" },
            ]}
          />
        )}
        <Segments
          label="Picture or list"
          value={isList ? "list" : "picture"}
          onChange={(as) => setSearch({ as: as === "list" ? "list" : undefined, sort: undefined })}
          choices={[
            { value: "picture", label: "Picture" },
            { value: "list", label: "List" },
          ]}
        />
        {hidden.size > 0 && <Hidden graph={graph} hidden={hidden} onShow={onShow} />}
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <FilterInput name="words" label="Only tables with this in their names" placeholder="Only names with…" className="w-44 max-sm:w-full" />
        {schemas.length > 1 && (
          <BareSelect
            label="Schema"
            className="max-w-48 min-w-36"
            value={schemas.includes(search["schema"] ?? "") ? (search["schema"] ?? ALL) : ALL}
            onChange={(schema) => setSearch({ schema: schema === ALL ? undefined : schema })}
            choices={[{ value: ALL, label: "All schemas" }, ...schemas.filter(Boolean).map((schema) => ({ value: schema, label: schema }))]}
          />
        )}
        {hasViews && (
          <BareSelect
            label="Kind"
            className="min-w-36"
            value={search["kind"] ?? ALL}
            onChange={(kind) => setSearch({ kind: kind === ALL ? undefined : kind })}
            choices={[
              { value: ALL, label: "Tables and views" },
              { value: "tables", label: "Tables only" },
              { value: "views", label: "Views only" },
            ]}
          />
        )}
        {isOfGroups || search["group"] !== undefined ? (
          <BareSelect<Grouping>
            label="Grouped"
            className="min-w-44"
            value={grouping}
            onChange={(by) => setSearch({ by, view: "all", group: undefined })}
            choices={[
              { value: "schema", label: "Grouped by schema" },
              { value: "prefix", label: "Grouped by name", note: "what stands before the first _" },
              { value: "links", label: "Grouped by relations", note: "what is joined with what" },
            ]}
          />
        ) : null}
        {!isOfGroups && !isList && (
          <BareSelect<TableDetail>
            label="How much of a table"
            className="min-w-36"
            value={detailOf(search) ?? usual}
            onChange={(detail) => setSearch({ detail: detail === usual ? undefined : detail })}
            choices={[
              { value: "columns", label: "All columns" },
              { value: "keys", label: "Keys only", note: "and what is joined" },
              { value: "names", label: "Names only" },
            ]}
          />
        )}
      </div>
    </div>
  );
}

function Hidden({ graph, hidden, onShow }: { graph: SchemaGraph; hidden: ReadonlySet<string>; onShow: (keys: readonly string[]) => void }) {
  const tables = [...hidden].flatMap((key) => graph.tables.get(key) ?? []);
  return (
    <Menu
      align="start"
      trigger={
        <Button size="small" icon={<Eye className="size-3.5" aria-hidden="true" />}>
          {count(hidden.size, "hidden table")}
        </Button>
      }
    >
      <MenuItem onSelect={() => onShow([...hidden])}>Show all of them</MenuItem>
      <MenuLine />
      {tables.map((table) => (
        <MenuItem key={table.key} onSelect={() => onShow([table.key])}>
          <span className="font-mono text-xs">{qualified(table)}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}
