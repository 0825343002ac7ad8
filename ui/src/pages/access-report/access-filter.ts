// What does the URL of the report ask for, and how does it lead to the records behind it?

import type { AccessFilter } from "~/api/access-report";
import type { Range } from "~/parts/range";
import { rangeSearch } from "~/parts/range-search";
import type { Search } from "~/parts/search";
import { paths, withSearch } from "~/paths";

/** The words in the URL that the API knows by the same name. */
export const FIELDS = ["table", "user", "application", "database", "listeners", "class"] as const;

export const CLASSES = ["read", "write", "ddl", "privilege", "session", "transaction", "maintenance", "code", "unknown"] as const;

export function filterOf(search: Search, range: Range): AccessFilter {
  return { ...Object.fromEntries(FIELDS.flatMap((name) => (search[name] ? [[name, search[name]]] : []))), from: range.from, until: range.until };
}

/** Events of statements: what a session did besides is not in the report either. */
const EVENTS = "statement.outcome,statement.refused,statement.held";
const REFUSED = "statement.refused,statement.held";

/** The records behind a part of the report. */
export function recordsOf(workspace: string, filter: AccessFilter, range: Range, change: Search, isRefused = false): string {
  const same = Object.fromEntries(FIELDS.flatMap((name) => (filter[name] ? [[name, filter[name]]] : [])));
  return withSearch(paths.audit(workspace), { ...same, ...rangeSearch(range), events: isRefused ? REFUSED : EVENTS, ...change });
}

/** The same question about somebody or something else. */
export function reportOf(workspace: string, range: Range, change: Search): string {
  return withSearch(paths.accessReport(workspace), { ...rangeSearch(range), ...change });
}
