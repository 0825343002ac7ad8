// Is it said rightly how far a publication is?

import { describe, expect, it } from "vitest";
import type { Publication } from "~/api/publications";
import { sumOf, takenWords, versionAt } from "./running-words";

const planes = (...states: Publication["planes"][number]["state"][]): Pick<Publication, "planes"> => ({ planes: states.map((state, at) => ({ plane: String(at), state })) as Publication["planes"] });

describe("what data planes run", () => {
  it("is on its way until each has said something", () => {
    expect(takenWords(sumOf([planes("in_force", "pending")]))).toBe("publishing… 1 of 2 data planes");
    expect(takenWords(sumOf([planes("in_force", "in_force"), planes("in_force")]))).toBe("on 2 of 2 data planes");
    expect(takenWords(sumOf([planes("refused", "away", "in_force")]))).toBe("on 1 of 3 data planes; 1 did not take it, 1 not connected");
    expect(takenWords(sumOf([]))).toBeUndefined();
  });

  it("is told by version, or that nobody knows", () => {
    const running = [{ name: "own", version: 3 }, { name: "production" }];
    expect([versionAt({ running }, "own"), versionAt({ running }, "other"), versionAt({ running: undefined }, "own")]).toEqual([3, null, undefined]);
  });
});
