// Which entries match what is typed? Scans names held in memory: milliseconds for a hundred thousand of them.

import type { RelationNames } from "~/api/find";

export type Kind = "action" | "page" | "table" | "column" | "fingerprint" | "saved query" | "rule set" | "connection" | "listener" | "person" | "guide";

export interface Entry {
  kind: Kind;
  label: string;
  /** What tells it apart from others of the same name. */
  detail?: string;
  /** Where it leads; an action has `run` instead. */
  path?: string;
  run?: () => void;
  /** Keys that do the same. */
  keys?: string;
}

export interface Found {
  kind: Kind;
  entries: Entry[];
  /** How many matched; more than are shown. */
  total: number;
}

interface Named {
  entry: Entry;
  /** Lower case: the name alone, and all that may be typed for it. */
  name: string;
  text: string;
}

interface Relation {
  entry: Entry;
  name: string;
  text: string;
  columns: readonly string[];
  /** The columns' names in lower case, each behind a line feed: one search tells whether any is meant. */
  joined: string;
}

const SHOWN_MAX = 7;
const ALL_MAX = 50;
/** Column hits that are ranked; nobody reads on behind them. */
const COLUMNS_MAX = 300;
const ORDER: readonly Kind[] = ["page", "action", "table", "fingerprint", "saved query", "column", "connection", "listener", "rule set", "person", "guide"];
/** Texts in which nearly any letters are found somewhere: only words, or what they begin with, are meant. */
const LONG: ReadonlySet<Kind> = new Set<Kind>(["fingerprint", "saved query", "guide"]);
/** What a word is worth that begins somewhere in the text. */
const WORD_BEGINS = 30;
/** A first character that narrows to some kinds. */
export const PREFIXES: Record<string, { kinds: readonly Kind[]; label: string }> = {
  ">": { kinds: ["action", "page"], label: "actions and pages" },
  "#": { kinds: ["table", "column"], label: "tables and columns" },
  "/": { kinds: ["fingerprint", "saved query"], label: "queries" },
  "@": { kinds: ["person"], label: "people" },
  "?": { kinds: ["guide"], label: "help" },
};

/** What was typed: words, and the kinds a prefix narrows to. */
export function parse(typed: string): { words: string[]; kinds?: readonly Kind[] } {
  const prefix = PREFIXES[typed.trimStart().charAt(0)];
  const rest = prefix ? typed.trimStart().slice(1) : typed;
  return { words: rest.toLowerCase().split(/[\s.]+/).filter(Boolean), kinds: prefix?.kinds };
}

/** Whether a word begins there: neither a letter nor a digit stands before it. */
function isBoundary(text: string, at: number): boolean {
  const before = at === 0 ? 0 : text.charCodeAt(at - 1);
  return !((before >= 97 && before <= 122) || (before >= 48 && before <= 57));
}

/** How well a word meets a text; 0 when not at all. */
function meets(word: string, name: string, text: string): number {
  if (name === word) {
    return 100;
  }
  if (name.startsWith(word)) {
    return 60;
  }
  const at = text.indexOf(word);
  if (at < 0) {
    return 0;
  }
  for (let next = at; next >= 0; next = text.indexOf(word, next + 1)) {
    if (isBoundary(text, next)) {
      return WORD_BEGINS;
    }
  }
  // In the middle of a word: of a name it is something, of what is said about it next to nothing.
  return name.includes(word) ? 10 : 2;
}

/** The letters of the word in their order, with others in between: `shpitm` is in `shipment_items`. */
function isSubsequence(word: string, name: string): boolean {
  let at = -1;
  return [...word].every((letter) => (at = name.indexOf(letter, at + 1)) >= 0);
}

/** Every word has to be met; short names before long ones of the same merit. Where nothing is asked, all is met alike. */
function score(words: readonly string[], name: string, text: string, loosely: boolean, least = 1): number {
  if (words.length === 0) {
    return 1;
  }
  let sum = 0;
  for (const word of words) {
    const merit = meets(word, name, text) || (loosely && word.length >= 3 && isSubsequence(word, name) ? 4 : 0);
    if (merit < least) {
      return 0;
    }
    sum += merit;
  }
  return sum - name.length / 1_000;
}

export class FindIndex {
  private readonly named = new Map<string, Named[]>();
  private readonly relations = new Map<string, Relation[]>();

