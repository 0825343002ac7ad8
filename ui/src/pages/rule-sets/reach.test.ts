// Is it said rightly where rules come into force?

import { describe, expect, it } from "vitest";
import type { Listener } from "~/api/listeners";
import { consequence, reachOf } from "./reach";

const listener = (name: string, environment: string): Listener => ({ name, planes: [{ state: { environment } }] }) as unknown as Listener;

describe("where rules are in force", () => {
  it("says it of none", () => {
    expect(consequence(reachOf([], []))).toContain("published for no listener");
  });

  it("names each listener with its environment, and knows production", () => {
    const reach = reachOf(["shop", "tests", "gone"], [listener("shop", "production"), listener("tests", "development")]);
    expect(reach.isProduction).toBe(true);
    expect(consequence(reach)).toContain("shop (production), tests (development), gone.");
    expect(reachOf(["tests"], [listener("shop", "production"), listener("tests", "development")]).isProduction).toBe(false);
  });
});
