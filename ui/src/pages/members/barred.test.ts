// Whom can nobody change here, and does it say why?

import { expect, test } from "vitest";
import type { Member } from "~/api/members";
import { barred } from "./member-list";

const member = (more: Partial<Member>): Member => ({ user: "1", name: "Ada", email: "ada@example.com", role: "viewer", role_capabilities: [], capabilities: [], joined_at: "2026-01-01T00:00:00Z", ...more });
const all = ["view"];

test("what a group gave is changed there, and that is said", () => {
  expect(barred(member({ by_group: { service: "company", group: "dba" } }), all, 2)).toMatch(/group dba of company gave this/);
});

test("what was given by hand is changed by who may do as much", () => {
  expect(barred(member({ role: "owner", role_capabilities: ["own_workspace"] }), all, 2)).toMatch(/may do what you may not/);
});
