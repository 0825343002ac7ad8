// Which conditions does the URL of the audit say, and what are they called?

import type { FacetField, LedgerFacets, LedgerFilter } from "~/api/ledger";
import type { Facet } from "~/parts/facets";
import type { Range } from "~/parts/range";
import type { Search } from "~/parts/search";
import { EVENTS, eventWord } from "./events";

/** The words in the URL that the API knows by the same name. */
const SAME = ["user", "database", "application", "session", "fingerprint", "table", "class", "verdict", "rule", "sqlstate", "listeners", "events"] as const;

/** All words in the URL that hold records back, but for the time. */
export const FILTER_NAMES = [...SAME, "words", "min"] as const;

/** "250", "250ms", "1.5s", "2 min" in microseconds; milliseconds when no unit is said. */
export function durationUs(text: string | undefined): number | undefined {
  const match = /^\s*(\d+(?:[.,]\d+)?)\s*(us|µs|ms|s|min)?\s*$/i.exec(text ?? "");
  if (match?.[1] === undefined) {
    return undefined;
  }
  const units: Record<string, number> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000, min: 60_000_000 };
  return Math.round(Number(match[1].replace(",", ".")) * (units[match[2]?.toLowerCase() ?? "ms"] ?? 1_000));
}

export function filterOf(search: Search, range: Range): LedgerFilter {
  const said = Object.fromEntries(SAME.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
  return { ...said, text: search["words"] || undefined, total_us_min: durationUs(search["min"]), from: range.from, until: range.until };
}

/** The chips above the table. */
export const CHIPS: readonly Facet[] = [
  { name: "verdict", label: "verdict" },
  { name: "class", label: "class" },
  { name: "user", label: "user" },
  { name: "application", label: "application" },
  { name: "listeners", label: "listener" },
  { name: "events", label: "event", show: (value) => value.split(",").map(eventWord).join(", ") },
  { name: "sqlstate", label: "SQLSTATE" },
  { name: "rule", label: "rule" },
  { name: "database", label: "database" },
  { name: "table", label: "table" },
  { name: "fingerprint", label: "fingerprint" },
  { name: "session", label: "session" },
  { name: "min", label: "at least", show: (value) => (durationUs(value) === undefined ? `${value}: not a duration` : /^[\d.,\s]+$/.test(value) ? `${value.trim()} ms` : value) },
  { name: "words", label: "text" },
];

/** A facet counts a field; the search names two of them in the plural. */
export const FACET_NAMES: Record<FacetField, string> = { verdict: "verdict", class: "class", user: "user", application: "application", listener: "listeners", event: "events", sqlstate: "sqlstate", rule: "rule" };

export const FACET_LABELS: Record<FacetField, string> = { verdict: "Verdict", class: "Class", user: "User", application: "Application", listener: "Listener", event: "Event", sqlstate: "SQLSTATE", rule: "Rule" };

/** Fields whose values are known beforehand: the newest records that are counted need not have them all. */
const CLOSED: Partial<Record<FacetField, readonly string[]>> = {
  verdict: ["allow", "refuse", "hold"],
  class: ["read", "write", "ddl", "privilege", "session", "transaction", "maintenance", "code", "unknown"],
  event: EVENTS,
};

interface FacetValue {
  value: string;
  /** Absent where none of those counted has it. */
  count?: number;
}

/** What was counted, and after it the values that any record may have: what is rare can be asked for as well. */
export function facetValues({ field, values }: LedgerFacets["facets"][number]): FacetValue[] {
  const counted = new Set(values.map(({ value }) => value));
  return [...values, ...(CLOSED[field] ?? []).filter((value) => !counted.has(value)).map((value) => ({ value }))];
}
