// Is it told what is between two checkpoints, and whether they follow each other?

import { expect, test } from "vitest";
import type { LedgerMark, LedgerPlane } from "~/api/ledger";
import { believed, rowsOf, takenBy } from "./marks";

const checkpoint = (records: number, digest: string, previous: string) => ({ ledger: "l", records, writers: 1, root: "r", segment: "00000001", digest, previous, key_id: "9a1f03c2", text: "t" });
const mark = (plane: string, at: string, more: Partial<LedgerMark>): LedgerMark => ({ plane, id: `${plane} ${at}`, at, event: "checkpoint", ...more });

test("each checkpoint is held against the one before it in the same ledger", () => {
  const rows = rowsOf([
    mark("p", "2026-11-21T10:04:00Z", { checkpoint: checkpoint(90, "d", "c") }),
    mark("q", "2026-11-21T10:03:30Z", { checkpoint: checkpoint(5, "x", "y") }),
    mark("p", "2026-11-21T10:03:00Z", { event: "writer.gap", lost: 4 }),
    mark("p", "2026-11-21T10:02:00Z", { checkpoint: checkpoint(70, "other", "b") }),
    mark("p", "2026-11-21T10:01:00Z", { checkpoint: checkpoint(40, "b", "0".repeat(64)) }),
  ]);
  expect(rows.map(({ follows, between }) => [follows, between])).toEqual([
    [false, 20],
    [undefined, undefined],
    [undefined, undefined],
    [true, 30],
    [true, 40],
  ]);
});

const plane = { self_check: { state: "idle", last: { started_at: "2026-11-21T10:00:00Z", ended_at: "2026-11-21T10:00:09Z", integrity: "holds" } }, copies: [{ name: "siem", last_taken_at: "2026-11-21T10:00:00Z", lag_seconds: 60 }] } as unknown as LedgerPlane;

test("a signature is believed where the gateway has verified it, and no further", () => {
  expect(believed(mark("p", "2026-11-21T09:59:00Z", {}), plane).word).toBe("holds");
  expect(believed(mark("p", "2026-11-21T10:00:01Z", {}), plane).word).toBe("not checked yet");
  expect(believed(mark("p", "2026-11-21T09:59:00Z", {}), undefined).word).toBe("not checked yet");
});

test("a copy has what is older than it is behind", () => {
  expect(takenBy(mark("p", "2026-11-21T10:03:00Z", {}), plane, "2026-11-21T10:05:00Z")).toEqual(["siem"]);
  expect(takenBy(mark("p", "2026-11-21T10:04:30Z", {}), plane, "2026-11-21T10:05:00Z")).toEqual([]);
});
