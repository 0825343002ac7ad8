// Is what the page says of retention what the documentation says?

import { expect, test } from "vitest";
import { KEPT } from "./kept";

// The file stands outside of what the bundler may read, and the console's own code knows no node.
const node: string = "node:fs";
const { readFileSync } = (await import(/* @vite-ignore */ node)) as { readFileSync: (path: string, encoding: "utf8") => string };

test("figures are kept as long as the documentation says", () => {
  expect(readFileSync("../docs/control-plane.md", "utf8")).toContain(`Minutes are kept for ${KEPT.minuteHours} hours, hours for ${KEPT.hourDays} days, days for ${KEPT.dayDays}.`);
});
