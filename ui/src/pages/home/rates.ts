// What is the rate of these seconds, out of values that are not all known?

const RECENT_SECONDS = 10;

const mean = (values: readonly number[]): number | undefined => (values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length);

/** The mean of the last seconds that are known; of the last known value where they are minutes. */
export function recentRate(values: readonly (number | null)[]): number | undefined {
  const last = values.findLastIndex((value) => value !== null);
  const known = values.slice(Math.max(last - RECENT_SECONDS + 1, 0), last + 1).filter((value) => value !== null);
  return mean(known);
}

/** The same values, so many at a time; what is not known takes the value before. */
export function averaged(values: readonly (number | null)[], size: number): number[] {
  const points: number[] = [];
  for (let at = 0; at < values.length; at += size) {
    const known = values.slice(at, at + size).filter((value) => value !== null);
    const point = mean(known) ?? points.at(-1);
    if (point !== undefined) {
      points.push(point);
    }
  }
  return points;
}
