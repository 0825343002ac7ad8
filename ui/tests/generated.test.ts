// Are the types of the API those of its description?

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("src/api/schema.d.ts is what config/openapi.json says (npm run types writes it)", () => {
  const told = execFileSync("node_modules/.bin/openapi-typescript", ["../config/openapi.json"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 32 * 1024 * 1024 });
  const committed = readFileSync("src/api/schema.d.ts", "utf8");
  expect(committed.trim() === told.trim(), "the types are not those of the description: run `npm run types` in ui/").toBe(true);
}, 30_000);
