// Are a rule's message and hint found in the text of its rule set?

import { expect, test } from "vitest";
import { ruleWords } from "./rule-words";

const text = `description = "Reads for all"

[[session]]
name = "every-row"
read_only = true

[[rule]]
name = "library" # its name
decision = "refuse"
message = 'no "library" is loaded'

[[rule]]
name = "every-row"
when = { every_row = true }
message = "this \\"UPDATE\\" has no condition"
hint = "add a WHERE"

[[rule]]
name = "bare"
decision = "refuse"
`;

test("the rule of that name says it, not a session's setting or another rule", () => {
  expect(ruleWords(text, "every-row")).toEqual({ message: 'this "UPDATE" has no condition', hint: "add a WHERE" });
  expect(ruleWords(text, "library")).toEqual({ message: 'no "library" is loaded', hint: undefined });
});

test("a rule without words, and one that is not there, say nothing", () => {
  expect(ruleWords(text, "bare")).toBeUndefined();
  expect(ruleWords(text, "gone")).toBeUndefined();
});
