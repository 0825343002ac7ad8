// At which hours of which days was something touched, by the reader's own clock?

import type { AccessHour } from "~/api/access-report";

export interface Hours {
  /** Hours of a day, as "00". */
  columns: readonly string[];
  /** Days with something, the oldest first; days of the week where there are many. */
  rows: readonly string[];
  cells: { column: number; row: number; statements: number; refused: number }[];
}

/** More days than these are drawn as days of the week. */
export const DAYS_MAX = 31;
const COLUMNS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
const WEEK = 7;
/** A Monday: the week begins with it. */
const MONDAY = new Date(2024, 0, 1);

const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const weekdayFormat = new Intl.DateTimeFormat(undefined, { weekday: "long" });

/** An hour that a clock has twice is one cell; so are the hours of many weeks. */
export function hoursOf(hours: readonly AccessHour[]): Hours {
  const days = [...new Set(hours.map((hour) => new Date(hour.at).toDateString()))];
  const isWeek = days.length > DAYS_MAX;
  const rows = isWeek ? Array.from({ length: WEEK }, (_, day) => weekdayFormat.format(new Date(MONDAY.getFullYear(), 0, MONDAY.getDate() + day))) : days.map((day) => dayFormat.format(new Date(day)));
  const cells = new Map<string, Hours["cells"][number]>();
  for (const hour of hours) {
    const at = new Date(hour.at);
    const row = isWeek ? (at.getDay() + WEEK - 1) % WEEK : days.indexOf(at.toDateString());
    const column = at.getHours();
    const cell = cells.get(`${row} ${column}`) ?? { column, row, statements: 0, refused: 0 };
    cell.statements += hour.statements;
    cell.refused += hour.refused;
    cells.set(`${row} ${column}`, cell);
  }
  return { columns: COLUMNS, rows, cells: [...cells.values()] };
}
