// Are the periods the ones the API tells, and is no kind without a word?

import { expect, test } from "vitest";
import { keptThings, kindOf } from "./words";

// The file stands outside of what the bundler may read, and the console's own code knows no node.
const node: string = "node:fs";
const { readFileSync } = (await import(/* @vite-ignore */ node)) as { readFileSync: (path: string, encoding: "utf8") => string };

const periods = { traffic_minutes_hours: 48, traffic_hours_days: 30, traffic_days_days: 400, traffic_events_days: 31, run_days: 29, notice_days: 28, activity_days: 33, token_days: 34, invitation_days: 35, connection_usage_days: 36, schema_snapshots: 50, recent: 51, session_hours: 12 };

test("every period of the API is told", () => {
  const told = keptThings(periods).map((thing) => thing.period).join("\n");
  for (const value of Object.values(periods)) {
    expect(told).toMatch(new RegExp(`\\b${value}\\b`));
  }
});

test("what no time is set for is kept as long as what it belongs to", () => {
  const told = keptThings({ ...periods, activity_days: 0, token_days: 0, invitation_days: 0, connection_usage_days: 0 });
  const periodOf = (what: string) => told.find((thing) => thing.what === what)?.period;
  expect(periodOf("Activity")).toMatch(/^for ever;/);
  expect(periodOf("Accounts and sign-in")).toBe("until the account is erased; ended tokens as well");
  expect(periodOf("Invitations")).toBe("when ended, as long as the workspace");
  expect(periodOf("Runs")).toBe("29 days; their sums as long as the connection");
  expect(keptThings(periods).map((thing) => `${thing.period} ${thing.change}`).join("\n")).not.toContain("fixed");
});

test("every kind that is counted has words", () => {
  const source = readFileSync("../admin/store/src/kept.rs", "utf8");
  const kinds = [...source.matchAll(/^\s+\(?"([a-z_]+)",(?: "SELECT COUNT|$)/gm)].map((match) => match[1] ?? "");
  expect(kinds).toContain("runs");
  expect(kinds.length).toBeGreaterThan(9);
  for (const kind of kinds) {
    expect(kindOf({ kind }).fate, kind).not.toBe("see the documentation");
  }
});
