// Are the places the API speaks of found in the editor's text?

import { describe, expect, it } from "vitest";
import { charactersOf } from "./offsets";

const marked = (text: string, span: [number, number]): string => {
  const { from, to } = charactersOf(text, span);
  return text.slice(from, to);
};

describe("places in a text", () => {
  it("counts bytes as characters where letters take more than one", () => {
    expect(marked("SELECT nope", [7, 11])).toBe("nope");
    expect(marked("SELECT 'é', nope", [13, 17])).toBe("nope");
    expect(marked("SELECT '日本', nope", [17, 21])).toBe("nope");
    expect(marked("SELECT '🙂', nope", [15, 19])).toBe("nope");
  });

  it("marks something of a text even where the place is its end or beyond", () => {
    expect(marked("SELECT", [6, 6])).toBe("T");
    expect(marked("SELECT", [100, 120])).toBe("T");
    expect(marked("SELECT", [0, 0])).toBe("S");
    expect(charactersOf("", [3, 5])).toEqual({ from: 0, to: 0 });
  });
});
