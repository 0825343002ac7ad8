// What does the definition of an object say? Read from the API's open JSON; what is not there is left out.

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const words = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const word = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

export interface TableColumn {
  ordinal: number;
  name: string;
  type: string;
  isNullable: boolean;
  isPrimary: boolean;
  /** What it holds when nothing is said: a default, a number, an expression. */
  otherwise: string | undefined;
  /** `table.column` that its values must be in. */
  references: string | undefined;
  comment: string | undefined;
}

export interface TableKey {
  name: string;
  kind: "primary key" | "unique key" | "foreign key" | "check" | "exclusion";
  /** Columns, or the condition. */
  what: string;
  note: string | undefined;
}

export interface TableIndex {
  name: string;
  method: string;
  columns: string;
  isUnique: boolean;
  isUnusable: boolean;
  predicate: string | undefined;
  definition: string | undefined;
  bytes: number | undefined;
  scans: number | undefined;
  lastUsedAt: number | undefined;
}

export interface Definition {
  owner: string | undefined;
  comment: string | undefined;
  columns: TableColumn[];
  keys: TableKey[];
  indexes: TableIndex[];
  /** Who else may do what: privileges by grantee. */
  grants: { grantee: string; privileges: string }[];
  /** Short facts with their names. */
  facts: { label: string; value: string }[];
}

const IDENTITY: Record<string, string> = { always: "numbered by the server", by_default: "numbered by the server unless a value is given", auto_increment: "AUTO_INCREMENT" };

function columnOf(json: Json, primary: readonly string[], foreign: readonly Json[]): TableColumn {
  const name = String(json["name"] ?? "");
  const generated = isObject(json["generated"]) ? json["generated"] : undefined;
  const key = foreign.find((one) => words(one["columns"]).includes(name));
  const target = key && isObject(key["references"]) ? key["references"] : undefined;
  const at = key ? words(key["columns"]).indexOf(name) : -1;
  return {
    ordinal: number(json["ordinal"]) ?? 0,
    name,
    type: String(json["data_type"] ?? ""),
    isNullable: json["nullable"] === true,
    isPrimary: primary.includes(name),
    otherwise: generated ? `computed: ${String(generated["expression"] ?? "")}` : (word(json["default"]) ?? IDENTITY[String(json["identity"] ?? "")]),
    references: target && `${String(target["table"] ?? "")}.${words(target["columns"])[at] ?? ""}`,
    comment: word(json["comment"]),
  };
}

const ACTIONS: Record<string, string> = { restrict: "refused", cascade: "cascades", set_null: "sets NULL", set_default: "sets the default" };

function foreignKey(json: Json): TableKey {
  const target = isObject(json["references"]) ? json["references"] : {};
  const notes = [ACTIONS[String(json["on_delete"] ?? "")] && `delete ${ACTIONS[String(json["on_delete"])]}`, ACTIONS[String(json["on_update"] ?? "")] && `update ${ACTIONS[String(json["on_update"])]}`, json["not_validated"] === true && "not validated", json["not_enforced"] === true && "not enforced"];
  const schema = word(target["schema"]);
  return {
    name: String(json["name"] ?? ""),
    kind: "foreign key",
    what: `${words(json["columns"]).join(", ")} → ${schema ? `${schema}.` : ""}${String(target["table"] ?? "")} (${words(target["columns"]).join(", ")})`,
    note: notes.filter(Boolean).join(", ") || undefined,
  };
}

function keysOf(relation: Json): TableKey[] {
  const key = (kind: TableKey["kind"]) => (json: Json) => ({ name: String(json["name"] ?? ""), kind, what: words(json["columns"]).join(", "), note: json["nulls_not_distinct"] === true ? "NULL counts as a value" : undefined });
  return [
    ...(isObject(relation["primary_key"]) ? [key("primary key")(relation["primary_key"])] : []),
    ...list(relation["unique_keys"]).map(key("unique key")),
    ...list(relation["foreign_keys"]).map(foreignKey),
    ...list(relation["checks"]).map((json): TableKey => ({ name: String(json["name"] ?? ""), kind: "check", what: String(json["expression"] ?? ""), note: json["not_validated"] === true ? "not validated" : undefined })),
    ...list(relation["exclusions"]).map((json): TableKey => ({ name: String(json["name"] ?? ""), kind: "exclusion", what: String(json["definition"] ?? ""), note: undefined })),
  ];
}

