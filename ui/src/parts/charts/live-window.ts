// What happened in each of the last seconds? A window of fixed size that moves on: nothing in it grows.

import type { LiveSums, Point } from "~/api/traffic";

export const COLUMNS = ["calls", "errors", "refusals", "bytesIn", "bytesOut", "p50", "p95", "p99", "sessions"] as const;
export type ColumnName = (typeof COLUMNS)[number];
type Column = (number | null)[];

/** What is added up over a second, and so is 0 where nothing came. */
const RATES = ["calls", "errors", "refusals", "bytesIn", "bytesOut"] as const;
/** Quantiles of one second of little traffic say nothing: they are of so many. */
export const QUANTILE_SECONDS = 10;
/** A message tells of the time since the one before, at most of so many seconds: before that nothing happened. */
const MESSAGE_SECONDS_MAX = 6;
const MINUTE = 60;
/** A step of duration is 1/8 of an octave wide and named by its end: its middle is 1/16 below. */
const MIDDLE = 2 ** (-1 / 16);

/** The quantiles of counts by step of duration, in microseconds; `undefined` where there are none. */
export function quantiles(counts: ReadonlyMap<number, number>, asked: readonly number[]): number[] | undefined {
  const steps = [...counts].sort(([one], [other]) => one - other);
  const all = steps.reduce((sum, [, count]) => sum + count, 0);
  if (all === 0) {
    return undefined;
  }
  return asked.map((quantile) => {
    let sum = 0;
    const found = steps.find(([, count]) => (sum += count) >= Math.ceil(quantile * all));
    return Math.round((found?.[0] ?? 0) * MIDDLE);
  });
}

/**
 * Each known value as the mean of those known in the `seconds` up to it: what happens once in a while would fill the
 * chart with spikes. Values a minute apart stay as they are.
 */
export function smoothed(column: readonly (number | null)[], seconds = QUANTILE_SECONDS): (number | null)[] {
  let sum = 0;
  let known = 0;
  return column.map((value, at) => {
    const gone = at >= seconds ? (column[at - seconds] ?? null) : null;
    sum += (value ?? 0) - (gone ?? 0);
    known += (value === null ? 0 : 1) - (gone === null ? 0 : 1);
    // What is left of adding and taking away fractions is no traffic.
    return value === null ? null : Math.max(0, sum < 1e-9 ? 0 : sum / known);
  });
}

export class LiveWindow {
  /** Seconds since 1970, one after the other. */
  readonly seconds: number[];
  readonly columns: Record<ColumnName, Column>;
  private readonly latencies: { second: number; counts: Map<number, number> }[];
  /** Up to here messages have told everything. */
  private told: number;
  private readonly born: number;
  /** Whether the message before was heard: what a first one says is of a time that nobody knows. */
  private isListening = false;

  constructor(
    readonly size: number,
    second: number,
  ) {
    this.seconds = Array.from({ length: size }, (_, index) => second - size + 1 + index);
    const empty = () => new Array<number | null>(size).fill(null);
    this.columns = { calls: empty(), errors: empty(), refusals: empty(), bytesIn: empty(), bytesOut: empty(), p50: empty(), p95: empty(), p99: empty(), sessions: empty() };
    this.latencies = Array.from({ length: QUANTILE_SECONDS }, () => ({ second: 0, counts: new Map() }));
    this.told = second;
    this.born = second;
  }

  get last(): number {
    return this.seconds[this.size - 1] ?? 0;
  }

  /** Moves on to a second; what is new is not known yet, but how many sessions there are stays. */
  advance(second: number): void {
    const by = second - this.last;
    if (by <= 0) {
      return;
    }
    const kept = Math.max(this.size - by, 0);
    const sessions = this.columns.sessions[this.size - 1] ?? null;
    for (const name of COLUMNS) {
      this.columns[name].copyWithin(0, this.size - kept);
      this.columns[name].fill(name === "sessions" ? sessions : null, kept);
    }
    for (let index = 0; index < this.size; index += 1) {
      this.seconds[index] = second - this.size + 1 + index;
    }
  }

