// What does the URL of a database say?

import type { Values } from "./values";

const ENGINES: Record<string, Values["engine"]> = { "postgres:": "postgres", "postgresql:": "postgres", "mysql:": "mysql", "mariadb:": "mariadb", "sqlite:": "sqlite", "file:": "sqlite", "sqlserver:": "sqlserver", "mssql:": "sqlserver" };
const MODES: Record<string, Values["tls"]> = {
  disable: "disable",
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  "verify-ca": "verify-ca",
  "verify-full": "verify-full",
  // MySQL's words for the same.
  disabled: "disable",
  preferred: "prefer",
  required: "require",
  verify_ca: "verify-ca",
  verify_identity: "verify-full",
};

/** The fields that a URL fills; `undefined` when it is none of a database. */
export function fromUrl(text: string): Partial<Values> | undefined {
  let url: URL;
  try {
    url = new URL(text.trim().replace(/^jdbc:/, ""));
  } catch {
    return undefined;
  }
  const engine = ENGINES[url.protocol];
  if (engine === undefined) {
    return undefined;
  }
  if (engine === "sqlite") {
    return { engine, way: "direct", file: decode(`${url.hostname}${url.pathname}`.replace(/^\/+/, "")) };
  }
  const query = url.searchParams;
  const database = decode(url.pathname.replace(/^\//, ""));
  const mode = MODES[(query.get("sslmode") ?? query.get("ssl-mode") ?? query.get("sslMode") ?? "").toLowerCase()];
  const filled: Partial<Values> = {
    engine,
    way: "direct",
    host: (url.hostname || (query.get("host") ?? "")).replace(/^\[(.*)\]$/, "$1"),
    port: url.port || (query.get("port") ?? ""),
    user: decode(url.username) || (query.get("user") ?? ""),
    password: decode(url.password) || (query.get("password") ?? ""),
    database: database || (query.get("dbname") ?? ""),
  };
  return mode === undefined ? filled : { ...filled, tls: mode };
}

/** A lone `%` is no escape: passwords have it, and people forget to write `%25`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
