// Which values may be meant: users, applications, tables that were seen, words that rules know?

import { queryOptions } from "@tanstack/react-query";
import { connectionsQuery } from "~/api/connections";
import { knownFingerprintsQuery, namesQuery, type RelationNames } from "~/api/find";
import { listenersQuery } from "~/api/listeners";
import { queryClient } from "~/api/queries";
import { topQuery, type GroupBy } from "~/api/traffic";
import { conditionOf, type Source } from "./reference";

export interface Suggestion {
  value: string;
  /** Where it is from. */
  about?: string;
}

const SEEN_DAYS = 7;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SEEN_MAX = 100;
/** Schemas of so many connections are asked: each may have thousands of tables. */
const CONNECTIONS_MAX = 4;
/** So many are offered at once. */
export const OFFERED_MAX = 50;

async function seen(workspace: string, group: GroupBy): Promise<string[]> {
  const until = Math.ceil(Date.now() / HOUR_MS) * HOUR_MS;
  const times = { from: new Date(until - SEEN_DAYS * DAY_MS).toISOString(), until: new Date(until).toISOString() };
  const found = await queryClient.fetchQuery({ ...topQuery(workspace, times, group, "calls", {}, SEEN_MAX), staleTime: HOUR_MS });
  return found.items.map((item) => item.key).filter((key) => key !== "");
}

async function relations(workspace: string): Promise<RelationNames[]> {
  const connections = await queryClient.fetchQuery({ ...connectionsQuery(workspace), staleTime: 60_000 });
  const read = connections.filter((one) => one.last_snapshot).slice(0, CONNECTIONS_MAX);
  const names = await Promise.all(read.map((one) => queryClient.fetchQuery(namesQuery(workspace, one.id)).catch(() => [])));
  return names.flat();
}

export interface Observed {
  sources: Readonly<Record<Source, readonly Suggestion[]>>;
  relations: readonly RelationNames[];
}

const plainName = (schema: string, name: string): string => (schema === "" || schema === "public" ? name : `${schema}.${name}`);

/** What may be completed; a source that may not be asked or does not answer offers nothing. */
export const observedQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["observed-for-rules", workspace],
    staleTime: 300_000,
    retry: false,
    queryFn: async (): Promise<Observed> => {
      const quiet = async <T>(asked: Promise<T[]>): Promise<T[]> => asked.catch(() => []);
      const [users, databases, applications, tables, known, fingerprints, listeners] = await Promise.all([
        quiet(seen(workspace, "user")),
        quiet(seen(workspace, "database")),
        quiet(seen(workspace, "application")),
        quiet(seen(workspace, "table")),
        quiet(relations(workspace)),
        quiet(queryClient.fetchQuery(knownFingerprintsQuery(workspace))),
        quiet(queryClient.fetchQuery({ ...listenersQuery(workspace), staleTime: 60_000 })),
      ]);
      const was = (about: string) => (value: string) => ({ value, about });
      const ofSchema = known.map((one) => ({ value: plainName(one.schema, one.name), about: one.kind.replaceAll("_", " ") }));
      const inSchema = new Set(ofSchema.map((one) => one.value));
      const schemas = new Set(known.map((one) => one.schema).filter((name) => name !== ""));
      return {
        relations: known,
        sources: {
          user: users.map(was("was seen")),
          database: databases.map(was("was seen")),
          application: applications.map(was("was seen")),
          table: [...ofSchema, ...tables.filter((name) => !inSchema.has(name)).map(was("was seen"))],
          schema: [...schemas].map(was("of the schema")),
          fingerprint: fingerprints.map((one) => ({ value: one.fingerprint, about: one.text.slice(0, 60) })),
          listener: listeners.map((one) => ({ value: one.name, about: "listener" })),
        },
      };
    },
  });

/** What may stand as a value of a condition, best first. */
export function suggestions(observed: Observed | undefined, lists: readonly string[], key: string, typed: string): Suggestion[] {
  const condition = conditionOf(key);
  if (condition === undefined || condition.shape !== "words") {
    return [];
  }
  const all: Suggestion[] = [
    ...(condition.values ?? []).map((value) => ({ value })),
    ...(condition.source ? (observed?.sources[condition.source] ?? []) : []),
    ...(key === "column" ? columns(observed, typed) : []),
    ...lists.map((name) => ({ value: `@${name}`, about: "list" })),
  ];
  const wanted = typed.toLowerCase();
  const starts = all.filter((one) => one.value.toLowerCase().startsWith(wanted));
  const holds = wanted === "" ? [] : all.filter((one) => !one.value.toLowerCase().startsWith(wanted) && one.value.toLowerCase().includes(wanted));
  return [...starts, ...holds].slice(0, OFFERED_MAX);
}

/** Tables first; the columns of one when its name and a dot are typed. */
function columns(observed: Observed | undefined, typed: string): Suggestion[] {
  const known = observed?.relations ?? [];
  const dot = typed.lastIndexOf(".");
  if (dot < 0) {
    return known.map((one) => ({ value: `${plainName(one.schema, one.name)}.`, about: "a table: go on with its column" }));
  }
  const owner = typed.slice(0, dot).toLowerCase();
  return known
    .filter((one) => plainName(one.schema, one.name).toLowerCase() === owner)
    .flatMap((one) => [`${plainName(one.schema, one.name)}.*`, ...one.columns.map((column) => `${plainName(one.schema, one.name)}.${column}`)])
    .map((value) => ({ value, about: "column" }));
}
