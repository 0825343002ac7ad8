// Whom can nobody change or remove here, and does it say why?

import { expect, test } from "vitest";
import type { Member } from "~/api/members";
import { barred, keptIn } from "./member-list";

const member = (more: Partial<Member>): Member => ({ user: "1", name: "Ada", email: "ada@example.com", role: "viewer", role_capabilities: [], capabilities: [], joined_at: "2026-01-01T00:00:00Z", ...more });
const all = ["view"];

test("what a group gave is changed there, and that is said", () => {
  expect(barred(member({ by_group: { service: "company", group: "dba" } }), all, 2)).toMatch(/group dba of company gave this/);
});

test("who a group made a member can be taken out by hand, as far as anybody can", () => {
  const given = { by_group: { service: "company", group: "dba" } };
  expect(keptIn(member(given), all, 2)).toBeUndefined();
  expect(keptIn(member({ ...given, role: "owner", role_capabilities: ["own_workspace"] }), all, 2)).toMatch(/may do what you may not/);
  expect(keptIn(member({ ...given, role: "owner" }), all, 1)).toMatch(/last owner stays/);
});

test("what was given by hand is changed by who may do as much", () => {
  expect(barred(member({ role: "owner", role_capabilities: ["own_workspace"] }), all, 2)).toMatch(/may do what you may not/);
});
