// How does a change in the form become a change of the text, and of nothing else in it?
//
// The server reads the text and tells where each thing stands; a second reader of TOML would differ from it some day. What is
// changed here are whole values or whole lines: comments, order and white space of everything else stay as they are.

import type { Block, Outline, OutlineField, Place } from "~/api/outline";
import { hasComment, keyText, valueText } from "./toml-text";

/** What a rule says, by key; `undefined` takes a key away. */
export type Fields = Readonly<Record<string, unknown>>;

/** The order in which the documentation writes a rule. */
const ORDER = ["name", "when", "unless", "decision", "overridable", "reason", "limit", "dry_run", "record", "message", "hint"];

const isSame = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

interface Change extends Place {
  text: string;
}

function changed(text: string, changes: readonly Change[]): string {
  let next = text;
  for (const one of [...changes].sort((left, right) => right.from - left.from || right.to - left.to)) {
    next = next.slice(0, one.from) + one.text + next.slice(one.to);
  }
  return next;
}

const lineStart = (text: string, at: number): number => text.lastIndexOf("\n", at - 1) + 1;
/** Behind the line's end. */
const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
};
const newlineOf = (text: string): string => (text.includes("\r\n") ? "\r\n" : "\n");

/** The value in JSON's order of keys has lost that of the text: here it is again. */
export function valueOf(field: OutlineField): unknown {
  const value = field.value;
  if (field.keys.length === 0 || typeof value !== "object" || value === null) {
    return value;
  }
  const table = value as Record<string, unknown>;
  return Object.fromEntries(field.keys.map((key) => [key, table[key]]));
}

export const fieldsOf = (block: Block): Record<string, unknown> => Object.fromEntries(block.fields.map((field) => [field.key, valueOf(field)]));

/** Why a form cannot change it; `undefined` where it can. */
export function readOnlyReason({ text }: Outline, block: Block): string | undefined {
  if (text[block.header.from] !== "[") {
    return "It is written inside of another value.";
  }
  for (const field of block.fields) {
    const isTable = field.keys.length > 0 || (typeof field.value === "object" && field.value !== null && !Array.isArray(field.value));
    if (isTable && text[field.place.from] !== "{") {
      return `Its \`${field.key}\` is a table of its own.`;
    }
    if (hasComment(text.slice(field.place.from, field.place.to))) {
      return `There is a comment inside of its \`${field.key}\`.`;
    }
    if (/\S/.test(text.slice(lineStart(text, field.at.from), field.at.from))) {
      return `Its \`${field.key}\` shares a line.`;
    }
  }
  return undefined;
}

/** Its own lines: from the comment right above its header to its last value. */
export function placeOf({ text }: Outline, block: Block): Place {
  let from = lineStart(text, block.header.from);
  while (from > 0) {
    const before = lineStart(text, from - 1);
    if (!text.slice(before, from).trimStart().startsWith("#")) {
      break;
    }
    from = before;
  }
  const last = Math.max(block.header.to, ...block.fields.map((field) => field.place.to));
  return { from, to: lineEnd(text, last) };
}

/** Where it begins and ends without the comment above it: what is shown as its text. */
export const ownLines = (outline: Outline, block: Block): Place => ({ from: lineStart(outline.text, block.header.from), to: placeOf(outline, block).to });

function line(text: string, key: string, value: unknown): string {
  return `${keyText(key)} = ${valueText(value)}${newlineOf(text)}`;
}

/** Puts values into a table with a header; those that stay are not touched. */
export function setFields(outline: Outline, block: Block, fields: Fields, order: readonly string[] = ORDER): string {
  const { text } = outline;
  const changes: Change[] = [];
  const added: string[] = [];
  for (const [key, value] of Object.entries(fields)) {
    const there = block.fields.find((field) => field.key === key);
    if (there === undefined) {
      if (value !== undefined) {
        added.push(key);
      }
    } else if (value === undefined) {
      changes.push({ from: lineStart(text, there.at.from), to: lineEnd(text, there.place.to), text: "" });
    } else if (!isSame(valueOf(there), value)) {
      changes.push({ ...there.place, text: valueText(value) });
    }
  }
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  for (const key of added.sort((left, right) => rank(left) - rank(right))) {
    // Behind what comes before it in the documentation, else right below the header.
    const before = block.fields.filter((field) => rank(field.key) <= rank(key)).at(-1);
    const at = lineEnd(text, (before?.place ?? block.header).to);
    const begins = at > 0 && text[at - 1] !== "\n" ? newlineOf(text) : "";
    const same = changes.find((one) => one.from === at && one.to === at);
    if (same) {
      same.text += line(text, key, fields[key]);
    } else {
      changes.push({ from: at, to: at, text: begins + line(text, key, fields[key]) });
    }
  }
  return changed(text, changes);
}

