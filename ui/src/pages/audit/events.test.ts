// Are records told in the right words, and is their time shared out right?

import { describe, expect, it } from "vitest";
import type { LedgerLine } from "~/api/ledger";
import { eventWord, outcomeOf, summaryOf } from "./events";
import { stepsOf } from "./timing-bars";

const line = (said: Partial<LedgerLine>): LedgerLine => ({ v: 1, id: "01", ts: "2026-11-21T14:00:00.000000Z", event: "statement.outcome", ...said });

describe("the words of a record", () => {
  it("say how a statement ended", () => {
    const words = [{ message_class: "ok" }, { message_class: "integrity_constraint_violation", sqlstate: "23505" }, { message_class: "skipped" }, { message_class: "lost" }, { event: "statement.refused" }, { event: "statement.held" }, { event: "statement.intent" }, { event: "session.start" }];
    expect(words.map((said) => outcomeOf(line(said))?.word)).toEqual(["completed", "failed", "skipped", "lost", "refused", "held", "begins", undefined]);
    expect(outcomeOf(line({ message_class: "integrity_constraint_violation", sqlstate: "23505" }))?.why).toBe("23505, integrity constraint violation");
  });

  it("leave an event that is not known as it is", () => {
    expect(eventWord("statement.refused")).toBe("Statement refused");
    expect(eventWord("moon.risen")).toBe("moon.risen");
  });

  it("stand for a record without a statement", () => {
    expect(summaryOf(line({ event: "writer.gap", lost: 1_204 }))).toBe("1204 records are missing here");
    expect(summaryOf(line({ event: "ledger.removed", removed: { segments: [1, 3], records: 12, bytes: 900, from: "2026-11-20T14:00:00Z", until: "2026-11-21T14:00:00Z" } }))).toMatch(/^12 records up to .*2026.* removed$/);
    expect(summaryOf(line({ event: "limit.hit", note: "limits.idle_seconds" }))).toBe("limits.idle_seconds");
    expect(summaryOf(line({ event: "session.end", message_class: "client_gone" }))).toBe("client gone");
  });
});

describe("the time of a statement", () => {
  it("is shared out step by step, without what did not come to pass", () => {
    expect(stepsOf({ judge: 2, forward: 9, first: 412, last: 421, total: 421 }).map((step) => [step.label, step.until - step.from])).toEqual([
      ["Judged", 2],
      ["Forwarded", 9],
      ["First byte", 403],
      ["Last byte", 9],
    ]);
    expect(stepsOf({ judge: 3, forward: 0, first: 0, last: 0, total: 0 }).map((step) => step.label)).toEqual(["Judged"]);
  });
});
