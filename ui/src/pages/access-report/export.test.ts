// Does what is taken away say what was found, and how far that goes?

import { expect, test } from "vitest";
import type { AccessGroups, AccessReport } from "~/api/access-report";
import { csvOf, fileName } from "./export";

const counts = { statements: 3, reads: 2, writes: 1, defines: 0, failed: 0, refused: 4, rows_read: 20, rows_changed: 1 };
const none: AccessGroups = { items: [], groups_left_out: 0, statements_left_out: 0 };
const users: AccessGroups = { items: [{ name: "=app", known_as: ["Web shop"], counts, users: ["=app"], applications: ["a", "b"], tables: ["orders"] }], groups_left_out: 2, statements_left_out: 0 };
const report: AccessReport = {
  progress: { records: 7, records_read: 9, reached_at: "2026-11-21T10:00:00Z" },
  cut: "records",
  segments: 4,
  segments_unsearched: 1,
  incomplete: [],
  all: counts,
  users,
  applications: none,
  classes: none,
  tables: none,
  statements: none,
  claims: none,
  addresses: none,
  hours: [],
  refusals: [],
  unfinished: 0,
  without_table: 0,
  unjudged: 0,
  with_functions: 0,
};

test("each group is a row that no spreadsheet runs, and the last one says where it ends", () => {
  const lines = csvOf(report).trimEnd().split("\r\n");
  expect(lines).toHaveLength(3);
  expect(lines[1]).toContain("users,'=app,Web shop,3,2,1,0,0,4,20,1,");
  expect(lines[1]).toContain('"a; b"');
  expect(lines[2]).toContain("cut (records): nothing before 2026-11-21T10:00:00Z; 2 groups left out; 1 of 4 segments not read");
});

test("a file is named by what was asked, without what file systems do not like", () => {
  expect(fileName({ table: "shop/orders", user: "app" }, new Date(Date.UTC(2026, 10, 21, 9, 30)))).toBe("access-shop_orders-app-20261121-0930");
});
