// @vitest-environment node
// Does the console, as it was built last, keep the sizes it promises?

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const program = fileURLToPath(new URL("../build/budgets.mjs", import.meta.url));

function weigh(...bounds: string[]): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...bounds], { encoding: "utf8" });
  return { code: status, said: stdout + stderr };
}

test("shell, routes and the whole keep their bounds", () => {
  const { code, said } = weigh();
  console.info(said);
  expect(said).toMatch(/^shell +\d/m);
  expect(said).toMatch(/^whole \(brotli\) +\d/m);
  expect(said).not.toContain("over");
  expect(code).toBe(0);
});

test("what is over its bound is found", () => {
  for (const [bound, line] of [
    ["shell=1", /^shell .* over\b/m],
    ["route=1", /^src\/pages\/.* over\b/m],
    ["whole=1", /^whole .* over\b/m],
  ] as const) {
    const { code, said } = weigh(bound);
    expect(said).toMatch(line);
    expect(code).toBe(1);
  }
});
