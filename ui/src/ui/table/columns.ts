// What is a column of a table, and how are rows copied?

import type { ReactNode } from "react";

export interface Column<Row> {
  id: string;
  /** Its name: in the header, in the menu of columns, in what is copied. */
  header: string;
  cell: (row: Row) => ReactNode;
  /** What is copied and, without `sortable: "server"`, sorted by. */
  value?: (row: Row) => string | number | boolean | null | undefined;
  /** By the rows at hand, or by the server, which is asked again. */
  sortable?: boolean | "server";
  /** Pixels, before the person changes it. */
  width?: number;
  /** Takes what room is left. */
  grow?: boolean;
  numeric?: boolean;
  /** Hidden until the person shows it. */
  hidden?: boolean;
  /** A longer explanation, when pointed at. */
  help?: string;
}

/** Pixels of a column that says none. */
export const WIDTH = 140;

export interface Sort {
  id: string;
  desc: boolean;
}

type Cell = string | number | boolean | null | undefined;

export const values = <Row>(columns: readonly Column<Row>[], row: Row): Cell[] => columns.map((column) => column.value?.(row));

/** A text that a spreadsheet would take for a formula begins with an apostrophe. */
export const harmless = (text: string): string => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);

/** RFC 4180; quoted also around what separates cells elsewhere, so that no cell becomes two. */
export const csvText = (text: string): string => (/[",;\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Column names are marked as cells are: they come from what was asked. */
export function toCsv(names: readonly string[], rows: readonly Cell[][]): string {
  const cell = (value: Cell): string => {
    if (typeof value !== "string") {
      return value === null || value === undefined ? "" : String(value);
    }
    return csvText(harmless(value));
  };
  return [names, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
}

export function toJson(names: readonly string[], rows: readonly Cell[][]): string {
  return JSON.stringify(rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))), null, 2);
}

export function toInsert(table: string, names: readonly string[], rows: readonly Cell[][]): string {
  const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const literal = (value: Cell): string => {
    if (value === null || value === undefined) {
      return "NULL";
    }
    return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
  };
  return rows.map((row) => `INSERT INTO ${name(table)} (${names.map(name).join(", ")}) VALUES (${row.map(literal).join(", ")});`).join("\n");
}
