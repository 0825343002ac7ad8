// Why did a data plane not take what is published, as far as this workspace may know?

import { count } from "~/ui/format";

/** Its own in full; of others' listeners, and of the data plane itself, how many there are. */
export function problemsOf({ problems, problems_elsewhere: elsewhere }: { problems: readonly string[]; problems_elsewhere: number }): string[] {
  const others = `${count(elsewhere, problems.length > 0 ? "more problem" : "problem")} outside of this workspace: an admin of the instance sees what is wrong. A data plane takes everything or nothing.`;
  return elsewhere > 0 ? [...problems, others] : [...problems];
}
