// Does each notification say what happened, and lead to where it is seen?

import { expect, test } from "vitest";
import type { NotificationKind } from "~/api/notifications";
import { KINDS, kindLabel, placeOf, titleOf } from "./kinds";

const notice = (target_kind: string, target: string, kind: NotificationKind = "plane_lost") => ({ target_kind, target, kind, at: "2026-11-21T14:20:00Z" });

test("who did it stands in the line, and who joined is named", () => {
  expect(titleOf({ kind: "rules_published", title: "The rule set careful was published", actor_name: "Ada" })).toBe("The rule set careful was published by Ada");
  expect(titleOf({ kind: "member_joined", title: "Somebody joined the workspace", actor_name: "Ada" })).toBe("Ada joined the workspace");
  expect(titleOf({ kind: "member_joined", title: "Somebody joined the workspace" })).toBe("Somebody joined the workspace");
});

test("each leads to what it is about", () => {
  expect(placeOf("shop", notice("plane", "p 1"), true)).toBe("/w/shop/fleet?plane=p+1");
  expect(placeOf("shop", notice("connection", "c1", "connection_down"), true)).toBe("/w/shop/connections/c1");
  expect(placeOf("shop", notice("connection", "c1", "schema_breaking"), true)).toBe("/w/shop/schema-history?connection=c1");
  expect(placeOf("shop", notice("rule_set", "r1"), true)).toBe("/w/shop/rule-sets/r1");
  expect(placeOf("shop", notice("fingerprint", "1-ab"), true)).toBe("/w/shop/queries/1-ab");
  const audit = new URL(placeOf("shop", notice("rule", "shop/wages", "refusals_piling"), true), "http://localhost");
  expect([audit.pathname, audit.searchParams.get("rule"), audit.searchParams.get("from"), audit.searchParams.get("until")]).toEqual(["/w/shop/audit", "shop/wages", "2026-11-21T14:00:00.000Z", "2026-11-21T15:00:00.000Z"]);
});

test("refusals that pile up lead somebody without view_ledger to what they may see", () => {
  const queries = new URL(placeOf("shop", notice("rule", "shop/wages", "refusals_piling"), false), "http://localhost");
  expect([queries.pathname, queries.searchParams.get("sort"), queries.searchParams.get("from"), queries.searchParams.get("until")]).toEqual(["/w/shop/queries", "refusals", "2026-11-21T14:00:00.000Z", "2026-11-21T15:00:00.000Z"]);
});

test("a kind of a later version is shown by its word", () => {
  expect(kindLabel("plane_lost")).toBe(KINDS.plane_lost.label);
  expect(kindLabel("disk_full")).toBe("disk full");
});
