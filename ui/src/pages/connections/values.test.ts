// Is what the form says to the API what was typed, and no more?

import { expect, test } from "vitest";
import { draftOf, editOf, EMPTY, leadsElsewhere, missing, type Values } from "./values";

const typed: Values = { ...EMPTY, name: "shop", host: "db", user: "app", password: "secret", database: "shop" };

test("a draft has the server or the listener, never both", () => {
  expect(draftOf(typed)).toMatchObject({ kind: "postgres", host: "db", user: "app", password: "secret" });
  const through = draftOf({ ...typed, way: "listener", via: "shop" });
  expect(through.via).toBe("shop");
  expect(through.host).toBeUndefined();
});

test("MariaDB is spoken to as MySQL", () => {
  expect(draftOf({ ...typed, engine: "mariadb" }).kind).toBe("mysql");
});

test("a SQL Server is a server like others", () => {
  expect(draftOf({ ...typed, engine: "sqlserver" }).kind).toBe("sqlserver");
});

test("a SQLite file has no login", () => {
  const draft = draftOf({ ...typed, engine: "sqlite", file: "a.db" });
  expect(draft).toMatchObject({ kind: "sqlite", file: "a.db" });
  expect("user" in draft || "password" in draft || "tls" in draft).toBe(false);
});

test("an edit has what changed and nothing else", () => {
  expect(editOf(typed, { ...typed, name: "shop 2", password: "" })).toEqual({ name: "shop 2" });
  expect(editOf({ ...typed, password: "" }, { ...typed, port: "5433" })).toEqual({ via: null, host: "db", port: 5433, password: "secret" });
});

test("going straight again takes the listener away", () => {
  expect(editOf({ ...typed, way: "listener", via: "shop", host: "", password: "" }, { ...typed, password: "" })).toEqual({ via: null, host: "db", port: null });
});

test("the kept password does not follow to another place", () => {
  expect(leadsElsewhere(typed, { ...typed, user: "other" })).toBe(true);
  expect(leadsElsewhere(typed, { ...typed, name: "other", environment: "production", database: "other" })).toBe(false);
});

test("what is missing is told at its field", () => {
  expect(missing(EMPTY)).toEqual({ name: "A name is needed.", host: "A host is needed.", user: "A user is needed to log in." });
  expect(missing({ ...typed, tls: "verify-ca", port: "99999" })).toEqual({ ca: "Needed to verify the server's certificate.", port: "A port is a number from 1 to 65535." });
});
