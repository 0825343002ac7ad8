// Does the time go on, whatever is drawn meanwhile?

import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RelativeTime } from "./time";

const AT = Date.parse("2026-03-01T12:00:00Z");

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers({ now: AT });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page with one time on it. */
function shown() {
  const place = document.createElement("div");
  const root = createRoot(place);
  const draw = (at: number) => act(() => root.render(<RelativeTime at={at} />));
  return { draw, text: () => place.textContent, pass: (ms: number) => act(() => vi.advanceTimersByTime(ms)), end: () => act(() => root.unmount()) };
}

test("a page that is drawn anew every second does not hold the time up", () => {
  const page = shown();
  page.draw(AT);
  for (let second = 0; second < 60; second += 1) {
    page.pass(1_000);
    page.draw(AT);
  }
  expect(page.text()).toMatch(/^1 min/);
  page.end();
});

test("what is shown after nothing showed a time is told against the time it is now", () => {
  const before = shown();
  before.draw(AT);
  before.end();
  vi.setSystemTime(AT + 3_600_000);
  const after = shown();
  after.draw(AT + 3_300_000);
  expect(after.text()).toMatch(/^5 min.* ago$/);
  after.end();
});
