// How many values does the text of a fingerprint leave open, and where does each stand?

// Strings, quoted names and comments are skipped: a question mark in them is a letter.
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\d+)|\?/g;

/** What may be told of a value: the name and the sign or word before it. */
const BEFORE = /(?:(?:[\w.$]|"[^"]*"|`[^`]*`)+\s*)?(?:<>|!=|<=|>=|\|\||[=<>+\-*/]|\b(?:NOT\s+)?(?:I?LIKE|IN|BETWEEN|VALUES|AND|INTERVAL)\b)\s*\(?\s*$|\b(?:LIMIT|OFFSET|SELECT)\s+$/i;
const BEFORE_MAX = 60;

/** `?` stands for a value each, behind those that `$1`, `$2`, … number. The server counts for good. */
export function placeholdersOf(text: string): number {
  return numbered(text).around.length;
}

export interface Numbered {
  /** The text with a number for each open value, as the server numbers them. */
  text: string;
  /** Of each value, by its number, what stands before it; empty where that says nothing. */
  around: string[];
}

export function numbered(text: string): Numbered {
  let number = [...text.matchAll(TOKEN)].reduce((highest, match) => Math.max(highest, Number(match[1] ?? 0)), 0);
  const around: string[] = Array.from({ length: number }, () => "");
  const told = text.replaceAll(TOKEN, (token: string, said: string | undefined, at: number) => {
    if (token !== "?" && said === undefined) {
      return token;
    }
    const mine = said === undefined ? (number += 1) : Number(said);
    around[mine - 1] ||= wordsBefore(text.slice(Math.max(0, at - BEFORE_MAX), at));
    return `$${mine}`;
  });
  return { text: told, around };
}

const wordsBefore = (text: string): string =>
  (BEFORE.exec(text)?.[0] ?? "")
    .replace(/\(\s*$/, "")
    .replaceAll(/\s+/g, " ")
    .trim();
