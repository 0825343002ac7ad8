// What are the columns of a result to a chart: times, numbers, names of things?

import type { Cell, ResultColumn } from "~/api/runs";
import { distinctNames } from "../grid/distinct-names";
import { isNumeric } from "../grid/layout";

export type Role = "time" | "number" | "category";

export interface Axis {
  /** Told apart from the others by it. */
  name: string;
  /** Its place in a row. */
  index: number;
  role: Role;
  /** A number that names something: nobody adds it up. */
  isKey: boolean;
}

const TIMES: ReadonlySet<string> = new Set(["date", "timestamp", "moment"]);
const LOOKED_AT = 200;
const KEY_NAME = /(^|_)(id|key|no|number|code|year|zip|postcode)$/i;

/** Milliseconds of a time as the API writes it. A time without a zone is drawn as it is written. */
export function timeOf(value: Cell | undefined): number | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d(-\d\d)?/.test(value)) {
    return undefined;
  }
  const text = value.replace(" ", "T");
  const hasTime = text.includes("T");
  const hasZone = /(Z|[+-]\d\d(:?\d\d)?)$/i.test(text.slice(10));
  const at = Date.parse(hasTime && !hasZone ? `${text}Z` : text.replace(/([+-]\d\d)$/, hasTime ? "$1:00" : "$1"));
  return Number.isNaN(at) ? undefined : at;
}

export function numberOf(value: Cell | undefined): number | undefined {
  if (value === null || value === undefined || value === "") {
    return undefined;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Where the database does not say what a column holds, its values do. */
function roleOf(column: ResultColumn, values: readonly Cell[]): Role {
  if (TIMES.has(column.kind)) {
    return "time";
  }
  if (isNumeric(column)) {
    return "number";
  }
  const told = values.filter((value) => value !== null);
  if ((column.kind === "any" || column.kind === "other") && told.length > 0) {
    if (told.every((value) => typeof value === "number")) {
      return "number";
    }
    return told.every((value) => timeOf(value) !== undefined) ? "time" : "category";
  }
  return "category";
}

/** The columns as what can be drawn of them. */
export function axesOf(columns: readonly ResultColumn[], rows: readonly (readonly Cell[])[]): Axis[] {
  const names = distinctNames(columns);
  return columns.map((column, index) => {
    const values = rows.slice(0, LOOKED_AT).map((row) => row[index] ?? null);
    const role = roleOf(column, values);
    return { name: names[index] ?? "", index, role, isKey: role === "number" && column.kind !== "float" && column.kind !== "decimal" && KEY_NAME.test(column.name) };
  });
}
