// Does the form of rules offer what the documentation names, and nothing else?

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONDITIONS, MARKS, RULE_KEYS } from "../src/pages/rule-sets/form/reference";

const docs = readFileSync("../docs/policies.md", "utf8");

/** What the first cells of the tables below a heading name. */
function named(heading: string): string[] {
  const from = docs.indexOf(`\n${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const section = docs.slice(from + heading.length + 2).split(/\n#+ /)[0] ?? "";
  return [...section.matchAll(/^\| ((?:`[a-z0-9_]+`(?:, )?)+) \|/gm)].flatMap((match) => [...(match[1] ?? "").matchAll(/`(\w+)`/g)].map((word) => word[1] ?? ""));
}

describe("the reference", () => {
  it("has every condition, in the order of the documentation", () => {
    expect(CONDITIONS.map((one) => one.key)).toEqual(named("## Conditions"));
  });

  it("has every mark", () => {
    expect([...MARKS]).toEqual(named("### Marks"));
  });

  it("has every key of a rule", () => {
    const ofFile = ["description", "include"];
    expect(named("## A rule file").filter((key) => !ofFile.includes(key)).sort()).toEqual([...RULE_KEYS].sort());
  });
});
