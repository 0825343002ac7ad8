// Does the window of the last seconds tell what happened, and does it never grow?

import { describe, expect, it } from "vitest";
import type { LiveSums, Point } from "~/api/traffic";
import { COLUMNS, LiveWindow, quantiles, smoothed } from "./live-window";

const sums = (calls: number, latency: LiveSums["latency"] = []): LiveSums => ({ calls, errors: 0, refusals: 0, bytes_in: 0, bytes_out: 0, total_us: 0, latency });
/** A window whose first message was heard when it was made. */
const listening = (size: number, second: number): LiveWindow => {
  const window = new LiveWindow(size, second);
  window.add(second, sums(1));
  return window;
};
const minute = (at: string, calls: number): Point => ({ at, sums: { calls, errors: 0, refusals: 0, rows: 0, bytes_in: 0, bytes_out: 0, total_us: 0, max_us: 0, p95_us: 900 } });

describe("a window of the last seconds", () => {
  it("leaves the first message out: nobody knows since when it tells", () => {
    const window = new LiveWindow(3, 1_000);
    window.add(1_001, sums(500));
    expect(window.columns.calls).toEqual([null, null, null]);
    window.add(1_002, sums(4));
    window.lose(1_003);
    window.add(1_004, sums(900));
    expect(window.columns.calls).toEqual([4, null, null]);
  });

  it("puts each message in its second and draws nothing where nothing is known", () => {
    const window = listening(5, 1_000);
    window.add(1_001, sums(30));
    window.add(1_002, sums(40));
    expect(window.seconds).toEqual([998, 999, 1_000, 1_001, 1_002]);
    expect(window.columns.calls).toEqual([null, null, null, 30, 40]);
  });

  it("shares a message among the seconds since the one before", () => {
    const window = listening(6, 1_000);
    window.add(1_001, sums(10));
    window.add(1_004, sums(30));
    expect(window.columns.calls).toEqual([null, null, 10, 10, 10, 10]);
  });

  it("adds messages of the same second up", () => {
    const window = listening(2, 1_000);
    window.add(1_001, sums(3));
    window.add(1_001, sums(4));
    expect(window.columns.calls).toEqual([null, 7]);
  });

  it("knows that nothing happened where no message came, and nothing where it did not listen", () => {
    const window = listening(6, 1_000);
    window.add(1_001, sums(5));
    window.advance(1_003);
    window.settle(1_002);
    window.lose(1_003);
    window.advance(1_005);
    window.settle(1_004);
    expect(window.columns.calls).toEqual([null, 5, 0, null, 0, null]);
  });

  it("never grows", () => {
    const window = new LiveWindow(10, 0);
    for (let second = 1; second < 5_000; second += second % 7 === 0 ? 3 : 1) {
      window.add(second, sums(second, [[95, 1]]));
      window.settle(second);
    }
    window.advance(1_000_000);
    expect(window.seconds).toHaveLength(10);
    expect(window.last).toBe(1_000_000);
    for (const name of COLUMNS) {
      expect(window.columns[name]).toHaveLength(10);
    }
    expect(window.columns.calls).toEqual(new Array(10).fill(null));
  });

  it("begins with whole minutes and keeps what it heard itself", () => {
    const begin = Date.parse("2026-11-21T14:00:00Z") / 1_000;
    const window = listening(300, begin + 130);
    window.add(begin + 131, sums(8));
    window.advance(begin + 200);
    window.settle(begin + 190);
    window.seed([minute("2026-11-21T14:00:00Z", 60), minute("2026-11-21T14:02:00Z", 600), minute("2026-11-21T14:03:00Z", 600)], begin + 200);
    const at = (second: number) => window.columns.calls[window.seconds.indexOf(begin + second)];
    expect(at(30)).toBe(1);
    expect(window.columns.p95[window.seconds.indexOf(begin + 30)]).toBe(900);
    expect(at(131)).toBe(8);
    expect(at(150)).toBe(0);
  });
});

describe("quantiles of steps of duration", () => {
  it("are the middle of the first step that reaches them", () => {
    const found = quantiles(new Map([[767, 70], [95, 40], [90_111, 10]]), [0.5, 0.95]);
    expect(found).toEqual([Math.round(767 * 2 ** (-1 / 16)), Math.round(90_111 * 2 ** (-1 / 16))]);
  });

  it("are not known where nothing ended", () => {
    expect(quantiles(new Map(), [0.5])).toBeUndefined();
  });
});

it("a value is shown as the mean of those known shortly before; what is far from others stays", () => {
  expect(smoothed([0, 3, 0, 3], 3)).toEqual([0, 1.5, 1, 2]);
  expect(smoothed([null, 6, null, null, null, 9, 3], 3)).toEqual([null, 6, null, null, null, 9, 6]);
  expect(smoothed([0.1, 0.2, 0.3, 0, 0, 0], 2).at(-1)).toBe(0);
});