function indexOf(json: Json, measured: Json): TableIndex {
  const name = String(json["name"] ?? "");
  const counted = isObject(measured[name]) ? measured[name] : {};
  const include = words(json["include"]);
  const lastUsed = number(counted["last_used_us"]);
  return {
    name,
    method: String(json["method"] ?? ""),
    columns: words(json["columns"]).join(", ") + (include.length > 0 ? ` (carries ${include.join(", ")})` : ""),
    isUnique: json["unique"] === true,
    isUnusable: json["unusable"] === true,
    predicate: word(json["predicate"]),
    definition: word(json["definition"]),
    bytes: number(counted["size_bytes"]),
    scans: number(counted["scans"]),
    lastUsedAt: lastUsed === undefined ? undefined : lastUsed / 1_000,
  };
}

function grantsOf(definition: Json): Definition["grants"] {
  const by = new Map<string, string[]>();
  for (const grant of list(definition["grants"])) {
    const grantee = String(grant["grantee"] ?? "");
    const column = word(grant["column"]);
    by.set(grantee, [...(by.get(grantee) ?? []), String(grant["privilege"] ?? "") + (column ? ` (${column})` : "")]);
  }
  return [...by].map(([grantee, privileges]) => ({ grantee, privileges: privileges.join(", ") }));
}

function partitionOf(json: Json): string {
  const parent = isObject(json["parent"]) ? json["parent"] : {};
  return `${String(parent["schema"] ?? "")}.${String(parent["name"] ?? "")} ${String(json["bound"] ?? "")}`;
}

function factsOf(detail: Json, relation: Json | undefined): Definition["facts"] {
  const facts: [string, unknown][] = [];
  if (relation) {
    const parent = isObject(relation["partition_of"]) ? relation["partition_of"] : undefined;
    facts.push(["Partitioned by", relation["partition_key"]], ["Partition of", parent && partitionOf(parent)], ["Row security", relation["row_security"] === true ? (relation["row_security_forced"] === true ? "on, for the owner too" : "on") : undefined]);
    facts.push(...Object.entries(isObject(relation["options"]) ? relation["options"] : {}));
  } else {
    for (const [kind, value] of Object.entries(detail)) {
      if (Array.isArray(value)) {
        facts.push([kind === "enum" ? "Labels" : kind, words(value).join(", ")]);
      } else if (isObject(value)) {
        facts.push(...Object.entries(value).filter(([name, one]) => name !== "definition" && ["string", "number", "boolean"].includes(typeof one)));
      }
    }
  }
  return facts.flatMap(([label, value]) => (value === undefined || value === null || value === "" ? [] : [{ label: label.replaceAll("_", " "), value: String(value) }]));
}

/** What the page of an object shows. */
export function readDefinition(definition: unknown, measurements: unknown): Definition {
  const said = isObject(definition) ? definition : {};
  const detail = isObject(said["detail"]) ? said["detail"] : {};
  const relation = isObject(detail["relation"]) ? detail["relation"] : undefined;
  const primary = isObject(relation?.["primary_key"]) ? words(relation["primary_key"]["columns"]) : [];
  const foreign = list(relation?.["foreign_keys"]);
  const measured = isObject(measurements) && isObject(measurements["indexes"]) ? measurements["indexes"] : {};
  return {
    owner: word(said["owner"]),
    comment: word(said["comment"]),
    columns: list(relation?.["columns"]).map((column) => columnOf(column, primary, foreign)),
    keys: relation ? keysOf(relation) : [],
    indexes: list(relation?.["indexes"]).map((index) => indexOf(index, measured)),
    grants: grantsOf(said),
    facts: factsOf(detail, relation),
  };
}
