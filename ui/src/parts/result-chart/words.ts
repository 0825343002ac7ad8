// How are the values of a chart written?

import type { Below } from "./prepare";
import type { Role } from "./roles";

const figures = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });
const large = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const minute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23", timeZone: "UTC" });

const DAY_MS = 86_400_000;

export const figure = (value: number): string => figures.format(value);
/** For axes: 1.2M. */
export const shortFigure = (value: number): string => (Math.abs(value) < 10_000 ? figures.format(value) : large.format(value));

/** What stands below a point. Times are in the zone in which the database wrote them. */
export function belowWord(below: Below, role: Role | undefined): string {
  if (role === "time" && typeof below === "number") {
    return (below % DAY_MS === 0 ? day : minute).format(below);
  }
  return typeof below === "number" ? figure(below) : below;
}
