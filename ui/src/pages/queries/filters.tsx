// Which queries are shown? Words, who calls them, what they touch; all of it in the URL.

import { useQuery } from "@tanstack/react-query";
import { ListFilter } from "lucide-react";
import { useMemo } from "react";
import { listenersQuery } from "~/api/listeners";
import { topQuery, type GroupBy, type Times } from "~/api/traffic";
import { Filters as Chips, type Facet } from "~/parts/facets";
import { FilterInput } from "~/parts/filter-input";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { SelectField, Switch } from "~/ui/choice";
import { Popover } from "~/ui/popover";

const FACETS: readonly Facet[] = [
  { name: "words", label: "Words" },
  { name: "application", label: "Application" },
  { name: "user", label: "User" },
  { name: "database", label: "Database" },
  { name: "listener", label: "Listener" },
  { name: "table", label: "Table" },
  { name: "class", label: "Class" },
  { name: "slow", label: "Only", show: () => "newly slow" },
];
const CLASSES = ["read", "write", "ddl", "privilege", "session", "transaction", "code", "unknown"];
const NAMES_MAX = 100;
/** A choice that stands for no filter: it has to have a value. */
const ALL = "*";

export const NO_FILTERS = Object.fromEntries(FACETS.map((facet) => [facet.name, undefined]));

export function QueryFilters({ range, slowerCount }: { range: Times; slowerCount: number | undefined }) {
  const [search, set] = usePageSearch();
  return (
    <>
      <FilterInput name="words" label="Words in the statement" main className="w-72 max-sm:w-full" />
      <Popover
        label="Filters"
        align="start"
        trigger={
          <Button icon={<ListFilter className="size-3.5" aria-hidden="true" />}>
            Filter
          </Button>
        }
      >
        <Choices range={range} />
      </Popover>
      <Switch label={slowerCount === undefined ? "Only newly slow" : `Only newly slow (${slowerCount})`} checked={search["slow"] === "1"} onChange={(on) => set({ slow: on ? "1" : undefined })} />
    </>
  );
}

export const QueryChips = () => <Chips facets={FACETS} />;

/** Asked only when it is opened: what is there to choose from. */
function Choices({ range }: { range: Times }) {
  const { slug } = useWorkspace();
  const listeners = useQuery(listenersQuery(slug)).data?.map((one) => one.name) ?? [];
  return (
    <div className="grid w-[min(26rem,80vw)] grid-cols-2 gap-3 max-sm:grid-cols-1">
      <Names name="application" label="Application" range={range} />
      <Names name="user" label="User" range={range} />
      <Names name="database" label="Database" range={range} />
      <Choice name="listener" label="Listener" values={listeners} />
      <Names name="table" label="Table" range={range} />
      <Choice name="class" label="Class" values={CLASSES} />
    </div>
  );
}

function Names({ name, label, range }: { name: GroupBy; label: string; range: Times }) {
  const { slug } = useWorkspace();
  const found = useQuery(topQuery(slug, range, name, "calls", {}, NAMES_MAX)).data;
  const values = useMemo(() => found?.items.map((item) => item.key).filter((key) => key !== "") ?? [], [found]);
  return <Choice name={name} label={label} values={values} />;
}

function Choice({ name, label, values }: { name: string; label: string; values: readonly string[] }) {
  const [search, set] = usePageSearch();
  const said = search[name];
  // What the URL says is among the choices even where it was not seen in the range.
  const all = said && !values.includes(said) ? [said, ...values] : values;
  return <SelectField label={label} value={said || ALL} onChange={(value) => set({ [name]: value === ALL ? undefined : value })} choices={[{ value: ALL, label: "All" }, ...all.map((value) => ({ value, label: value }))]} />;
}
