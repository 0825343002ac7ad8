// Whose traffic is looked at? A listener, an application, a user, a database; in the URL.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { listenersQuery } from "~/api/listeners";
import { topQuery, type GroupBy, type TailFilter, type Times, type TrafficFilter } from "~/api/traffic";
import { FilterInput } from "~/parts/filter-input";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { BareSelect } from "~/ui/choice";

export const NO_FILTERS = { listener: undefined, application: undefined, user: undefined, database: undefined, class: undefined, verdict: undefined, text: undefined };

/** The filters that the URL says; the same object while they are the same. */
export function useTrafficFilter(): TrafficFilter {
  const [{ listener, application, user, database }] = usePageSearch();
  return useMemo(() => said({ listener, application, user, database }), [listener, application, user, database]);
}

/** The same with what only single statements have. */
export function useTailFilter(): TailFilter {
  const [{ listener, application, user, database, class: kind, verdict, text }] = usePageSearch();
  return useMemo(() => said({ listener, application, user, database, class: kind, verdict, text }), [listener, application, user, database, kind, verdict, text]);
}

/** What is empty is not asked. */
const said = <T extends Record<string, string | undefined>>(words: T): Partial<T> => Object.fromEntries(Object.entries(words).filter(([, word]) => word !== undefined && word !== "")) as Partial<T>;

/** A value of a select that stands for no filter: an item must have one. */
const ALL = "*";
const NAMES_MAX = 50;
const CLASSES = ["read", "write", "ddl", "privilege", "session", "transaction", "code", "unknown"];
const VERDICTS = ["allow", "refuse", "hold", "unjudged"];

export function TrafficFilters({ range, withStatements }: { range: Times; withStatements: boolean }) {
  const { slug } = useWorkspace();
  const listeners = useQuery(listenersQuery(slug)).data?.map((one) => one.name) ?? [];
  const applications = useNames("application", range);
  const users = useNames("user", range);
  const databases = useNames("database", range);
  const [search, set] = usePageSearch();
  const isFiltered = Object.keys(NO_FILTERS).some((name) => Boolean(search[name]));
  return (
    <>
      {withStatements && <FilterInput name="text" label="Words in the statement" main className="w-64 max-sm:col-span-2 max-sm:w-full" />}
      <Select name="listener" label="Listener" all="All listeners" values={listeners} />
      <Select name="application" label="Application" all="All applications" values={applications} />
      <Select name="user" label="User" all="All users" values={users} />
      <Select name="database" label="Database" all="All databases" values={databases} />
      {withStatements && <Select name="class" label="Class" all="All classes" values={CLASSES} />}
      {withStatements && <Select name="verdict" label="Verdict" all="All verdicts" values={VERDICTS} />}
      {isFiltered && (
        <Button size="small" variant="quiet" onClick={() => set(NO_FILTERS)}>
          Clear filters
        </Button>
      )}
    </>
  );
}

/** Who was seen in the range, most calls first; whoever has no name cannot be asked for. */
function useNames(group: GroupBy, range: Times): string[] {
  const { slug } = useWorkspace();
  return useQuery(topQuery(slug, range, group, "calls", {}, NAMES_MAX)).data?.items.map((item) => item.key).filter((name) => name !== "") ?? [];
}

function Select({ name, label, all, values }: { name: string; label: string; all: string; values: readonly string[] }) {
  const [search, set] = usePageSearch();
  const current = search[name] ?? "";
  const known = current === "" || values.includes(current) ? values : [current, ...values];
  return <BareSelect label={label} value={current || ALL} onChange={(value) => set({ [name]: value === ALL ? undefined : value })} choices={[{ value: ALL, label: all }, ...known.map((value) => ({ value, label: value }))]} className="max-w-52 max-sm:max-w-none max-sm:min-w-full" />;
}
