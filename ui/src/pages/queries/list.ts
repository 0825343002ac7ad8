// What does the list of queries show and ask for: which measure, which filters, which part of the time?

import type { FingerprintFilter } from "~/api/fingerprints";
import type { Measure, TopItem } from "~/api/traffic";
import type { Range } from "~/parts/range";
import type { Search } from "~/parts/search";

/** What the server can sort by; the ids of the columns are its words. */
export const MEASURES: readonly Measure[] = ["total_us", "calls", "mean", "p50", "p95", "p99", "max", "rows", "bytes", "errors", "refusals"];
const FIRST: Measure = "total_us";

export const isMeasure = (word: string | undefined): word is Measure => MEASURES.some((one) => one === word);
export const measureOf = (search: Search): Measure => (isMeasure(search["sort"]) ? search["sort"] : FIRST);
/** The word in the URL; none for the first measure. */
export const sortWord = (measure: string): string | undefined => (measure === FIRST ? undefined : measure);

export const FILTERS = ["words", "application", "user", "database", "listener", "table", "class"] as const;

export function filterOf(search: Search): FingerprintFilter {
  return Object.fromEntries(FILTERS.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
}

/** The time range as the query string of another page says it. */
export function rangeSearch(search: Search): Search {
  const { range, from, until } = search;
  return { range, from, until };
}

/** The range of the same length that ended where this one begins. */
export function rangeBefore(range: Range): { from: string; until: string } {
  const from = Date.parse(range.from);
  return { from: new Date(from - (Date.parse(range.until) - from)).toISOString(), until: range.from };
}

/** Its part of all the time that statements took, 0 to 1. */
export const shareOf = (item: TopItem, wholeUs: number): number => (wholeUs > 0 ? item.sums.total_us / wholeUs : 0);

/** What the line of a row draws: the measure sorted by, where it is told by step. */
export function trendOf(item: TopItem, measure: Measure): { values: number[]; what: string } | undefined {
  const trend = item.detail?.trend;
  if (trend === undefined || trend.length < 2) {
    return undefined;
  }
  if (measure === "calls") {
    return { values: trend.map((step) => step.calls), what: "Calls" };
  }
  return measure === "p95" ? { values: trend.map((step) => step.p95_us ?? 0), what: "p95" } : { values: trend.map((step) => step.total_us), what: "Time" };
}

/** How many are known: "1,204 fingerprints" only where the end was seen. */
export function howMany(rows: number, isAll: boolean, format: (value: number) => string): string {
  return `${format(rows)}${isAll ? "" : "+"} ${rows === 1 && isAll ? "fingerprint" : "fingerprints"}`;
}
