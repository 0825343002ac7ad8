// Does the tail hold the newest, once each, and never more than it may?

import { expect, it } from "vitest";
import type { TailRecord } from "~/api/traffic";
import { TAIL_MAX, waitingCount, withNewer } from "./tail-rows";

const record = (id: string, at: string): TailRecord => ({ id, at, event: "statement.outcome", listener: "", session: "", user: "", database: "", application: "", class: "", verdict: "", fingerprint: "", text: "", totalUs: undefined, rows: undefined, sqlstate: "", rule: "" });
const ids = (records: readonly TailRecord[]) => records.map((one) => one.id);

it("takes each record once, the newest first", () => {
  const known = withNewer([], [record("b", "2026-01-01T00:00:02.000000Z"), record("a", "2026-01-01T00:00:01.000000Z")]);
  const more = withNewer(known, [record("d", "2026-01-01T00:00:04.000000Z"), record("b", "2026-01-01T00:00:02.000000Z"), record("c", "2026-01-01T00:00:01.500000Z")]);
  expect(ids(more)).toEqual(["d", "b", "c", "a"]);
  expect(waitingCount(more, known)).toBe(2);
});

it("is the same list when nothing is new", () => {
  const known = [record("a", "2026-01-01T00:00:01.000000Z")];
  expect(withNewer(known, [record("a", "2026-01-01T00:00:01.000000Z")])).toBe(known);
});

it("drops the oldest where there are too many", () => {
  let rows: readonly TailRecord[] = [];
  for (let part = 0; part < 30; part += 1) {
    rows = withNewer(rows, Array.from({ length: 100 }, (_, index) => record(`${part}-${index}`, new Date(part * 1_000 + index).toISOString())));
  }
  expect(rows).toHaveLength(TAIL_MAX);
  expect(rows[0]?.id).toBe("29-99");
});
