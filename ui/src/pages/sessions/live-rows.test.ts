// Do rows keep their place, and does nobody get lost?

import { describe, expect, it } from "vitest";
import { age, ENDED_SHOWN_MS, laidOut, ordered, takenIn, transactionTone } from "./live-rows";
import { session } from "./sessions.sample";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 21, 14, 0, seconds)).toISOString();
const names = (list: { rows: readonly { session: { session: string } }[] }) => list.rows.map((row) => row.session.session);

describe("the live list", () => {
  it("keeps rows where they stand and lets new sessions wait", () => {
    const list = laidOut({ at: at(0), items: [session("a"), session("b")] }, undefined, "");
    const next = takenIn(list, { at: at(2), items: [session("c"), session("b", { statements: 9 }), session("a")] });
    expect(names(next)).toEqual(["a", "b"]);
    expect(next.rows[1]?.session.statements).toBe(9);
    expect(next.waiting.map((one) => one.session)).toEqual(["c"]);
  });

  it("shows an ended session a moment longer, then drops it", () => {
    const list = laidOut({ at: at(0), items: [session("a"), session("b")] }, undefined, "");
    const ended = takenIn(list, { at: at(2), items: [session("b")] });
    expect(names(ended)).toEqual(["a", "b"]);
    expect(ended.rows[0]?.endedAt).toBe(Date.parse(at(2)));
    const later = takenIn(ended, { at: at(2 + ENDED_SHOWN_MS / 1_000), items: [session("b")] });
    expect(names(later)).toEqual(["b"]);
  });

  it("orders by a column, with what has no value last either way", () => {
    const items = [session("idle"), session("new", { transaction_started_at: at(50) }), session("old", { transaction_started_at: at(10) })];
    expect(ordered(items, { id: "transaction", desc: true }).map((one) => one.session)).toEqual(["old", "new", "idle"]);
    expect(ordered(items, { id: "transaction", desc: false }).map((one) => one.session)).toEqual(["new", "old", "idle"]);
    expect(ordered(items, undefined).map((one) => one.session)).toEqual(["idle", "new", "old"]);
  });

  it("counts ages up to the server's moment and never below nothing", () => {
    expect(age(at(0), at(3))).toBe(3_000_000);
    expect(age(at(3), at(0))).toBe(0);
    expect(age(undefined, at(0))).toBeUndefined();
    expect(age("2026-11-21T14:08:12.240373Z", "2026-11-21T14:08:12.241240Z")).toBe(867);
    expect(age("2026-11-21T14:08:12Z", "2026-11-21T14:08:13.5Z")).toBe(1_500_000);
  });

  it("warns of a transaction after a minute and alarms after ten", () => {
    expect([60, 61, 600, 601].map((seconds) => transactionTone(seconds * 1_000_000))).toEqual([undefined, "warn", "warn", "danger"]);
  });
});
