// How is a rule file read for its colours? TOML's words, line by line.

import { StreamLanguage, type StringStream } from "@codemirror/language";

interface State {
  /** The marks that end the text one is in. */
  until: '"""' | "'''" | undefined;
  /** Whether a key may stand here. */
  isKey: boolean;
}

function longText(stream: StringStream, state: State, until: '"""' | "'''"): string {
  state.until = stream.skipTo(until) ? undefined : until;
  if (state.until === undefined) {
    stream.match(until);
  } else {
    stream.skipToEnd();
  }
  return "string";
}

function token(stream: StringStream, state: State): string | null {
  if (state.until !== undefined) {
    return longText(stream, state, state.until);
  }
  if (stream.sol()) {
    state.isKey = true;
    if (stream.match(/^\s*\[\[?[^\]]*\]\]?/)) {
      return "heading";
    }
  }
  if (stream.eatSpace()) {
    return null;
  }
  if (stream.match("#")) {
    stream.skipToEnd();
    return "comment";
  }
  if (stream.match('"""')) {
    return longText(stream, state, '"""');
  }
  if (stream.match("'''")) {
    return longText(stream, state, "'''");
  }
  if (state.isKey && stream.match(/^[\w.-]+(?=\s*=)/)) {
    state.isKey = false;
    return "propertyName";
  }
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'[^']*'?/)) {
    return "string";
  }
  if (stream.match(/^(?:true|false)\b/) || stream.match(/^[+-]?\d[\w.:+-]*/)) {
    return "number";
  }
  const sign = stream.next();
  if (sign === "{" || sign === ",") {
    state.isKey = true;
  }
  return null;
}

export const toml = StreamLanguage.define<State>({ name: "toml", startState: () => ({ until: undefined, isKey: true }), token, languageData: { commentTokens: { line: "#" } } });
