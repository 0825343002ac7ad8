// Has every page its guide and its tips?

import { expect, test } from "vitest";
import source from "../../routes.tsx?raw";
import { TIPS } from "~/parts/tips/tips";
import { nextTip } from "~/parts/tips/use-tips";
import { guideText } from "./guides";
import { GUIDES, guideOf, routeOf } from "./pages";
import { tasks } from "./tasks";

/** As e2e/every-page.spec.ts reads them. */
const routes = [...source.matchAll(/^ {2}(?:at(?:Top|Door)?\("|path: "(?=\/[a-z]))([^"]+)"/gm)].map((match) => match[1] ?? "");

test("every route has a guide that is there, and nothing else has one", () => {
  expect(routes.length).toBeGreaterThan(30);
  expect(Object.keys(GUIDES).sort()).toEqual([...routes].sort());
  const missing = Object.entries(GUIDES).filter(([, guide]) => guideText(guide) === undefined);
  expect(missing).toEqual([]);
});

test("every route has tips, and nothing else has any", () => {
  expect(Object.keys(TIPS).sort()).toEqual([...routes].sort());
  for (const [route, tips] of Object.entries(TIPS)) {
    expect(tips.length, route).toBeGreaterThan(0);
    expect(tips.filter((tip) => tip.length > 130 || !/[.?]$/.test(tip)), route).toEqual([]);
  }
});

test("a page is known by its whole path", () => {
  expect(routeOf("/w/$workspace/")).toBe("/");
  expect(routeOf("/w/$workspace")).toBe("/");
  expect(routeOf("/w/$workspace/queries/$fingerprint")).toBe("/queries/$fingerprint");
  expect(routeOf("/profile")).toBe("/profile");
  expect(guideOf("/w/$workspace/tables/$connection/$key")).toBe("tables");
  expect(guideOf("/nowhere")).toBe("README");
});

test("tips come one after the other and end", () => {
  expect(nextTip("/", ["a", "b"], [])).toEqual({ name: "/ 0", text: "a" });
  expect(nextTip("/", ["a", "b"], ["/ 0"])).toEqual({ name: "/ 1", text: "b" });
  expect(nextTip("/", ["a", "b"], ["/ 0", "/ 1"])).toBeUndefined();
});

test("what guides answer can be asked for", () => {
  const found = tasks();
  expect(found.filter((one) => guideText(one.guide) === undefined)).toEqual([]);
  expect(found.filter((one) => one.label.trim() === "" || one.label.length > 140)).toEqual([]);
  expect(found.find((one) => one.label.startsWith("How do I stop a statement"))?.guide).toBe("sessions");
  expect(found.some((one) => one.guide === "sessions" && one.label.includes("everything hangs"))).toBe(true);
});
