// How is SQL shown where it is not edited? Words and literals told apart; wraps, or one line.

import { memo, type ReactNode } from "react";
import { classes } from "~/ui/classes";

const WORDS = new Set(
  "select from where and or not in is null as on join left right inner outer full cross natural lateral using group by order having limit offset fetch union all except intersect insert into values update set delete returning with recursive case when then else end distinct exists between like ilike asc desc nulls first last create alter drop table index view begin commit rollback savepoint release explain analyze copy call do execute prepare deallocate declare cursor close show reset grant revoke truncate for share over partition window filter cast interval true false replace merge matched lock vacuum".split(" "),
);
// Comments, strings, quoted names, numbers and placeholders, words, anything else.
const TOKEN = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|("(?:[^"]|"")*"|`[^`]*`)|(\$\d+|\?|\b\d+(?:\.\d+)?\b)|([A-Za-z_][\w$]*)/g;

function colour(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, comment, literal, , number, word] = match;
    if (match.index > at) {
      parts.push(text.slice(at, match.index));
    }
    const look = comment ? "text-ink-faint italic" : literal || number ? "text-warn" : word && WORDS.has(word.toLowerCase()) ? "text-brand-text font-medium" : undefined;
    parts.push(look ? <span key={match.index} className={look}>{whole}</span> : whole);
    at = match.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}

/** Long texts are cut before they are coloured: a row of a table shows a line. */
const LINE_MAX = 400;

export const SqlLine = memo(function SqlLine({ text, className }: { text: string; className?: string }) {
  const line = text.slice(0, LINE_MAX).replaceAll(/\s+/g, " ");
  return (
    <code dir="ltr" className={classes("font-mono text-xs whitespace-nowrap", className)} title={text.slice(0, 2_000)}>
      {colour(line)}
      {text.length > LINE_MAX && "…"}
    </code>
  );
});

export const SqlBlock = memo(function SqlBlock({ text, className }: { text: string; className?: string }) {
  return (
    // Scrolls by itself when it is wider than the page: it must be reachable by the keyboard then.
    <pre dir="ltr" tabIndex={0} role="region" aria-label="SQL" className={classes("scroll-thin overflow-auto rounded-md bg-subtle p-3 font-mono text-xs leading-5 text-ink", className)}>
      {colour(text)}
    </pre>
  );
});
