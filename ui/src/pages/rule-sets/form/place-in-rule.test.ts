// Is it known what is being typed in a rule file?

import { describe, expect, it } from "vitest";
import { placeInRule } from "./place-in-rule";

const said = (before: string) => {
  const place = placeInRule(before);
  return place && `${place.header}:${place.path.join(".")} ${place.wants} ${place.typed}${place.isQuoted ? '"' : ""}`;
};

describe("the place in a rule file", () => {
  it("tells keys from values", () => {
    expect(said("des")).toBe(": key des");
    expect(said("[[rule]]\nna")).toBe("rule: key na");
    expect(said('[[rule]]\nname = "a"\ndecision = "re')).toBe('rule:decision value re"');
    expect(said("[[rule]]\nwhen = { ")).toBe("rule:when key ");
    expect(said("[[rule]]\nwhen = { cla")).toBe("rule:when key cla");
  });

  it("knows the condition, in a list too, over several lines", () => {
    expect(said('[[rule]]\nwhen = { class = ["ddl", "wr')).toBe('rule:when.class value wr"');
    expect(said('[[rule]]\nwhen = { class = [\n  "ddl", # why\n  "')).toBe('rule:when.class value "');
    expect(said('[[rule]]\nwhen = { class = ["ddl"], us')).toBe("rule:when key us");
    expect(said('[[rule]]\nwhen = { time = { days = ["')).toBe('rule:when.time.days value "');
    expect(said('[[rule]]\nwhen = { time = { days = ["mon"] }, ')).toBe("rule:when key ");
    expect(said("[[rule]]\nwhen = { every_row = tr")).toBe("rule:when.every_row value tr");
  });

  it("begins anew with each line, and is silent in comments", () => {
    expect(said('[[rule]]\nwhen = { class = ["ddl"] }\nun')).toBe("rule: key un");
    expect(said('[lists]\nwriters = ["a"]\n[[session]]\nwhen = { user = "@')).toBe('session:when.user value @"');
    expect(said("[[rule]]\n# whe")).toBeUndefined();
    expect(said('[[rule]]\nmessage = "not # a comment, "\nhi')).toBe("rule: key hi");
  });
});
