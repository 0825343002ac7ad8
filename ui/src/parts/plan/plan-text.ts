// Where in the text of a plan does each step stand?

/** From line to line after the last: the step's own line and what is said of it. */
export interface TextSpan {
  from: number;
  until: number;
}

const STEP = /^\s*->\s/;

/** PostgreSQL writes the steps in the order of the tree: the first line, then each that begins with an arrow. */
export function stepSpans(lines: readonly string[]): TextSpan[] {
  const starts = lines.flatMap((line, index) => (index === 0 || STEP.test(line) ? [index] : []));
  return starts.map((from, index) => ({ from, until: starts[index + 1] ?? endOf(lines, from) }));
}

/** What follows the last step is of the whole plan: it is not indented. */
function endOf(lines: readonly string[], from: number): number {
  const found = lines.findIndex((line, index) => index > from && !/^\s/.test(line));
  return found === -1 ? lines.length : found;
}

/** The span of the step at this place of the tree; nothing where text and tree do not have the same steps. */
export function spanOf(format: string, lines: readonly string[], steps: number, place: number): TextSpan | undefined {
  const spans = format === "postgres" ? stepSpans(lines) : [];
  return spans.length === steps ? spans[place] : undefined;
}
