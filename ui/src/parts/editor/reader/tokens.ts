// Of which words, names, strings and signs is a text of SQL made, also one that is half typed?

export type TokenKind = "word" | "name" | "string" | "number" | "comment" | "sign";

export interface Token {
  kind: TokenKind;
  from: number;
  to: number;
  /** What it says: a word as it is written, a quoted name without its quotes, one sign. */
  text: string;
  /** Whether its end is there: a string or a comment may still be typed. */
  isEnded: boolean;
}

type Read = [kind: TokenKind, to: number, isEnded: boolean, text?: string];

const SPACE = /\s*/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const NUMBER = /(?:0x[\da-f]+|\d[\d_]*(?:\.\d*)?(?:e[+-]?\d+)?)/iy;
const TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

function matched(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Every token, in order; spaces are none. Each text can be read: what has no end goes on to the text's end. */
export function tokensOf(text: string, engine = "postgres"): Token[] {
  const tokens: Token[] = [];
  let at = matched(SPACE, text, 0)?.length ?? 0;
  while (at < text.length) {
    const [kind, to, isEnded, said] = read(text, at, engine);
    tokens.push({ kind, from: at, to, text: said ?? text.slice(at, to), isEnded });
    at = to + (matched(SPACE, text, to)?.length ?? 0);
  }
  return tokens;
}

function read(text: string, at: number, engine: string): Read {
  const sign = text[at] ?? "";
  const two = text.slice(at, at + 2);
  if ((two === "--" && (engine !== "mysql" || /^(?:\s|$)/.test(text.slice(at + 2, at + 3)))) || (sign === "#" && engine === "mysql")) {
    const end = text.indexOf("\n", at);
    return ["comment", end < 0 ? text.length : end, end >= 0];
  }
  if (two === "/*") {
    return comment(text, at, engine === "postgres" || engine === "sqlserver");
  }
  if (sign === "'") {
    return quoted(text, at, "string", engine === "mysql");
  }
  if (sign === '"' || sign === "`") {
    const isString = sign === '"' && engine === "mysql";
    return quoted(text, at, isString ? "string" : "name", isString);
  }
  if (sign === "[" && engine.startsWith("sql")) {
    const end = text.indexOf("]", at);
    return ["name", end < 0 ? text.length : end + 1, end >= 0, text.slice(at + 1, end < 0 ? undefined : end)];
  }
  return dollar(text, at, engine) ?? plain(text, at, engine);
}

function plain(text: string, at: number, engine: string): Read {
  const word = matched(WORD, text, at);
  if (word !== undefined) {
    const isPrefix = engine === "postgres" && text[at + word.length] === "'" && /^[ebxn]$/i.test(word);
    return isPrefix ? quoted(text, at + word.length, "string", word.toLowerCase() === "e") : ["word", at + word.length, true];
  }
  const number = matched(NUMBER, text, at);
  const length = number?.length ?? String.fromCodePoint(text.codePointAt(at) ?? 0).length;
  return [number === undefined ? "sign" : "number", at + length, true];
}

/** PostgreSQL's `$tag$ … $tag$`. */
function dollar(text: string, at: number, engine: string): Read | undefined {
  const tag = engine === "postgres" ? matched(TAG, text, at) : undefined;
  if (tag === undefined) {
    return undefined;
  }
  const end = text.indexOf(tag, at + tag.length);
  return ["string", end < 0 ? text.length : end + tag.length, end >= 0];
}

function comment(text: string, at: number, isNested: boolean): Read {
  let depth = 1;
  let end = at + 2;
  while (depth > 0) {
    const close = text.indexOf("*/", end);
    if (close < 0) {
      return ["comment", text.length, false];
    }
    const open = isNested ? text.indexOf("/*", end) : -1;
    const isOpening = open >= 0 && open < close;
    depth += isOpening ? 1 : -1;
    end = (isOpening ? open : close) + 2;
  }
  return ["comment", end, true];
}

function quoted(text: string, at: number, kind: "string" | "name", hasBackslash: boolean): Read {
  const mark = text[at] ?? "";
  let end = at + 1;
  while (end < text.length) {
    if (hasBackslash && text[end] === "\\") {
      end += 2;
    } else if (text[end] !== mark) {
      end += 1;
    } else if (text[end + 1] === mark) {
      end += 2;
    } else {
      return [kind, end + 1, true, kind === "name" ? text.slice(at + 1, end).replaceAll(mark + mark, mark) : undefined];
    }
  }
  return [kind, text.length, false, kind === "name" ? text.slice(at + 1).replaceAll(mark + mark, mark) : undefined];
}

export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean => token?.kind === "word" && words.includes(token.text.toLowerCase());

export const isSign = (token: Token | undefined, sign: string): boolean => token?.kind === "sign" && token.text === sign;

/** The string, comment or quoted name one is typing in. */
export function typedIn(tokens: readonly Token[], at: number): Token | undefined {
  const token = tokens.findLast((one) => one.from < at);
  return token !== undefined && (at < token.to || (at === token.to && !token.isEnded)) && token.kind !== "word" && token.kind !== "sign" && token.kind !== "number" ? token : undefined;
}
