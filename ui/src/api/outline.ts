// What stands in a rule file, and where? Counted as the editor counts, for a form that changes no more than it must.

import type { Schemas } from "./client";

type Span = readonly number[];
interface ToldField {
  key: string;
  at: Span;
  span: Span;
  value: unknown;
  keys?: readonly string[] | null;
}
interface ToldBlock {
  header: Span;
  fields: readonly ToldField[];
}
/** As the API tells it: in bytes. */
export type ToldOutline = Omit<Schemas["OutlineView"], "fields" | "lists" | "sessions" | "rules"> & { fields: readonly ToldField[]; lists?: ToldBlock | null; sessions: readonly ToldBlock[]; rules: readonly ToldBlock[] };

export interface Place {
  from: number;
  to: number;
}

/** A key with its value. */
export interface OutlineField {
  key: string;
  at: Place;
  /** Where the value stands; of a table with a header, where that does. */
  place: Place;
  value: unknown;
  /** The keys of a table, in order. */
  keys: readonly string[];
}

/** A table with a header. */
export interface Block {
  header: Place;
  fields: readonly OutlineField[];
}

export interface Outline {
  /** The text it is of: places hold for no other. */
  text: string;
  fields: readonly OutlineField[];
  lists: Block | undefined;
  sessions: readonly Block[];
  rules: readonly Block[];
}

export function outlineOf(text: string, told: ToldOutline): Outline {
  const at = characters(text);
  const place = ([from = 0, to = from]: Span): Place => ({ from: at(from), to: at(to) });
  const field = ({ key, at: keyAt, span, value, keys }: ToldField): OutlineField => ({ key, at: place(keyAt), place: place(span), value, keys: keys ?? [] });
  const block = ({ header, fields }: ToldBlock): Block => ({ header: place(header), fields: fields.map(field) });
  return { text, fields: told.fields.map(field), lists: told.lists ? block(told.lists) : undefined, sessions: told.sessions.map(block), rules: told.rules.map(block) };
}

/** Which character a byte is: counted once for the whole text. */
function characters(text: string): (byte: number) => number {
  if (/^[\u0000-\u007f]*$/.test(text)) {
    return (byte) => Math.min(byte, text.length);
  }
  const starts = new Uint32Array(text.length * 3 + 1).fill(text.length);
  let byte = 0;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) ?? 0;
    const size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    starts.fill(at, byte, byte + size);
    byte += size;
    at += point < 0x10000 ? 1 : 2;
  }
  return (wanted) => starts[wanted] ?? text.length;
}
