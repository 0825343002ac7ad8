// Which lines does the tree of schemas, kinds and objects have, when some of them are open?

import { RELATIONS, type SchemaGroup } from "~/api/tables";

export type Line =
  | { kind: "schema"; schema: string; count: number; isOpen: boolean }
  | { kind: "group"; schema: string; of: string; count: number; isOpen: boolean }
  /** The `index`th object of its kind; it is loaded when it comes into view. */
  | { kind: "leaf"; schema: string; of: string; index: number };

/** So few schemas are all open at first. */
const FEW = 3;

/** In this order kinds stand in a schema: what is asked for most, first. */
const KINDS = ["table", "partitioned_table", "foreign_table", "view", "materialized_view", "function", "procedure", "sequence", "enum", "domain", "type", "extension", "schema"];

const PLURALS: Record<string, string> = { table: "tables", partitioned_table: "partitioned tables", foreign_table: "foreign tables", view: "views", materialized_view: "materialized views", function: "functions", procedure: "procedures", sequence: "sequences", enum: "enums", domain: "domains", type: "types", extension: "extensions", schema: "schemas" };

export const kindWord = (kind: string): string => kind.replaceAll("_", " ");
export const kindWords = (kind: string): string => PLURALS[kind] ?? `${kindWord(kind)}s`;

/** What is listed: tables and views, everything, or one kind. */
export const isListed = (kind: string, kinds: string | undefined): boolean => (kinds === undefined ? RELATIONS.has(kind) : kinds === "all" || kind === kinds);

export interface Opened {
  /** Schemas that are open; `undefined` before anybody opened or closed one. */
  open: readonly string[] | undefined;
  /** Kinds of a schema (`schema/kind`) that are not as they are at first: tables and views open, others closed. */
  turned: readonly string[];
}

export const groupName = (schema: string, kind: string): string => `${schema}/${kind}`;

/** Schemas that are open now. */
export function openSchemas(groups: readonly SchemaGroup[], opened: Opened): readonly string[] {
  const schemas = [...new Set(groups.map((group) => group.schema))];
  return opened.open ?? (schemas.length <= FEW ? schemas : []);
}

export function linesOf(groups: readonly SchemaGroup[], opened: Opened): Line[] {
  const open = new Set(openSchemas(groups, opened));
  const turned = new Set(opened.turned);
  const bySchema = new Map<string, SchemaGroup[]>();
  for (const group of groups) {
    bySchema.set(group.schema, [...(bySchema.get(group.schema) ?? []), group]);
  }
  const lines: Line[] = [];
  for (const [schema, kinds] of bySchema) {
    lines.push({ kind: "schema", schema, count: kinds.reduce((sum, group) => sum + group.count, 0), isOpen: open.has(schema) });
    if (!open.has(schema)) {
      continue;
    }
    for (const { kind: of, count } of [...kinds].sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind))) {
      // A schema of one kind needs no closed lid over it.
      const isOpen = (RELATIONS.has(of) || kinds.length === 1) !== turned.has(groupName(schema, of));
      lines.push({ kind: "group", schema, of, count, isOpen });
      for (let index = 0; isOpen && index < count; index += 1) {
        lines.push({ kind: "leaf", schema, of, index });
      }
    }
  }
  return lines;
}

/** What is in no schema has no name, and what is empty has no place in the URL. */
const NAMELESS = "~";
const writeName = (name: string): string => (name === "" ? NAMELESS : encodeURIComponent(name).replaceAll("~", "%7E").replaceAll("-", "%2D"));

/** A list in the URL: names may hold commas. */
export const readList = (text: string | undefined): string[] | undefined => (text === undefined ? undefined : text === "-" ? [] : text.split(",").map((name) => (name === NAMELESS ? "" : decoded(name))));
export const writeList = (names: readonly string[]): string => (names.length === 0 ? "-" : names.map(writeName).join(","));

/** Anybody can write an address. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The one with it where it is not, the other way round where it is. */
export const toggled = (names: readonly string[], name: string): string[] => (names.includes(name) ? names.filter((one) => one !== name) : [...names, name]);
