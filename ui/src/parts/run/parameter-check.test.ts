// Are values held against their types as the API does?

import { expect, it } from "vitest";
import type { Parameter } from "~/api/saved-queries";
import { unfit, valueProblem } from "./parameter-check";

const parameter = (type: Parameter["type"], name = "p"): Parameter => ({ name, type });

it("takes what fits and says how the rest is written", () => {
  const cases: [Parameter["type"], string[], string[]][] = [
    ["text", ["", "x"], []],
    ["integer", ["-12", "7"], ["1.5", "", "x"]],
    ["number", ["1e3", "-1.5", ".5"], ["many", ""]],
    ["boolean", ["true", "false"], ["yes", ""]],
    ["date", ["2026-11-21"], ["2026-02-30", "2026-11-21T10:00:00", ""]],
    ["timestamp", ["2026-11-21 10:35:00", "2026-11-21T10:35:00.5+02:00", "2026-11-21"], ["now", "2026-13-01T00:00:00"]],
    ["uuid", ["01990000-0000-7000-8000-000000000000"], ["0199"]],
    ["json", ['{"a":[1]}', "1"], ["{a:1}", ""]],
  ];
  for (const [type, good, bad] of cases) {
    good.forEach((value) => expect(valueProblem(parameter(type), value), `${type} ${value}`).toBeUndefined());
    bad.forEach((value) => expect(valueProblem(parameter(type), value), `${type} ${value}`).toMatch(value === "" ? /^Required/ : /^Is no/));
  }
});

it("lets any value be missing on purpose", () => {
  expect(valueProblem(parameter("integer"), null)).toBeUndefined();
});

it("names the parameters that want something else", () => {
  expect(unfit([parameter("integer", "a"), parameter("text", "b"), parameter("date", "c")], ["x", "", null])).toEqual(["a"]);
  expect(unfit([parameter("integer", "a")], [])).toEqual(["a"]);
});