  /** Where messages could have come and none has, nothing happened. */
  settle(second: number): void {
    this.isListening ||= second > this.told;
    for (let at = Math.max(this.told + 1, this.last - this.size + 1); at <= second; at += 1) {
      for (const name of RATES) {
        this.put(name, at, this.columns[name][this.place(at)] ?? 0);
      }
      this.told = at;
    }
  }

  /** Nothing was heard for a while: those seconds stay unknown. */
  lose(second: number): void {
    this.told = Math.max(this.told, second);
    this.isListening = false;
  }

  /** Takes what one message says of all listeners that are looked at. */
  add(second: number, sums: LiveSums): void {
    this.advance(second);
    if (!this.isListening) {
      this.isListening = true;
      this.told = Math.max(this.told, second);
      return;
    }
    const from = Math.max(Math.min(this.told, second - 1), second - MESSAGE_SECONDS_MAX);
    const parts = second - from;
    const told: Record<(typeof RATES)[number], number> = { calls: sums.calls, errors: sums.errors, refusals: sums.refusals, bytesIn: sums.bytes_in, bytesOut: sums.bytes_out };
    this.settle(from);
    for (let at = from + 1; at <= second; at += 1) {
      for (const name of RATES) {
        this.put(name, at, (this.columns[name][this.place(at)] ?? 0) + told[name] / parts);
      }
    }
    this.addLatency(second, sums.latency);
    const found = this.recentQuantiles(second);
    for (let at = from + 1; at <= second && found; at += 1) {
      this.put("p50", at, found[0] ?? null);
      this.put("p95", at, found[1] ?? null);
      this.put("p99", at, found[2] ?? null);
    }
    this.told = Math.max(this.told, second);
  }

  /** How many sessions are open from now on. */
  setSessions(count: number): void {
    this.columns.sessions[this.size - 1] = count;
  }

  /** Puts whole minutes in the place of seconds that were before the page, or were not heard. */
  seed(points: readonly Point[], nowSecond: number): void {
    for (const { at, sums } of points) {
      const begin = Math.floor(Date.parse(at) / 1_000);
      const middle = begin + MINUTE / 2;
      const isWhole = begin + MINUTE <= nowSecond;
      if (!isWhole || this.place(middle) < 0 || this.isKnown(begin)) {
        continue;
      }
      this.put("calls", middle, sums.calls / MINUTE);
      this.put("errors", middle, sums.errors / MINUTE);
      this.put("refusals", middle, sums.refusals / MINUTE);
      this.put("bytesIn", middle, sums.bytes_in / MINUTE);
      this.put("bytesOut", middle, sums.bytes_out / MINUTE);
      this.put("p50", middle, sums.p50_us ?? null);
      this.put("p95", middle, sums.p95_us ?? null);
      this.put("p99", middle, sums.p99_us ?? null);
    }
  }

  /** Whether seconds of this minute were heard themselves. */
  private isKnown(begin: number): boolean {
    if (begin + MINUTE <= this.born) {
      return false;
    }
    for (let at = begin; at < begin + MINUTE; at += 1) {
      if (at !== begin + MINUTE / 2 && this.columns.calls[this.place(at)] !== null && this.place(at) >= 0) {
        return true;
      }
    }
    return false;
  }

  private place(second: number): number {
    const place = second - this.last + this.size - 1;
    return place < this.size ? place : -1;
  }

  private put(name: ColumnName, second: number, value: number | null): void {
    const place = this.place(second);
    if (place >= 0) {
      this.columns[name][place] = value;
    }
  }

  private addLatency(second: number, latency: LiveSums["latency"]): void {
    const slot = this.latencies[second % QUANTILE_SECONDS];
    if (slot === undefined) {
      return;
    }
    if (slot.second !== second) {
      slot.second = second;
      slot.counts.clear();
    }
    for (const [step, count] of latency) {
      slot.counts.set(step, (slot.counts.get(step) ?? 0) + count);
    }
  }

  private recentQuantiles(second: number): number[] | undefined {
    const all = new Map<number, number>();
    for (const slot of this.latencies) {
      if (slot.second > second - QUANTILE_SECONDS && slot.second <= second) {
        slot.counts.forEach((count, step) => all.set(step, (all.get(step) ?? 0) + count));
      }
    }
    return quantiles(all, [0.5, 0.95, 0.99]);
  }
}
