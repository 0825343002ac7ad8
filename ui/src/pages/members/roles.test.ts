// Do the roles shown allow what the server says they allow?

import { expect, test } from "vitest";
import { CAPABILITIES } from "~/parts/capabilities";
import { ticked } from "./role-drafts";
import { allOf, capabilitiesOf, difference, GROUPS, mayGive, ROLES } from "./roles";

// The file stands outside of what the bundler may read, and the console's own code knows no node.
const node: string = "node:fs";
const { readFileSync } = (await import(/* @vite-ignore */ node)) as { readFileSync: (path: string, encoding: "utf8") => string };

/** The table that is made from the server's code. */
function documented(): [string, string[]][] {
  const text = readFileSync("../docs/access.md", "utf8").split("## Actions")[0] ?? "";
  return [...text.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, word = "", cells = ""]) => [word, cells.split(" | ")]);
}

test("every capability stands in the role matrix as in the server's table", () => {
  const shown = CAPABILITIES.map(({ capability }) => [capability, ROLES.map(({ role }) => (capabilitiesOf(role).includes(capability) ? "+" : "-"))]);
  expect(shown).toEqual(documented());
});

test("every capability stands in one group of the matrix", () => {
  expect(GROUPS.flatMap((group) => group.capabilities).sort()).toEqual(CAPABILITIES.map(({ capability }) => capability).sort());
});

test("another role takes and gives", () => {
  const { comes, goes } = difference(capabilitiesOf("admin"), allOf(capabilitiesOf("editor"), ["view_ledger"]));
  expect(comes).toEqual([]);
  expect(goes).toContain("manage_members");
  expect(goes).not.toContain("view_ledger");
});

test("nobody gives what they do not have", () => {
  expect(mayGive(capabilitiesOf("admin"), capabilitiesOf("editor"))).toBe(true);
  expect(mayGive(capabilitiesOf("admin"), capabilitiesOf("owner"))).toBe(false);
});

test("a tick of one's own holds over what somebody else saves, and nothing else of it is taken back", () => {
  expect(ticked(["view", "view_ledger"], { run_queries: true, view_ledger: false })).toEqual(["view", "run_queries"]);
  // They gave what was ticked here as well, and something else.
  expect(ticked(["view", "run_queries", "save_queries"], { run_queries: true })).toEqual(["view", "run_queries", "save_queries"]);
  expect(ticked(["view"], {})).toEqual(["view"]);
});
