// Does a difference say what differs, all of it, and as little as possible?

import { describe, expect, it } from "vitest";
import { countChanges, lineDiff, withLeft } from "./line-diff";

const short = (left: string, right: string): string => lineDiff(left, right).map((hunk) => (hunk.kind === "same" ? `=${hunk.left.length}` : `-${hunk.left.join("|")}+${hunk.right.join("|")}`)).join(" ");

describe("the difference of two texts", () => {
  it.each([
    ["a\nb\nc", "a\nb\nc", "=3"],
    ["a\nb\nc", "a\nx\nc", "=1 -b+x =1"],
    ["a\nc", "a\nb\nc", "=1 -+b =1"],
    ["a\nb\nc", "a\nc", "=1 -b+ =1"],
    ["a\nb\nc\nd", "b\nc\nd\ne", "-a+ =3 -+e"],
    ["a\nb\nc\na\nb\nb\na", "c\nb\na\nb\na\nc", "-a|b+ =1 -+b =2 -b+ =1 -+c"],
    ["", "a", "-+a"],
  ])("of %j and %j", (left, right, said) => {
    expect(short(left, right)).toBe(left === "" ? "-+a" : said);
  });

  it("puts both texts together again, whatever they are", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 300; round += 1) {
      const text = () => Array.from({ length: random(30) }, () => "abcde"[random(5)]).join("\n");
      const left = text();
      const right = text();
      const hunks = lineDiff(left, right);
      expect(hunks.flatMap((hunk) => hunk.left).join("\n")).toBe(left);
      expect(hunks.flatMap((hunk) => hunk.right).join("\n")).toBe(right);
      expect(hunks.filter((hunk) => hunk.kind === "same").every((hunk) => hunk.left.join("\n") === hunk.right.join("\n"))).toBe(true);
    }
  });

  it("finds the fewest changes", () => {
    const left = Array.from({ length: 5_000 }, (_, index) => `line ${index}`);
    const right = left.flatMap((line, index) => (index === 100 ? [] : index === 4_000 ? ["new", line] : [line]));
    expect(countChanges(lineDiff(left.join("\n"), right.join("\n")))).toEqual({ added: 1, removed: 1 });
  });

  it("says of texts with nothing in common that all of it changed, soon", () => {
    const many = (word: string) => Array.from({ length: 6_000 }, (_, index) => `${word} ${index}`).join("\n");
    expect(countChanges(lineDiff(many("a"), many("b")))).toEqual({ added: 6_000, removed: 6_000 });
  });

  it("takes one change from the left and leaves the others", () => {
    const left = "a\nB\nc\nD";
    const right = "a\nb\nc\nd";
    const [, first, , second] = lineDiff(left, right);
    expect(first && withLeft(right, first)).toBe("a\nB\nc\nd");
    expect(second && withLeft(right, second)).toBe("a\nb\nc\nD");
  });
});