  /** Puts entries in the place of those of the same part. */
  put(part: string, entries: readonly Entry[]): void {
    this.named.set(
      part,
      entries.map((entry) => ({ entry, name: entry.label.toLowerCase(), text: `${entry.label} ${entry.detail ?? ""}`.toLowerCase() })),
    );
  }

  /** Tables of a connection with their columns; `path` makes where each leads. */
  putRelations(part: string, relations: readonly RelationNames[], connection: string, path: (key: string) => string): void {
    const known = relations.map((relation) => ({
      entry: { kind: "table" as const, label: relation.schema ? `${relation.schema}.${relation.name}` : relation.name, detail: connection, path: path(relation.key) },
      name: relation.name.toLowerCase(),
      text: `${relation.schema} ${relation.name}`.toLowerCase(),
      columns: relation.columns,
      joined: `\n${relation.columns.join("\n").toLowerCase()}`,
    }));
    this.relations.set(part, known);
  }

  /** Keeps only these parts: what is gone is not found any more. */
  keep(parts: ReadonlySet<string>): void {
    for (const held of [this.named, this.relations]) {
      [...held.keys()].filter((part) => !parts.has(part)).forEach((part) => held.delete(part));
    }
  }

  find(typed: string): Found[] {
    const { words, kinds } = parse(typed);
    const hits = new Map<Kind, { entry: Entry; merit: number }[]>();
    const add = (entry: Entry, merit: number) => {
      const known = hits.get(entry.kind);
      if (known) {
        known.push({ entry, merit });
      } else {
        hits.set(entry.kind, [{ entry, merit }]);
      }
    };
    const wanted = (kind: Kind) => kinds === undefined || kinds.includes(kind);
    for (const { entry, name, text } of [...this.named.values()].flat()) {
      const isLong = LONG.has(entry.kind);
      const merit = wanted(entry.kind) ? score(words, name, text, !isLong, isLong ? WORD_BEGINS : 1) : 0;
      if (merit > 0) {
        add(entry, merit);
      }
    }
    if (words.length > 0 && wanted("table")) {
      this.findRelations(words, add);
    }
    // Behind a prefix alone there is all it narrows to.
    const shown = words.length === 0 && kinds !== undefined ? ALL_MAX : SHOWN_MAX;
    const groups = ORDER.flatMap((kind) => {
      const found = hits.get(kind);
      return found ? [{ kind, total: found.length, merit: found.reduce((most, one) => Math.max(most, one.merit), 0), entries: best(found, shown) }] : [];
    });
    // What was meant stands first; kinds of about the same merit keep their order.
    return groups.sort((one, other) => Math.round((other.merit - one.merit) / 10));
  }

  private findRelations(words: readonly string[], add: (entry: Entry, merit: number) => void): void {
    let columns = 0;
    for (const relation of [...this.relations.values()].flat()) {
      const merit = score(words, relation.name, relation.text, true);
      if (merit > 0) {
        add(relation.entry, merit);
      }
      const couldBe = columns < COLUMNS_MAX && words.every((word) => relation.joined.includes(word) || relation.text.includes(word));
      if (couldBe) {
        for (const column of relation.columns) {
          const columnMerit = scoreColumn(words, column.toLowerCase(), relation.text);
          if (columnMerit > 0) {
            columns += 1;
            add({ kind: "column", label: column, detail: relation.entry.label, path: `${relation.entry.path ?? ""}?column=${encodeURIComponent(column)}` }, columnMerit);
          }
        }
      }
    }
  }
}

/** At least one word has to be of the column itself; the others may be of its table. */
function scoreColumn(words: readonly string[], name: string, table: string): number {
  let sum = 0;
  let own = false;
  for (const word of words) {
    const merit = meets(word, name, name);
    own ||= merit > 0;
    if (merit === 0 && !table.includes(word)) {
      return 0;
    }
    sum += merit || 5;
  }
  return own ? sum - name.length / 1_000 : 0;
}

/** The most meritorious ones; of equals those that came first. Sorting all of them would take longer than finding them. */
function best(found: readonly { entry: Entry; merit: number }[], most: number): Entry[] {
  const kept: { entry: Entry; merit: number }[] = [];
  for (const one of found) {
    const last = kept.at(-1);
    if (kept.length < most || (last && one.merit > last.merit)) {
      const place = kept.findIndex((other) => other.merit < one.merit);
      kept.splice(place < 0 ? kept.length : place, 0, one);
      kept.length = Math.min(kept.length, most);
    }
  }
  return kept.map((one) => one.entry);
}
