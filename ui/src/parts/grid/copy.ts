// How are cells of a result written into the clipboard?

import type { Cell, ResultColumn } from "~/api/runs";
import { csvText, harmless } from "~/ui/table/columns";
import { distinctNames } from "./distinct-names";
import { isNumeric } from "./layout";

export type CopyFormat = "CSV" | "JSON" | "INSERT" | "Markdown";
export const COPY_FORMATS: readonly CopyFormat[] = ["CSV", "JSON", "INSERT", "Markdown"];

/** A part of a result: some columns of some rows. */
export interface Part {
  columns: readonly ResultColumn[];
  rows: readonly (readonly Cell[])[];
}

/** A value in words: a number stays one, also a negative one. */
const shown = (value: Cell, column: ResultColumn | undefined): string =>
  typeof value === "string" && column !== undefined && !isNumeric(column) && column.kind !== "bytes" ? harmless(value) : String(value);

/** RFC 4180. A missing value is nothing, an empty text is `""`; a text that a spreadsheet would take for a formula begins with an apostrophe. */
export function toCsv({ columns, rows }: Part): string {
  const quoted = (text: string) => (text === "" ? '""' : csvText(text));
  const cell = (value: Cell, column: ResultColumn | undefined): string => {
    if (value === null) {
      return "";
    }
    return quoted(shown(value, column));
  };
  const lines = rows.map((row) => row.map((value, index) => cell(value, columns[index])).join(","));
  return [columns.map((column) => quoted(harmless(column.name))).join(","), ...lines].join("\r\n");
}

/** An array of objects. Numbers with more digits than JSON's readers keep stay texts. */
export function toJson({ columns, rows }: Part): string {
  const names = distinctNames(columns);
  const value = (cell: Cell, column: ResultColumn | undefined): unknown => {
    if (column?.kind !== "json" || typeof cell !== "string") {
      return cell;
    }
    try {
      return JSON.parse(cell);
    } catch {
      return cell;
    }
  };
  return JSON.stringify(rows.map((row) => Object.fromEntries(names.map((name, index) => [name, value(row[index] ?? null, columns[index])]))), null, 2);
}

/** One INSERT a row, in the words of the database it came from. */
export function toInsert({ columns, rows }: Part, table: string, engine: string): string {
  const isMysql = engine === "mysql" || engine === "mariadb";
  const quote = isMysql ? "`" : '"';
  const name = (text: string) => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
  const literal = (value: Cell, column: ResultColumn | undefined): string => {
    if (value === null) {
      return "NULL";
    }
    if (typeof value !== "string") {
      return typeof value === "boolean" ? String(value).toUpperCase() : String(value);
    }
    if (column !== undefined && isNumeric(column) && /^-?\d+(\.\d+)?$/.test(value)) {
      return value;
    }
    if (column?.kind === "bytes" && engine !== "postgres") {
      return `X'${value.replace(/^\\x/, "")}'`;
    }
    // MySQL reads a backslash in a text as an escape, the others do not.
    const escaped = isMysql ? value.replaceAll("\\", "\\\\") : value;
    return `'${escaped.replaceAll("'", "''")}'`;
  };
  const names = distinctNames(columns).map(name).join(", ");
  return rows.map((row) => `INSERT INTO ${name(table)} (${names}) VALUES (${row.map((value, index) => literal(value, columns[index])).join(", ")});`).join("\n");
}

/** A table as tickets and wikis draw it: numbers to the right, what would break a line or a cell as signs. */
export function toMarkdown({ columns, rows }: Part): string {
  const safe = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("|", "\\|").replaceAll("<", "&lt;").replaceAll(/\r\n|\r|\n/g, "<br>");
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map((column) => safe(column.name))),
    line(columns.map((column) => (isNumeric(column) ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map((_, index) => (row[index] === null || row[index] === undefined ? "NULL" : safe(String(row[index])))))),
  ].join("\n");
}

/** What Ctrl+C copies: one cell as it is, more of them with tabs between, as spreadsheets take it: formulas are marked. */
export function toText({ columns, rows }: Part): string {
  const [first] = rows;
  if (rows.length === 1 && first?.length === 1) {
    return first[0] === null ? "" : String(first[0]);
  }
  const quoted = (text: string) => (/["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map((value, index) => quoted(value === null ? "" : shown(value, columns[index]))).join("\t")).join("\n");
}

export function write(format: CopyFormat, part: Part, table: string, engine: string): string {
  switch (format) {
    case "CSV":
      return toCsv(part);
    case "JSON":
      return toJson(part);
    case "INSERT":
      return toInsert(part, table, engine);
    case "Markdown":
      return toMarkdown(part);
  }
}
