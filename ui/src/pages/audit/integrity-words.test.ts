// Is the worst that is known of a ledger told first, and are its rules told in sentences?

import { describe, expect, it } from "vitest";
import type { LedgerPlane } from "~/api/ledger";
import { isBroken, progressOf, retentionOf, stateOf } from "./integrity-words";

const KEPT: LedgerPlane = {
  plane: "p",
  plane_name: "gateway-1",
  writer: "writing",
  writer_started_at: "",
  sync: "group",
  records: 1,
  bytes: 1,
  records_lost: 0,
  gaps: 0,
  failures: 0,
  queue_bytes: 0,
  segments: 1,
  segments_unsearched: 0,
  segment_bytes: 1,
  listeners: [],
  integrity: "unchecked",
  completeness: "unchecked",
  self_check: { state: "idle" },
  checks: [],
  copies: [],
  retention: { days: 0, bytes: 0 },
};

describe("the state of a ledger", () => {
  it("is the worst that is known", () => {
    const differs = { what: "last_line_at_start", at: "", result: "differs", remarks: [] };
    const copy = { name: "siem", to: "", content: "records", lag_seconds: 3, is_failing: true, is_blocking: false };
    const blocking = { ...copy, is_blocking: true };
    const worse: Partial<LedgerPlane>[] = [{}, { failures: 1 }, { retention: { days: 1, bytes: 0, held_up: "a copy" } }, { copies: [copy] }, { gaps: 1 }, { writer: "failing" }, { copies: [blocking] }, { checks: [differs] }, { completeness: "broken" }];
    let plane = KEPT;
    const words = worse.map((change) => {
      plane = { ...plane, ...change };
      return stateOf(plane).word;
    });
    expect(words).toEqual(["writing", "writing, after failures", "writing, nothing is removed", "writing, a copy fails", "records are missing", "cannot write now", "a required copy fails", "a check failed", "not whole"]);
  });

  it("is broken by either verdict, and by no other word", () => {
    const verdicts = ["unchecked", "holds", "cannot_tell", "broken"] as const;
    expect(verdicts.map((integrity) => isBroken({ integrity, completeness: "holds" }))).toEqual([false, false, false, true]);
    expect(verdicts.map((completeness) => isBroken({ integrity: "holds", completeness }))).toEqual([false, false, false, true]);
  });
});

describe("a check that goes on", () => {
  it("is as far as it has read", () => {
    expect(progressOf({ state: "waiting" })).toBeUndefined();
    expect(progressOf({ state: "running", bytes_read: 0, bytes_total: 0 })).toBeUndefined();
    expect(progressOf({ state: "running", bytes_read: 25, bytes_total: 100 })).toBe(0.25);
    expect(progressOf({ state: "running", bytes_read: 120, bytes_total: 100 })).toBe(1);
  });
});

describe("the rule of retention", () => {
  it("is a sentence", () => {
    const size = (value: number) => `${value} B`;
    const rules = [
      { days: 0, bytes: 0 },
      { days: 1, bytes: 0 },
      { days: 90, bytes: 0 },
      { days: 0, bytes: 5 },
      { days: 90, bytes: 5 },
    ];
    expect(rules.map((rule) => retentionOf(rule, size))).toEqual([
      "Records are kept for ever.",
      "Records older than a day are removed, in whole segments.",
      "Records older than 90 days are removed, in whole segments.",
      "The oldest records are removed while all take more than 5 B, in whole segments.",
      "Records older than 90 days are removed, and the oldest while all take more than 5 B, in whole segments.",
    ]);
  });
});
