// Are the places of a rule file found in the editor's text, whatever letters stand before them?

import { describe, expect, it } from "vitest";
import { outlineOf } from "./outline";

/** Where something stands, as the API counts: in bytes. */
function bytesOf(text: string, part: string): [number, number] {
  const from = new TextEncoder().encode(text.slice(0, text.indexOf(part))).length;
  return [from, from + new TextEncoder().encode(part).length];
}

describe("the outline of a text", () => {
  it("counts as the editor does", () => {
    for (const text of ['[[rule]]\nname = "a"\n', '# größer 🙂 日本\n[[rule]]\nname = "a" # ü\n', '# ü\n[[rule]]\nname = "a"']) {
      const outline = outlineOf(text, { fields: [], sessions: [], rules: [{ header: bytesOf(text, "[[rule]]"), fields: [{ key: "name", at: bytesOf(text, "name"), span: bytesOf(text, '"a"'), value: "a" }] }] });
      const shown = outline.rules.flatMap((rule) => [rule.header, ...rule.fields.flatMap((field) => [field.at, field.place])]).map(({ from, to }) => text.slice(from, to));
      expect(shown).toEqual(["[[rule]]", "name", '"a"']);
    }
  });

  it("never leads beyond the text", () => {
    const { rules } = outlineOf("ü", { fields: [], sessions: [], rules: [{ header: [2, 90], fields: [] }] });
    expect(rules[0]?.header).toEqual({ from: 1, to: 1 });
  });
});
