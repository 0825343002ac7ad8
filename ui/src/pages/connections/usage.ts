// Which days does a chart of the last days have, used or not?

interface Day {
  day: string;
  queries: number;
  rows: number;
  bytes: number;
}

const DAY_MS = 86_400_000;

/** One entry for each of `count` days up to `now` (UTC): the API leaves out days without use. */
export function daysOf(used: readonly Day[], count: number, now: Date): Day[] {
  const known = new Map(used.map((day) => [day.day, day]));
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(now.getTime() - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, queries: 0, rows: 0, bytes: 0 };
  });
}
