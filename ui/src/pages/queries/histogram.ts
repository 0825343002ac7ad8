// How are durations spread? Steps of the server put into bars of the same width on a scale of octaves.

import type { LatencyStep } from "~/api/fingerprints";

export interface Bar {
  /** Microseconds: from (exclusive) and up to. */
  from: number;
  until: number;
  count: number;
}

/** The server's steps are an eighth of an octave; a bar is a whole number of them. */
const STEPS_PER_OCTAVE = 8;
const BARS_MAX = 32;
const BARS_MIN = 6;

const stepOf = (us: number): number => Math.floor(Math.log2(Math.max(us, 1)) * STEPS_PER_OCTAVE);
const usOf = (step: number): number => 2 ** (step / STEPS_PER_OCTAVE);

/** Bars without a gap from the shortest to the longest, each with its count. */
export function barsOf(latency: readonly LatencyStep[]): Bar[] {
  const counted = latency.filter((step) => step.count > 0);
  const places = counted.map((step) => stepOf(step.up_to_us));
  const lowest = Math.min(...places);
  const highest = Math.max(...places);
  if (counted.length === 0) {
    return [];
  }
  const steps = highest - lowest + 1;
  const wide = Math.max(1, Math.ceil(steps / BARS_MAX));
  const bars = Math.max(BARS_MIN, Math.ceil(steps / wide));
  const first = lowest - Math.floor((bars * wide - steps) / 2);
  const made = Array.from({ length: bars }, (_, index): Bar => ({ from: usOf(first + index * wide), until: usOf(first + (index + 1) * wide), count: 0 }));
  counted.forEach((step, index) => {
    const bar = made[Math.floor(((places[index] ?? lowest) - first) / wide)];
    if (bar) {
      bar.count += step.count;
    }
  });
  return made;
}

/** Where a duration stands between the ends, 0 to 1. */
export function placeOf(us: number, bars: readonly Bar[]): number | undefined {
  const low = bars[0]?.from;
  const high = bars.at(-1)?.until;
  if (low === undefined || high === undefined || us <= 0) {
    return undefined;
  }
  return Math.min(1, Math.max(0, Math.log2(us / low) / Math.log2(high / low)));
}

/** Round durations between the ends, for the axis: 1, 2, 5, 10 … microseconds and up; at most seven of them. */
export function ticksOf(bars: readonly Bar[]): number[] {
  const low = bars[0]?.from ?? 1;
  const high = bars.at(-1)?.until ?? 1;
  const all: number[] = [];
  for (let power = 1; power <= high; power *= 10) {
    all.push(...[1, 2, 5].map((digit) => digit * power).filter((value) => value >= low && value <= high));
  }
  const powers = all.filter((value) => Number.isInteger(Math.log10(value)));
  return all.length <= TICKS_MAX || powers.length < 2 ? all.slice(0, TICKS_MAX) : powers;
}

const TICKS_MAX = 7;
