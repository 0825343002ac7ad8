// How are numbers, times and sizes written? The same everywhere, in the reader's own language.

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
// One clock everywhere: an hour is never read as the other half of the day.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const exactClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23" });
const minuteClock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** 1,234,567 */
export const integer = (value: number): string => whole.format(value);
/** 1.2M */
export const compact = (value: number): string => (Math.abs(value) < 10_000 ? whole.format(value) : short.format(value));
/** 12.5 % of one. */
export const percent = (value: number): string => share.format(value);

/** A rate: digits where they say something. */
export const rate = (value: number): string => (value >= 100 ? compact(value) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** Microseconds as people say them: 840 µs, 12.4 ms, 3.2 s, 4 min 10 s. */
export function duration(us: number | null | undefined): string {
  if (us === null || us === undefined) {
    return "–";
  }
  if (us < 1_000) {
    return `${whole.format(us)} µs`;
  }
  if (us < 1_000_000) {
    return `${(us / 1_000).toFixed(us < 10_000 ? 2 : us < 100_000 ? 1 : 0)} ms`;
  }
  if (us < 60_000_000) {
    return `${(us / 1_000_000).toFixed(us < 10_000_000 ? 2 : 1)} s`;
  }
  const seconds = Math.round(us / 1_000_000);
  if (seconds < 3_600) {
    return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  }
  const hours = Math.floor(seconds / 3_600);
  return hours < 48 ? `${hours} h ${Math.floor((seconds % 3_600) / 60)} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Bytes by powers of 1,000, as disks and networks count. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1_000 && unit < units.length - 1) {
    scaled /= 1_000;
    unit += 1;
  }
  return `${unit === 0 || scaled >= 100 ? Math.round(scaled) : scaled.toFixed(1)} ${units[unit] ?? ""}`;
}

/** "3 min ago", "in 2 h": to the nearest, so that 90 days are 3 months a moment later, too. */
export function ago(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1_000);
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [3_600, "minute"],
    [86_400, "hour"],
    [2_592_000, "day"],
    [31_536_000, "month"],
    [Infinity, "year"],
  ];
  let size = 1;
  for (const [below, unit] of steps) {
    const units = Math.round(seconds / size);
    if (Math.abs(units * size) < below) {
      return unit === "second" && Math.abs(units) < 5 ? "now" : relative.format(units, unit);
    }
    size = below;
  }
  return absolute.format(at);
}

/** Day and time, in the zone of the browser. */
export const moment = (at: string | number): string => absolute.format(new Date(at));
/** The time of the day only. */
export const timeOfDay = (at: string | number): string => clock.format(new Date(at));
/** The time of the day to the millisecond. */
export const exactTimeOfDay = (at: string | number): string => exactClock.format(new Date(at));
/** The time of the day to the minute. */
export const minuteOfDay = (at: string | number): string => minuteClock.format(new Date(at));
/** The day only. */
export const date = (at: string | number): string => day.format(new Date(at));

/** What a longer text begins with, up to a whole word: for a title. */
export function firstWords(text: string, longest = 60): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= longest) {
    return line;
  }
  const cut = line.slice(0, longest);
  const end = cut.lastIndexOf(" ");
  return `${end > longest / 2 ? cut.slice(0, end) : cut}…`;
}

/** "1 row", "2 rows". */
export const count = (value: number, one: string, many = `${one}s`): string => `${integer(value)} ${value === 1 ? one : many}`;
