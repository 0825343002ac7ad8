// Is the text of a step found by its place in the tree?

import { expect, test } from "vitest";
import { spanOf, stepSpans } from "./plan-text";

const lines = `Sort  (cost=1.00..2.00 rows=3 width=4)
  Sort Key: a.id
  ->  Hash Join  (cost=0.50..1.50 rows=3 width=4)
        Hash Cond: (a.id = b.id)
        ->  Seq Scan on a  (cost=0.00..1.00 rows=9 width=4)
        ->  Hash  (cost=0.40..0.40 rows=4 width=4)
              ->  Seq Scan on b  (cost=0.00..0.40 rows=4 width=4)
                    Filter: (note <> '-> '::text)
Planning Time: 0.1 ms`.split("\n");

test("each step has its line and what is said of it, and the plan's own figures belong to none", () => {
  expect(stepSpans(lines)).toEqual([
    { from: 0, until: 2 },
    { from: 2, until: 4 },
    { from: 4, until: 5 },
    { from: 5, until: 6 },
    { from: 6, until: 8 },
  ]);
});

test("a step is marked only where text and tree have the same steps", () => {
  expect(spanOf("postgres", lines, 5, 4)).toEqual({ from: 6, until: 8 });
  expect(spanOf("postgres", lines, 6, 4)).toBeUndefined();
  expect(spanOf("mysql", lines, 5, 4)).toBeUndefined();
});
