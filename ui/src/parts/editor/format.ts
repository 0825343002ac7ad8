// How is a text of SQL laid out over lines, and is it the same text afterwards?

import { tokensOf } from "./reader/tokens";

/** Beyond this laying out takes longer than anybody waits. */
export const FORMATTED_MAX = 200_000;

export type Formatted = { text: string } | { problem: string };

/** What a text says, whatever stands between its words. */
const said = (text: string, engine: string): string =>
  tokensOf(text, engine)
    .map((token) => (token.kind === "comment" ? token.text.replaceAll(/\s+/g, " ").trim() : token.text))
    .join("\u0000");

/** Lays a text out; one that cannot be, or would say something else afterwards, stays as it is. */
export async function formatted(text: string, engine: string): Promise<Formatted> {
  if (text.length > FORMATTED_MAX) {
    return { problem: `The text has more than ${FORMATTED_MAX.toLocaleString("en")} characters: it is left as it is.` };
  }
  const { formatDialect, mysql, postgresql, sqlite } = await import("~/parts/sql-dialects");
  const dialect = engine === "mysql" ? mysql : engine === "sqlite" ? sqlite : postgresql;
  try {
    const laidOut = formatDialect(text, { dialect, keywordCase: "preserve", tabWidth: 2, linesBetweenQueries: 1, paramTypes: { positional: true, numbered: ["$"] } });
    return said(laidOut, engine) === said(text, engine) ? { text: laidOut } : { problem: "Laid out it would say something else: it is left as it is." };
  } catch {
    return { problem: "It cannot be laid out: a parenthesis or a quote may be missing, or it has words the formatter does not know. It is left as it is." };
  }
}

/** Where the cursor stands in the other layout: behind as many letters. */
export function placeAfter(before: string, after: string, at: number): number {
  let letters = before.slice(0, at).replaceAll(/\s/g, "").length;
  let place = 0;
  while (letters > 0 && place < after.length) {
    letters -= /\s/.test(after[place] ?? "") ? 0 : 1;
    place += 1;
  }
  return place;
}
