// Is it told rightly what becomes of statements?

import { describe, expect, it } from "vitest";
import type { Difference } from "~/api/rule-sets";
import { byCaller, byRule, kindOf, totals } from "./kinds";

const said = (verdict: string, more: object = {}) => ({ verdict, ...more });
const ann = { user: "ann", application: "psql", database: "shop" };
const difference = (before: object, after: object, statements = 1, callers = [ann]): Difference => ({ before, after, statements, callers, callers_count: callers.length, fingerprint: "1-a", text: "SELECT ?", class: "read" }) as Difference;

describe("what becomes of a statement", () => {
  it("is the gravest that changes", () => {
    expect(kindOf({ before: said("allow"), after: said("refuse", { rule: "a/b" }) })).toBe("refused");
    expect(kindOf({ before: said("unjudged"), after: said("refuse") })).toBe("refused");
    expect(kindOf({ before: said("refuse"), after: said("hold") })).toBe("held");
    expect(kindOf({ before: said("hold"), after: said("allow") })).toBe("allowed");
    expect(kindOf({ before: said("allow"), after: said("allow", { limits: "rows=10" }) })).toBe("bound");
    expect(kindOf({ before: said("refuse", { rule: "a/b" }), after: said("refuse", { rule: "c/d" }) })).toBe("rule");
    expect(kindOf({ before: said("allow"), after: said("allow", { would: "refuse", would_rule: "a/b" }) })).toBe("trial");
  });

  it("is counted over all that were judged", () => {
    const outcomes = [
      { before: "allow", after: "allow", statements: 100 },
      { before: "allow", after: "refuse", statements: 7 },
      { before: "unjudged", after: "refuse", statements: 1 },
      { before: "refuse", after: "allow", statements: 3 },
      { before: "allow", after: "hold", statements: 2 },
    ];
    expect(totals({ outcomes, bound_otherwise: 4 })).toEqual({ refused: 8, held: 2, allowed: 3, bound: 4 });
  });

  it("is put together by rule and by caller", () => {
    const bob = { ...ann, user: "bob" };
    const all = [difference(said("allow"), said("refuse", { rule: "own/a" }), 5, [ann, bob]), difference(said("allow"), said("refuse", { rule: "own/a" }), 2), difference(said("refuse", { rule: "own/b" }), said("allow"), 9)];
    expect(byRule(all).map(({ kind, before, after, statements, shapes }) => [kind, before, after, statements, shapes])).toEqual([
      ["allowed", "own/b", "the listener's default", 9, 1],
      ["refused", "the listener's default", "own/a", 7, 2],
    ]);
    expect(byCaller(all).map(({ user, shapes, all: count }) => [user, shapes, count])).toEqual([
      ["ann", { refused: 2, allowed: 1 }, 3],
      ["bob", { refused: 1 }, 1],
    ]);
  });
});
