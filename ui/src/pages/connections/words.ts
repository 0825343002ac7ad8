// How are the words of a connection said to a person?

import type { Connection, ConnectionHealth } from "~/api/connections";
import type { BadgeTone } from "~/ui/badge";
import { PORTS, type Engine, type Field, type Values } from "./values";

export const ENGINES: Record<Engine, string> = { postgres: "PostgreSQL", mysql: "MySQL", mariadb: "MariaDB", sqlite: "SQLite", sqlserver: "SQL Server" };

/** The engine of a saved connection: MariaDB speaks the protocol of MySQL, and only its server knows the difference. */
export const kindName = (kind: Connection["kind"]): string => (kind === "mysql" ? "MySQL or MariaDB" : ENGINES[kind]);

export const FIELDS: Record<Field, string> = {
  name: "Name",
  engine: "Engine",
  way: "Way",
  via: "Listener",
  host: "Host",
  port: "Port",
  file: "File",
  database: "Database",
  user: "User",
  password: "Password",
  tls: "TLS",
  ca: "Certificate of the authority",
  environment: "Environment",
  readOnly: "Read-only",
  applyPolicy: "Proposed changes",
  refreshHours: "Schema read every (hours)",
  refreshOnDdl: "Schema read after DDL",
  schemas: "Only these schemas",
  excludeSchemas: "Without these schemas",
  searchPath: "Search path",
};

const POLICIES: Record<Values["applyPolicy"], string> = { never: "never made", development: "made on development", after_approval: "made after approval" };

/** A value of the form as one reads it in a comparison. */
export function shown(field: Field, values: Values): string {
  const value = values[field];
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (field === "applyPolicy") {
    return POLICIES[values.applyPolicy];
  }
  if (field === "way") {
    return value === "listener" ? "through a listener" : "straight to the server";
  }
  if (field === "port" && value === "") {
    return PORTS[values.engine];
  }
  if (field === "password") {
    return value === "" ? "kept" : "a new one";
  }
  return value === "" ? "–" : value;
}

interface Condition {
  tone: BadgeTone;
  word: string;
  meaning: string;
}

const CONDITIONS: Record<ConnectionHealth["condition"], Condition> = {
  well: { tone: "ok", word: "well", meaning: "It answers. It is looked at every 30 seconds." },
  failing: { tone: "warn", word: "failing", meaning: "It does not answer now. It is tried again by itself, with longer waits each time." },
  broken: { tone: "danger", word: "broken", meaning: "Somebody has to mend something: it is tried again only every 5 minutes, so that no account is locked." },
  unknown: { tone: "neutral", word: "not looked at yet", meaning: "Nobody has looked at it yet." },
};

export const condition = (health: ConnectionHealth): Condition => CONDITIONS[health.condition];

/** The classes of problems, as headings. */
const PROBLEMS: Record<string, string> = {
  dns: "The host name is not known",
  refused: "The server refused the connection",
  timeout: "The server did not answer in time",
  unreachable: "No way leads to the server",
  tls: "Encryption could not be agreed",
  password: "The login was refused",
  database: "There is no such database",
  permission: "The user may not do this",
  egress: "The control plane may not connect there",
  file: "The file cannot be opened",
  protocol: "Something else answers there",
  statement: "The server did not accept a statement",
  cancelled: "It was cancelled",
  limit: "The server has no room left",
  lost: "The connection was lost",
};

export const problemName = (kind: string): string => PROBLEMS[kind] ?? `It failed (${kind})`;

/** Which field to look at first, by the class of the problem. */
export const problemField: Partial<Record<string, Field>> = { dns: "host", refused: "port", timeout: "host", unreachable: "host", tls: "tls", password: "password", database: "database", permission: "user", egress: "host", file: "file", protocol: "port" };

/** Where a connection leads. */
export function place(connection: Connection): string {
  if (connection.file) {
    return connection.file;
  }
  const server = connection.host ? `${connection.host.includes(":") ? `[${connection.host}]` : connection.host}:${connection.port ?? ""}` : "";
  return connection.database === "" ? server : `${server}/${connection.database}`;
}
