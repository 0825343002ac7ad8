// Are details of what somebody did told readably, and nothing as nothing?

import { describe, expect, it } from "vitest";
import { deedWord, detailText, targetWord } from "./words";

describe("the words of the activity", () => {
  it("tell a deed and what it was done to", () => {
    expect(deedWord("terminate_live_session")).toBe("terminate live session");
    expect(targetWord({ target_label: "", target: "01a1" })).toBe("01a1");
    expect(targetWord({ target_label: "shop", target: "01a1" })).toBe("shop");
  });

  it("tell plain details plainly, and what is nested as JSON", () => {
    expect([true, false, 3, "shop", ["a", "b"], [], null, ""].map(detailText)).toEqual(["yes", "no", "3", "shop", "a, b", "", "", ""]);
    expect(JSON.parse(detailText({ from: { role: "viewer" } }))).toEqual({ from: { role: "viewer" } });
  });
});
