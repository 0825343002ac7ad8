// Where in a rule file does one type: a key of a rule, a condition, or a value of which key?

export interface PlaceInRule {
  /** `[[rule]]`, `[[session]]`, `[lists]`; empty above the first header. */
  header: string;
  /** The keys one is inside of, outermost first: `when`, `class`. */
  path: readonly string[];
  /** Whether a key may stand here, or a value. */
  wants: "key" | "value";
  /** What is typed of it already, without its quote. */
  typed: string;
  /** Whether a quote is open. */
  isQuoted: boolean;
}

const HEADER = /^[ \t]*\[\[?[ \t]*([\w.-]+)[ \t]*\]\]?/gm;

interface State {
  path: string[];
  open: ("{" | "[")[];
  /** The key before the last `=`. */
  key: string | undefined;
  wants: "key" | "value";
}

/** Of the text before the cursor; `undefined` in a comment. */
export function placeInRule(before: string): PlaceInRule | undefined {
  const last = [...before.matchAll(HEADER)].at(-1);
  const header = last?.[1] ?? "";
  const body = before.slice(last === undefined ? 0 : last.index + last[0].length);
  const state: State = { path: [], open: [], key: undefined, wants: "key" };
  for (let at = 0; at < body.length; ) {
    const rest = body.slice(at);
    const comment = /^#[^\n]*/.exec(rest);
    if (comment) {
      if (at + comment[0].length === body.length) {
        return undefined;
      }
      at += comment[0].length;
      continue;
    }
    const text = /^"((?:[^"\\\n]|\\.)*)("?)|^'([^'\n]*)('?)/.exec(rest);
    if (text) {
      const isClosed = Boolean(text[2] ?? text[4]);
      if (!isClosed && at + text[0].length === body.length) {
        return { header, path: pathOf(state), wants: state.wants, typed: text[1] ?? text[3] ?? "", isQuoted: true };
      }
      state.key = state.wants === "key" ? (text[1] ?? text[3]) : state.key;
      at += text[0].length;
      continue;
    }
    const word = /^[\w.@*-]+/.exec(rest);
    if (word) {
      if (at + word[0].length === body.length) {
        return { header, path: pathOf(state), wants: state.wants, typed: word[0], isQuoted: false };
      }
      state.key = state.wants === "key" ? word[0] : state.key;
      at += word[0].length;
      continue;
    }
    sign(state, body[at] ?? "");
    at += 1;
  }
  return { header, path: pathOf(state), wants: state.wants, typed: "", isQuoted: false };
}

const pathOf = ({ path, key, wants }: State): string[] => (wants === "value" && key !== undefined ? [...path, key] : path);

function sign(state: State, one: string): void {
  if (one === "=") {
    state.wants = "value";
  } else if (one === "{") {
    state.open.push("{");
    state.path.push(state.key ?? "");
    state.wants = "key";
    state.key = undefined;
  } else if (one === "[") {
    state.open.push("[");
  } else if (one === "]") {
    state.open.pop();
  } else if (one === "}") {
    state.open.pop();
    state.key = state.path.pop();
    state.wants = "value";
  } else if ((one === "," && state.open.at(-1) === "{") || (one === "\n" && state.open.length === 0)) {
    state.wants = "key";
    state.key = undefined;
  }
}
