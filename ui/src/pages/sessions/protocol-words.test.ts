// Is each protocol told its own errors, privileges and statements?

import { expect, test } from "vitest";
import { afterCancel, afterTermination, endAtServer } from "./protocol-words";

test("a statement that is given up fails a transaction of PostgreSQL, and of MySQL only itself", () => {
  expect(afterCancel("postgres", true)).toMatch(/57014.*its transaction has then failed/);
  expect(afterCancel("mysql", true)).toMatch(/1317.*so does its transaction: only the statement is undone/);
  for (const [protocol, code] of [["postgres", "57014"], ["mysql", "1317"]] as const) {
    expect(afterCancel(protocol, false)).toContain(code);
    expect(afterCancel(protocol, false)).not.toContain("transaction");
  }
});

test("a client is told of the end in its own protocol", () => {
  expect(afterTermination("postgres")).toContain("57P01");
  expect(afterTermination("mysql")).toContain("1053");
});

test("a process is ended by what its server knows", () => {
  expect([endAtServer("postgres", 7), endAtServer("mysql", 7)]).toEqual(["SELECT pg_terminate_backend(7);", "KILL 7;"]);
});
