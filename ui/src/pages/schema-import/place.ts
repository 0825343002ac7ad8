// Where in the file is what is wrong: which line, which character, and what stands around it?

/** So many letters are shown on either side. */
const AROUND = 60;
const NEWLINE = 10;

export interface FilePlace {
  line: number;
  /** The character of the line, from 1. */
  column: number;
  before: string;
  marked: string;
  after: string;
}

/** `span` is in bytes, as the API tells it. */
export function placeOf(bytes: Uint8Array, span: readonly number[]): FilePlace {
  const from = Math.min(Math.max(0, span[0] ?? 0), bytes.length);
  const until = Math.min(Math.max(from, span[1] ?? from), bytes.length);
  const start = bytes.lastIndexOf(NEWLINE, from - 1);
  const lineStart = from === 0 ? 0 : start + 1;
  const end = bytes.indexOf(NEWLINE, from);
  const lineEnd = end < 0 ? bytes.length : end;
  let line = 1;
  for (let at = 0; at < lineStart; at += 1) {
    line += bytes[at] === NEWLINE ? 1 : 0;
  }
  const decoder = new TextDecoder();
  const textOf = (first: number, last: number) => decoder.decode(bytes.subarray(first, Math.max(first, last))).replace(/\r$/, "");
  const before = textOf(lineStart, from);
  const after = textOf(Math.min(until, lineEnd), lineEnd);
  return { line, column: [...before].length + 1, before: tail(before), marked: textOf(from, Math.min(until, Math.max(lineEnd, from))), after: after.length > AROUND ? `${after.slice(0, AROUND)}…` : after };
}

const tail = (text: string): string => (text.length > AROUND ? `…${text.slice(-AROUND)}` : text);
