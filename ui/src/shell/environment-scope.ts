// Of which environment are the things on a page, so that none is taken for a lesser one?

import type { Connection } from "~/api/connections";
import { environmentOf, type Listener } from "~/api/listeners";
import { environmentName, type EnvironmentName } from "~/parts/environment";

const GUARD: Record<EnvironmentName, number> = { production: 3, staging: 2, development: 1, "": 0 };

/** Pages that show the chosen connection, and nothing else. */
const OF_CHOSEN = new Set(["sql", "saved-queries", "tables", "diagram", "schema-history"]);
/** Pages that show one object of the connection their path names. */
const OF_PATH = new Set(["connections", "tables"]);
/** Lists that can be narrowed to listeners, and the word in the URL that does it. */
const BY_LISTENER: Record<string, string> = { traffic: "listener", queries: "listener", sessions: "listener", audit: "listeners" };
/** The tabs of those lists that are narrowed with them. */
const NARROWED_TABS = new Set(["", "tail", "ended"]);

export interface Looked {
  /** Of the page: `/w/shop/traffic`. */
  path: string;
  search: Partial<Record<string, string>>;
  chosen: Connection | undefined;
  connections: readonly Connection[];
  listeners: readonly Listener[];
}

const most = (all: readonly EnvironmentName[]): EnvironmentName => all.reduce<EnvironmentName>((guarded, one) => (GUARD[one] > GUARD[guarded] ? one : guarded), "");

/** The environment of the connection a page is narrowed to; of all other pages, the most guarded of what they may show. */
export function environmentOn({ path, search, chosen, connections, listeners }: Looked): EnvironmentName {
  const [, inside, , page = "", object] = path.split("/");
  const isOfWorkspace = inside === "w";
  const named = isOfWorkspace && OF_PATH.has(page) && object !== undefined ? connections.find((one) => one.id === decoded(object)) : undefined;
  // A saved query may name a connection of its own, which is not the chosen one.
  const connection = named ?? (isOfWorkspace && object === undefined && OF_CHOSEN.has(page) ? chosen : undefined);
  if (connection) {
    return environmentName(connection.environment);
  }
  const all = most([...connections.map((one) => environmentName(one.environment)), ...listeners.map((one) => environmentName(environmentOf(one)))]);
  const word = isOfWorkspace && object === undefined && NARROWED_TABS.has(search["tab"] ?? "") ? BY_LISTENER[page] : undefined;
  const names = word === undefined ? [] : (search[word] ?? "").split(",").filter(Boolean);
  return names.length === 0 ? all : ofListeners(names, listeners) ?? all;
}

/** Nothing when one of them is not known, or does not say which it has: it may be any. */
function ofListeners(names: readonly string[], listeners: readonly Listener[]): EnvironmentName | undefined {
  const said = names.map((name) => listeners.find((one) => one.name === name)).map((one) => (one ? environmentName(environmentOf(one)) : ""));
  return said.includes("") ? undefined : most(said);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
