// What stands in the form of a connection, and what is said to the API of it?

import type { Connection, ConnectionDraft, ConnectionEdit } from "~/api/connections";

export type Engine = "postgres" | "mysql" | "mariadb" | "sqlite" | "sqlserver";

/** What is typed: flat, so that two versions of it can be compared field by field. */
export interface Values {
  name: string;
  engine: Engine;
  way: "direct" | "listener";
  via: string;
  host: string;
  port: string;
  file: string;
  database: string;
  user: string;
  password: string;
  tls: NonNullable<ConnectionDraft["tls"]>["mode"];
  ca: string;
  environment: Connection["environment"];
  readOnly: boolean;
  applyPolicy: Connection["apply_policy"];
  refreshHours: string;
  refreshOnDdl: boolean;
  schemas: string;
  excludeSchemas: string;
  searchPath: string;
}

export type Field = keyof Values;

export const PORTS: Record<Engine, string> = { postgres: "5432", mysql: "3306", mariadb: "3306", sqlite: "", sqlserver: "1433" };

export const EMPTY: Values = {
  name: "",
  engine: "postgres",
  way: "direct",
  via: "",
  host: "",
  port: "",
  file: "",
  database: "",
  user: "",
  password: "",
  tls: "prefer",
  ca: "",
  environment: "development",
  readOnly: true,
  applyPolicy: "never",
  refreshHours: "24",
  refreshOnDdl: true,
  schemas: "",
  excludeSchemas: "",
  searchPath: "",
};

const list = (names: readonly string[] | null | undefined): string => (names ?? []).join(", ");
const names = (text: string): string[] | undefined => {
  const found = text.split(/[,\n]/).map((name) => name.trim()).filter(Boolean);
  return found.length === 0 ? undefined : found;
};

/** A saved connection as it stands in the form; its password stays where it is. */
export function valuesOf(connection: Connection): Values {
  const { options } = connection;
  const direct = !connection.via;
  return {
    name: connection.name,
    engine: connection.kind,
    way: direct ? "direct" : "listener",
    via: connection.via ?? "",
    // Behind a listener these are the listener's, which nobody types.
    host: direct ? (connection.host ?? "") : "",
    port: direct && connection.port ? String(connection.port) : "",
    file: connection.file ?? "",
    database: connection.database,
    user: connection.user,
    password: "",
    tls: connection.tls.mode,
    ca: connection.tls.ca_pem ?? "",
    environment: connection.environment,
    readOnly: connection.read_only,
    applyPolicy: connection.apply_policy,
    refreshHours: String(options.refresh_hours ?? 24),
    refreshOnDdl: options.refresh_on_ddl ?? true,
    schemas: list(options.schemas),
    excludeSchemas: list(options.exclude_schemas),
    searchPath: list(options.search_path),
  };
}

const hours = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined);
const port = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined);

const optionsOf = (values: Values): NonNullable<ConnectionDraft["options"]> => ({
  refresh_hours: hours(values.refreshHours),
  refresh_on_ddl: values.refreshOnDdl,
  schemas: names(values.schemas),
  exclude_schemas: names(values.excludeSchemas),
  search_path: names(values.searchPath),
});

const tlsOf = (values: Values): NonNullable<ConnectionDraft["tls"]> => ({ mode: values.tls, ca_pem: values.ca.trim() === "" ? undefined : values.ca });

/** The connection to be. */
export function draftOf(values: Values): ConnectionDraft {
  const common: ConnectionDraft = {
    name: values.name,
    kind: values.engine === "mariadb" ? "mysql" : values.engine,
    environment: values.environment,
    read_only: values.readOnly,
    apply_policy: values.applyPolicy,
    options: optionsOf(values),
  };
  if (values.engine === "sqlite") {
    return { ...common, file: values.file };
  }
  const server = values.way === "listener" ? { via: values.via } : { host: values.host.trim() || undefined, port: port(values.port) };
  return { ...common, ...server, database: values.database, user: values.user, password: values.password || undefined, tls: tlsOf(values) };
}

const OPTIONS: readonly Field[] = ["refreshHours", "refreshOnDdl", "schemas", "excludeSchemas", "searchPath"];
/** Where any of these changes, the password that is kept may not follow: it goes only where it was meant to go. */
const WAY: readonly Field[] = ["way", "via", "host", "port", "file", "user", "tls", "ca"];

const differ = (before: Values, after: Values, fields: readonly Field[]): boolean => fields.some((field) => before[field] !== after[field]);

export const leadsElsewhere = (before: Values, after: Values): boolean => differ(before, after, WAY);

export const changedFields = (before: Values, after: Values): Field[] => (Object.keys(after) as Field[]).filter((field) => before[field] !== after[field]);

/** What is to be changed: only what differs, so that what somebody else changed beside it stays. */
export function editOf(before: Values, after: Values): ConnectionEdit {
  const edit: ConnectionEdit = {};
  const changed = (...fields: Field[]) => differ(before, after, fields);
  if (changed("name")) edit.name = after.name;
  if (changed("way", "via", "host", "port")) {
    if (after.way === "listener") {
      edit.via = after.via;
    } else {
      edit.via = null;
      edit.host = after.host.trim();
      edit.port = port(after.port) ?? null;
    }
  }
  if (changed("file")) edit.file = after.file;
  if (changed("database")) edit.database = after.database;
  if (changed("user")) edit.user = after.user;
  if (after.password !== "") edit.password = after.password;
  if (changed("tls", "ca")) edit.tls = tlsOf(after);
  if (changed("environment")) edit.environment = after.environment;
  if (changed("readOnly")) edit.read_only = after.readOnly;
  if (changed("applyPolicy")) edit.apply_policy = after.applyPolicy;
  if (changed(...OPTIONS)) edit.options = optionsOf(after);
  return edit;
}

/** What can be told without asking the API. */
export function missing(values: Values): Partial<Record<Field, string>> {
  const said: Partial<Record<Field, string>> = {};
  if (values.name.trim() === "") said.name = "A name is needed.";
  if (hours(values.refreshHours) === undefined) said.refreshHours = "A whole number of hours; 0 for never by itself.";
  if (values.engine === "sqlite") {
    if (values.file.trim() === "") said.file = "A file is needed.";
    return said;
  }
  if (values.way === "listener" && values.via === "") said.via = "Choose a listener.";
  if (values.way === "direct" && values.host.trim() === "") said.host = "A host is needed.";
  if (values.way === "direct" && values.port.trim() !== "" && !(Number(values.port) >= 1 && Number(values.port) <= 65_535)) said.port = "A port is a number from 1 to 65535.";
  if (values.user === "") said.user = "A user is needed to log in.";
  if (values.tls.startsWith("verify") && values.ca.trim() === "") said.ca = "Needed to verify the server's certificate.";
  return said;
}
