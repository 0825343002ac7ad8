// Does the form change only what it was told to change?

import { describe, expect, it } from "vitest";
import type { Block, Outline, OutlineField } from "~/api/outline";
import { addRule, fieldsOf, placeOf, readOnlyReason, removeRule, setFields, setList, setTop, swapRules } from "./edit";
import { hasComment, valueText } from "./toml-text";

const TEXT = `# What the shop allows: größer
description = "shop"
include = ["production"] # the pack

[lists]
writers = ["shop_app"]

# Nobody drops.
[[rule]]
name = "no-drop" # its name
when = { verb = ["drop *"], class = ["ddl"] }
decision = "refuse"

# Between the two.

# Wages are secret.
# Really.
[[rule]]
name = "wages"
decision = "refuse"
message = "no"
`;

/** What the server would tell of a text that is written as plainly as these are. */
function outline(text: string): Outline {
  const found: Outline = { text, fields: [], lists: undefined, sessions: [], rules: [] };
  let fields: OutlineField[] = [];
  (found as { fields: readonly OutlineField[] }).fields = fields;
  for (const match of text.matchAll(/^(?:(\[\[?)(\w+)\]\]?|(\w+) = (\{.*?\}|\[.*?\]|"[^"]*"|\w+))(?= *#| *\r?$)/gm)) {
    const [whole, bracket, header, key = "", written = ""] = match;
    if (bracket) {
      fields = [];
      const block: Block = { header: { from: match.index, to: match.index + whole.length }, fields };
      if (header === "lists") {
        (found as { lists: Block }).lists = block;
      } else {
        (found.rules as Block[]).push(block);
      }
    } else {
      const from = match.index + key.length + 3;
      const value: unknown = JSON.parse(written.replaceAll(/(\w+) = /g, '"$1": '));
      fields.push({ key, at: { from: match.index, to: match.index + key.length }, place: { from, to: from + written.length }, value, keys: written.startsWith("{") ? Object.keys(value as object) : [] });
    }
  }
  return found;
}

const ruleAt = (of: Outline, at: number): Block => {
  const rule = of.rules[at];
  if (rule === undefined) {
    throw new Error(`there is no rule ${at}`);
  }
  return rule;
};

describe("a change in the form", () => {
  const before = outline(TEXT);

  it("changes the line of that value, and keeps what stands behind it", () => {
    const after = setFields(before, ruleAt(before, 0), { name: "no-ddl", decision: "refuse" });
    expect(after).toBe(TEXT.replace('name = "no-drop" #', 'name = "no-ddl" #'));
  });

  it("adds lines where the documentation has them, and takes lines away", () => {
    const after = setFields(before, ruleAt(before, 1), { when: { table: ["wages"] }, hint: "ask payroll", overridable: false, message: undefined });
    expect(after).toBe(TEXT.replace('name = "wages"\ndecision = "refuse"\nmessage = "no"\n', 'name = "wages"\nwhen = { table = ["wages"] }\ndecision = "refuse"\noverridable = false\nhint = "ask payroll"\n'));
  });

  it("does nothing when nothing was changed", () => {
    for (const rule of before.rules) {
      expect(setFields(before, rule, fieldsOf(rule))).toBe(TEXT);
    }
  });

  it("knows the comments right above a rule as its own", () => {
    const { from, to } = placeOf(before, ruleAt(before, 1));
    expect(TEXT.slice(from, to)).toBe('# Wages are secret.\n# Really.\n[[rule]]\nname = "wages"\ndecision = "refuse"\nmessage = "no"\n');
  });

  it("moves a rule with its comments, and nothing between", () => {
    const moved = swapRules(before, 0);
    expect(moved.indexOf("Wages are secret")).toBeLessThan(moved.indexOf("Between the two"));
    expect(moved.indexOf("Between the two")).toBeLessThan(moved.indexOf("# Nobody drops.\n[[rule]]"));
    expect([...moved].sort()).toEqual([...TEXT].sort());
    expect(swapRules(outline(moved), 0)).toBe(TEXT);
    expect(swapRules(before, 1)).toBe(TEXT);
  });

  it("takes a rule away, and leaves the others as they were", () => {
    expect(removeRule(before, 0)).toBe(TEXT.replace(/# Nobody drops[\s\S]*?"refuse"\n\n/, ""));
    expect(removeRule(before, 1).endsWith("# Between the two.\n")).toBe(true);
  });

  it("adds a rule at the end, also to nothing and behind a line without its end", () => {
    const rule = { decision: "note", name: "all", message: undefined };
    expect(addRule(before, rule)).toBe(`${TEXT}\n[[rule]]\nname = "all"\ndecision = "note"\n`);
    expect(addRule(outline(""), rule)).toBe('[[rule]]\nname = "all"\ndecision = "note"\n');
    expect(addRule(outline("a = 1"), rule)).toBe('a = 1\n\n[[rule]]\nname = "all"\ndecision = "note"\n');
  });

  it("writes what stands at the top, and lists", () => {
    expect(setTop(before, "include", ["production", "agent"])).toBe(TEXT.replace('["production"] #', '["production", "agent"] #'));
    expect(setTop(before, "description", undefined)).toBe(TEXT.replace('description = "shop"\n', ""));
    expect(setTop(outline('[[rule]]\nname = "a"\n'), "include", ["agent"])).toBe('include = ["agent"]\n\n[[rule]]\nname = "a"\n');
    expect(setList(before, "writers", ["shop_app", "etl_*"])).toBe(TEXT.replace('["shop_app"]', '["shop_app", "etl_*"]'));
    expect(setList(outline('[[rule]]\nname = "a"\n'), "readers", [])).toBe('[lists]\nreaders = []\n\n[[rule]]\nname = "a"\n');
  });

  it("keeps the line ends of Windows", () => {
    const text = '[[rule]]\r\nname = "a"\r\ndecision = "note"\r\n';
    expect(setFields(outline(text), ruleAt(outline(text), 0), { when: { class: ["ddl"] } })).toBe('[[rule]]\r\nname = "a"\r\nwhen = { class = ["ddl"] }\r\ndecision = "note"\r\n');
  });

  it("leaves alone what it would have to write anew", () => {
    const table = outline('[[rule]]\nname = "a"\n');
    const rule = ruleAt(table, 0);
    const at = { from: 0, to: 4 };
    expect(readOnlyReason(table, rule)).toBeUndefined();
    expect(readOnlyReason(table, { ...rule, fields: [{ key: "when", at: { from: 9, to: 13 }, place: at, value: { class: "ddl" }, keys: ["class"] }] })).toContain("a table of its own");
    const commented = outline('[[rule]]\nrecord = ["text"]\n');
    const inside = { ...commented, text: commented.text.replace('["text"]', '[ # a\n]') };
    expect(readOnlyReason(inside, ruleAt(commented, 0))).toContain("a comment inside");
  });
});

describe("values", () => {
  it("are written so that they read back as what they were", () => {
    expect(valueText("a\"b'\\\n\u0007")).toBe('"a\\"b\'\\\\\\n\\u0007"');
    expect(valueText('"odd.name"')).toBe("'\"odd.name\"'");
    expect(valueText({ class: ["ddl", "write"], where: false, "a b": 1 })).toBe('{ class = ["ddl", "write"], where = false, "a b" = 1 }');
    expect(valueText({})).toBe("{}");
  });

  it("have comments only outside of texts", () => {
    expect(hasComment('["a#b", \'#\', "\\"#"]')).toBe(false);
    expect(hasComment('[ "a", # why\n]')).toBe(true);
  });
});