/** Another rule, behind all others. */
export function addRule({ text }: Outline, fields: Fields): string {
  const newline = newlineOf(text);
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  const lines = said.sort(([left], [right]) => ORDER.indexOf(left) - ORDER.indexOf(right)).map(([key, value]) => line(text, key, value));
  const before = text.trim() === "" ? "" : text.replace(/\s*$/, newline + newline);
  return `${before}[[rule]]${newline}${lines.join("")}`;
}

/** Without a rule, the comment right above it, and the empty lines behind it. */
export function removeRule(outline: Outline, at: number): string {
  const block = outline.rules[at];
  if (block === undefined) {
    return outline.text;
  }
  const { from, to } = placeOf(outline, block);
  const rest = /^(?:[ \t]*\r?\n)+/.exec(outline.text.slice(to));
  const end = to + (rest?.[0].length ?? 0);
  const next = outline.text.slice(0, from) + outline.text.slice(end);
  return end === outline.text.length ? next.replace(/(?:\r?\n){2,}$/, newlineOf(outline.text)) : next;
}

/** Two rules that follow each other change places; what stands between them stays there. */
export function swapRules(outline: Outline, first: number): string {
  const { text } = outline;
  const [one, other] = [outline.rules[first], outline.rules[first + 1]];
  if (one === undefined || other === undefined) {
    return text;
  }
  const [upper, lower] = [placeOf(outline, one), placeOf(outline, other)];
  const newline = newlineOf(text);
  const ended = (piece: string): string => (piece.endsWith("\n") ? piece : piece + newline);
  const between = text.slice(upper.to, lower.from);
  return text.slice(0, upper.from) + ended(text.slice(lower.from, lower.to)) + between + ended(text.slice(upper.from, upper.to)) + text.slice(lower.to);
}

/** A key at the top of the document: `description`, `include`. */
export function setTop(outline: Outline, key: string, value: unknown): string {
  const { text, fields } = outline;
  const there = fields.find((field) => field.key === key);
  if (there) {
    return value === undefined ? changed(text, [{ from: lineStart(text, there.at.from), to: lineEnd(text, there.place.to), text: "" }]) : changed(text, [{ ...there.place, text: valueText(value) }]);
  }
  if (value === undefined) {
    return text;
  }
  const last = fields.at(-1);
  const newline = newlineOf(text);
  if (last === undefined) {
    return `${line(text, key, value)}${text.trim() === "" ? "" : newline}${text}`;
  }
  const at = lineEnd(text, last.place.to);
  return changed(text, [{ from: at, to: at, text: (text[at - 1] === "\n" ? "" : newline) + line(text, key, value) }]);
}

/** Why a key at the top cannot be changed by a form. */
export function topReadOnly({ text, fields }: Outline, key: string): boolean {
  const there = fields.find((field) => field.key === key);
  return there !== undefined && hasComment(text.slice(there.place.from, there.place.to));
}

/** The entries of a list; none takes nothing away: a list may be empty. */
export function setList(outline: Outline, name: string, entries: readonly string[] | undefined): string {
  const { text, lists } = outline;
  if (lists) {
    return setFields(outline, lists, { [name]: entries }, []);
  }
  if (entries === undefined) {
    return text;
  }
  const newline = newlineOf(text);
  const written = `[lists]${newline}${line(text, name, entries)}`;
  const first = [...outline.sessions, ...outline.rules].map((block) => placeOf(outline, block).from).sort((left, right) => left - right)[0];
  if (first === undefined) {
    return `${text.trim() === "" ? "" : text.replace(/\s*$/, newline + newline)}${written}`;
  }
  return changed(text, [{ from: first, to: first, text: written + newline }]);
}
