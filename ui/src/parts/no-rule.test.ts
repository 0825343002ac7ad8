// Is a refusal without a rule put down to what refused it?

import { expect, test } from "vitest";
import { refuser } from "./no-rule";

test("what the client was given tells it, and what tells nothing is the listener's default", () => {
  expect(["58030", "HY000", "25006", "42501", "", undefined].map(refuser)).toEqual([
    "the ledger, which could not record it",
    "the ledger, which could not record it",
    "the session, which reads only",
    "the listener's default",
    "the listener's default",
    "the listener's default",
  ]);
});
