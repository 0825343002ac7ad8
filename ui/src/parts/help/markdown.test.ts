// Is every guide read as it is written?

import { expect, test } from "vitest";
import { blocks, inline, textOf } from "./markdown";
import { guideNames, guideText } from "./guides";

test("marks become parts, and what is no mark stays as it is", () => {
  expect(inline("**Cancel** the *Live* one with `a * b`, see [Audit](audit.md).")).toEqual([
    { kind: "strong", text: "Cancel" },
    { kind: "text", text: " the " },
    { kind: "emphasis", text: "Live" },
    { kind: "text", text: " one with " },
    { kind: "code", text: "a * b" },
    { kind: "text", text: ", see " },
    { kind: "link", text: "Audit", href: "audit.md" },
    { kind: "text", text: "." },
  ]);
  expect(inline("2 * 3 * 4")).toEqual([{ kind: "text", text: "2 * 3 * 4" }]);
});

test("headings, lists that go on, tables and code", () => {
  const found = blocks("# One\n\ntext that\ngoes on\n\n- a\n  more\n- b\n\n1. x\n2. y\n\n| | |\n|---|---|\n| k | `v` |\n\n```sql\nSELECT 1;\n\n-- two\n```\n");
  expect(found.map((one) => one.kind)).toEqual(["heading", "paragraph", "list", "list", "table", "code"]);
  expect(found[1]).toEqual({ kind: "paragraph", inline: [{ kind: "text", text: "text that goes on" }] });
  expect(found[2]).toMatchObject({ ordered: false, items: [[{ text: "a more" }], [{ text: "b" }]] });
  expect(found[3]).toMatchObject({ ordered: true });
  expect(found[4]).toMatchObject({ head: [], rows: [[[{ text: "k" }], [{ kind: "code", text: "v" }]]] });
  expect(found[5]).toEqual({ kind: "code", text: "SELECT 1;\n\n-- two" });
});

test("a picture is left out, and parts what stands around it", () => {
  expect(blocks("one\n![Its page](../images/a.png)\ntwo\n\n![Its page](../images/a.png)\n")).toEqual([
    { kind: "paragraph", inline: [{ kind: "text", text: "one" }] },
    { kind: "paragraph", inline: [{ kind: "text", text: "two" }] },
  ]);
});

test.each(guideNames())("the guide %s has a title, and nothing of it is lost", (name) => {
  const text = guideText(name) ?? "";
  const found = blocks(text);
  expect(found[0]?.kind).toBe("heading");
  const shown = found
    .flatMap((one) => (one.kind === "code" ? [one.text] : one.kind === "list" ? one.items.map(textOf) : one.kind === "table" ? [...one.head, ...one.rows.flat()].map(textOf) : [textOf(one.inline)]))
    .join(" ");
  // Links lead to guides that are there, or out of this folder.
  const links = [...text.matchAll(/\]\(([^)#]+\.md)/g)].map((match) => match[1] ?? "").filter((href) => !href.startsWith("../"));
  expect(links.filter((href) => guideText(href.replace(/\.md$/, "")) === undefined)).toEqual([]);
  const words = (from: string) => from.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 3);
  const bare = text.replaceAll(/^!\[.*$/gm, "").replaceAll(/\]\([^)]*\)/g, "]").replaceAll(/```\w*/g, "");
  const there = new Set(words(shown));
  expect(words(bare).filter((word) => !there.has(word))).toEqual([]);
});
