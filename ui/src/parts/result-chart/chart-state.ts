// How is a result to be drawn, and how is that written into an address?

export const CHART_KINDS = ["line", "bar", "area", "scatter", "pie", "number"] as const;
export type ChartKind = (typeof CHART_KINDS)[number];

/** What becomes of the rows that have the same value below: `each` draws every row by itself. */
export const AGGREGATES = ["each", "sum", "average", "least", "most", "count"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** How long the pieces are into which times are put together. */
export const STEPS = ["exact", "minute", "hour", "day", "month"] as const;
export type Step = (typeof STEPS)[number];

/** Columns are told by their names: those that come twice have a number behind. */
export interface ChartState {
  kind: ChartKind;
  aggregate: Aggregate;
  step: Step;
  /** What stands below; nothing for a number. */
  x: string | undefined;
  /** What is drawn; nothing where rows are counted. */
  y: readonly string[];
  /** A line or a colour for each of its values. */
  split: string | undefined;
}

/** More are not told apart by their colours. */
export const SERIES_MAX = 6;

const isOneOf = <T extends string>(words: readonly T[], word: string | undefined): word is T => (words as readonly (string | undefined)[]).includes(word);

/** `bar:sum:exact:state:total,tax:region`. */
export function writeChart({ kind, aggregate, step, x, y, split }: ChartState): string {
  const name = (text: string | undefined) => encodeURIComponent(text ?? "");
  return [kind, aggregate, step, name(x), y.map(name).join(","), name(split)].join(":");
}

/** What was written; `undefined` for what nobody wrote so. */
export function readChart(text: string | undefined): ChartState | undefined {
  const [kind, aggregate, step, x, y, split, ...rest] = (text ?? "").split(":");
  if (!isOneOf(CHART_KINDS, kind) || !isOneOf(AGGREGATES, aggregate) || !isOneOf(STEPS, step) || rest.length > 0) {
    return undefined;
  }
  try {
    const name = (part: string | undefined) => (part === undefined || part === "" ? undefined : decodeURIComponent(part));
    const drawn = (y ?? "").split(",").flatMap((part) => name(part) ?? []);
    return { kind, aggregate, step, x: name(x), y: drawn.slice(0, SERIES_MAX), split: name(split) };
  } catch {
    return undefined;
  }
}

/** Whether all it names is among the columns: what was drawn of another result is not drawn of this one. */
export function fitsColumns({ x, y, split }: ChartState, names: readonly string[]): boolean {
  const isThere = (name: string | undefined) => name === undefined || names.includes(name);
  return isThere(x) && isThere(split) && y.every(isThere);
}
