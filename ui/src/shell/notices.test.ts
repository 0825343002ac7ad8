// Are refusals told as they were, by rule, with a link that shows them?

import { expect, test } from "vitest";
import type { Refusal } from "~/api/traffic";
import { refusalNotices } from "./notices";

const hour = { from: "2026-11-21T14:00:00.000Z", until: "2026-11-21T15:00:00.000Z" };
const refusal = (rule: string, verdict: string, at: string): Refusal => ({ at, rule, verdict, listener: "shop", session: "s", caller: { user: "u", database: "d", application: "a" } }) as Refusal;

test("one notice a rule, with how often and when last", () => {
  const latest = [refusal("safe/drop", "hold", "2026-11-21T14:50:00Z"), refusal("safe/where", "refuse", "2026-11-21T14:40:00Z"), refusal("safe/where", "refuse", "2026-11-21T14:30:00Z"), refusal("", "refuse", "2026-11-21T14:20:00Z")];
  const notices = refusalNotices("default", hour, latest);
  expect(notices.map((one) => [one.title, one.detail, one.at])).toEqual([
    ["2 statements were refused at shop", "by the rule safe/where, in the last hour", Date.parse("2026-11-21T14:40:00Z")],
    ["1 statement was held at shop", "by the rule safe/drop, in the last hour", Date.parse("2026-11-21T14:50:00Z")],
    ["1 statement was refused at shop", "by the listener's default, in the last hour", Date.parse("2026-11-21T14:20:00Z")],
  ]);
  expect(refusalNotices("default", hour, Array.from({ length: 200 }, () => refusal("safe/where", "refuse", hour.from)))[0]?.title).toBe("At least 200 statements were refused at shop");
  expect(notices[1]?.path).toContain("events=statement.held");
});

test("what no rule refused is put down to what did", () => {
  const detail = (codes: string[]) => refusalNotices("default", hour, codes.map((sqlstate) => ({ ...refusal("", "refuse", hour.from), sqlstate })))[0]?.detail;
  expect(detail(["58030", "58030"])).toBe("by the ledger, which could not record it, in the last hour");
  expect(detail(["58030", "42501"])).toBe("by the ledger, which could not record it; the listener's default, in the last hour");
});
