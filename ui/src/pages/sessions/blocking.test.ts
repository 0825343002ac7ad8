// Are the trees of who blocks whom right, also where they are no trees?

import { describe, expect, it } from "vitest";
import type { LiveSession } from "~/api/live-sessions";
import { blockingOf, type Knot } from "./blocking";
import { session } from "./sessions.sample";

const waits = (id: string, second: number, ...by: NonNullable<LiveSession["blocked_by"]>) =>
  session(id, {
    state: "active",
    current: { fingerprint: "1-0", text: "UPDATE orders SET state = ?", is_text_cut: false, class: "write", kind: "run", verdict: "allow", started_at: `2026-11-21T14:00:${String(second).padStart(2, "0")}.000000Z` },
    blocked_by: by,
  });
const drawn = (knot: Knot): string => (knot.blocked.length === 0 ? knot.key : `${knot.key}(${knot.blocked.map(drawn).join(" ")})`);

describe("who blocks whom", () => {
  it("puts the one who holds up all others at the root", () => {
    const { roots, blocked } = blockingOf([waits("c", 20, { process: 2, session: "b" }), waits("b", 10, { process: 1, session: "a" }), session("a"), session("idle")]);
    expect(roots.map(drawn)).toEqual(["a(b(c))"]);
    expect(roots[0]).toMatchObject({ waiting: 2, waitingSince: "2026-11-21T14:00:10.000000Z", isInCycle: false });
    expect(blocked).toBe(2);
  });

  it("names who is outside of the gateway, apart for each server", () => {
    const outside = { process: 7, user: "postgres", application: "psql" };
    const { roots } = blockingOf([waits("a", 1, outside), waits("b", 2, outside), { ...waits("c", 3, outside), listener: "other" }, waits("d", 4, { process: 0, is_prepared_transaction: true })]);
    expect(roots.map(drawn)).toEqual(["process plane shop 7(a b)", "process plane other 7(c)", "prepared plane shop(d)"]);
    expect(roots[0]?.outside).toMatchObject({ process: 7, user: "postgres", listener: "shop" });
  });

  it("takes a session that is not shown for one outside", () => {
    const { roots } = blockingOf([waits("a", 1, { process: 9, session: "cut off" })]);
    expect(roots.map(drawn)).toEqual(["process plane shop 9(a)"]);
  });

  it("counts one that waits for two only once below each, and says that it waits for more", () => {
    const { roots } = blockingOf([session("a"), session("b"), waits("c", 1, { process: 1, session: "a" }, { process: 2, session: "b" })]);
    expect(roots.map(drawn)).toEqual(["a(c)", "b(c)"]);
    expect(roots[0]?.blocked[0]?.alsoWaitsFor).toBe(1);
  });

  it("shows a circle once and ends", () => {
    const { roots } = blockingOf([waits("a", 5, { process: 2, session: "b" }), waits("b", 1, { process: 1, session: "a" })]);
    expect(roots.map(drawn)).toEqual(["b(a)"]);
    expect(roots[0]).toMatchObject({ isInCycle: true, waiting: 1 });
  });

  it("draws the queue for one lock once, where everybody waits for everybody before them", () => {
    const queue = Array.from({ length: 40 }, (_, place) => waits(`w${place}`, place, { process: 1, session: "a" }, ...Array.from({ length: place }, (_, before) => ({ process: 2, session: `w${before}` }))));
    const { roots } = blockingOf([session("a"), ...queue]);
    expect(roots).toHaveLength(1);
    expect(roots[0]).toMatchObject({ key: "a", waiting: 40 });
    expect(roots[0]?.blocked.map((one) => one.alsoWaitsFor)).toEqual(Array.from({ length: 40 }, (_, place) => place));
  });

  it("says of which listeners it is not known", () => {
    const unknown = { blocking: "unknown" as const, blocking_reason: "no probe", blocked_by: undefined };
    expect(blockingOf([session("a", unknown), session("b", unknown)]).unknown).toEqual([{ listener: "shop", reason: "no probe", sessions: 2 }]);
  });
});
