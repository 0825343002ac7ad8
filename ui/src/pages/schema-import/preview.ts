// What does a file seem to hold, before it is sent? The server has the say; this is a look at the beginning.

import type { SchemaFileKind } from "~/api/tables";

/** What is looked at of a file: its beginning. */
const LOOKED_AT = 200_000;
/** JSON has no beginning that can be read by itself; a larger one is not looked into. */
const JSON_MAX = 8_000_000;
const ROWS = 20;

export interface Preview {
  header: string[];
  rows: string[][];
  /** What was counted; nothing where the whole was not looked at. */
  tables: number | undefined;
  columns: number | undefined;
  /** Why there is nothing to see. */
  problem?: string;
}

export const previewOf = (text: string, kind: SchemaFileKind): Preview => (kind === "text/csv" ? ofCsv(text) : ofJson(text));

/** The rows of a CSV text, with quotes; at most `most` of them. */
export function csvRows(text: string, delimiter: string, most = Infinity): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let isQuoted = false;
  const endRow = () => {
    row.push(field);
    field = "";
    if (row.some((one) => one.trim() !== "")) {
      rows.push(row);
    }
    row = [];
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const letter = text[at] ?? "";
    if (isQuoted) {
      if (letter !== '"') {
        field += letter;
      } else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else {
        isQuoted = false;
      }
    } else if (letter === '"' && field === "") {
      isQuoted = true;
    } else if (letter === delimiter) {
      row.push(field);
      field = "";
    } else if (letter === "\n") {
      endRow();
    } else if (letter !== "\r") {
      field += letter;
    }
  }
  if (rows.length < most && (field !== "" || row.length > 0)) {
    endRow();
  }
  return rows;
}

/** The one that the first line has most of. */
export function delimiterOf(text: string): string {
  const first = text.slice(0, text.search(/\r?\n|$/));
  const of = (delimiter: string) => first.split(delimiter).length;
  return [",", ";", "\t"].reduce((best, one) => (of(one) > of(best) ? one : best));
}

function ofCsv(text: string): Preview {
  const start = text.replace(/^\uFEFF/, "");
  const isWhole = start.length <= LOOKED_AT;
  const rows = csvRows(start.slice(0, LOOKED_AT), delimiterOf(start));
  const [header = [], ...body] = rows;
  const at = (name: string) => header.findIndex((one) => one.trim().toLowerCase() === name);
  const tables = new Set(body.map((row) => `${row[at("schema")] ?? ""}.${row[at("table")] ?? ""}`));
  return { header, rows: body.slice(0, ROWS), tables: isWhole && at("table") >= 0 ? tables.size : undefined, columns: isWhole ? body.length : undefined, ...(rows.length === 0 ? { problem: "The file is empty." } : {}) };
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const word = (value: unknown): string => (typeof value === "string" ? value : "");

function ofJson(text: string): Preview {
  const nothing = { header: [], rows: [], tables: undefined, columns: undefined };
  if (text.length > JSON_MAX) {
    return { ...nothing, problem: "The file is large: it is looked into when it is sent." };
  }
  let read: unknown;
  try {
    read = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return { ...nothing, problem: `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}` };
  }
  const objects = isObject(read) ? listOf(read["objects"]) : [];
  const tables = objects.length > 0 ? objects : listOf(isObject(read) ? read["tables"] : read);
  const columnsOf = (table: Json): number => {
    const definition = isObject(table["definition"]) ? table["definition"] : {};
    const detail = isObject(definition["detail"]) ? definition["detail"] : {};
    const relation = isObject(detail["relation"]) ? detail["relation"] : {};
    return listOf(table["columns"] ?? relation["columns"]).length;
  };
  const rows = tables.slice(0, ROWS).map((table) => [word(table["schema"]) || "public", word(table["name"]), word(table["kind"]) || "table", String(columnsOf(table)), word(table["comment"])]);
  return { header: ["schema", "name", "kind", "columns", "comment"], rows, tables: tables.length, columns: tables.reduce((sum, table) => sum + columnsOf(table), 0), ...(tables.length === 0 ? { problem: "No list of `tables` or `objects` was found." } : {}) };
}
