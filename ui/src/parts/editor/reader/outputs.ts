// What are the columns of a query called that its SELECT lists?

import { isGroup, listed, says, signs, type Item } from "./groups";
import type { Source } from "./place";

/** Words that can stand in an expression and name nothing. */
const NO_NAME =
  "and|or|not|is|null|in|like|ilike|between|exists|any|some|all|true|false|unknown|case|when|then|else|end|as|from|where|on|using|join|left|right|inner|outer|full|cross|natural|group|order|by|having|limit|offset|fetch|for|set|values|select|union|except|intersect|minus|window|returning|tablesample|lateral|only|distinct|collate|similar|escape|over|filter|within|asc|desc|nulls|into|update|delete|insert|with|straight_join|force|use|ignore|partition|qualify|default|when|matched|do|conflict|interval|div|mod|xor|regexp|rlike|isnull|notnull|binary|search|cycle|materialized|recursive";
const RESERVED: ReadonlySet<string> = new Set(NO_NAME.split("|"));

/** What can name a table or a column: a word that is not the language's, or anything in quotes. */
export const named = (item: Item | undefined): string | undefined => {
  if (item === undefined || isGroup(item)) {
    return undefined;
  }
  return item.kind === "name" || (item.kind === "word" && !RESERVED.has(item.text.toLowerCase())) ? item.text : undefined;
};

/** A column, or one that has no name of its own. */
export type Output = string | undefined;

export function outputsOf(items: readonly Item[], sources: readonly Source[]): Output[] {
  return listed(items).flatMap((part) => (part.length === 0 ? [] : outputOf(part, sources)));
}

function outputOf(part: readonly Item[], sources: readonly Source[]): Output[] {
  if (signs(part.at(-1), "*") && (part.length === 1 || signs(part.at(-2), "."))) {
    const owner = named(part.at(-3))?.toLowerCase();
    return sources.filter((one) => owner === undefined || one.alias.toLowerCase() === owner).flatMap((one) => [...one.columns]);
  }
  const before = part.at(-2);
  const last = named(part.at(-1));
  const isAlias = says(before, "as") || (before !== undefined && (isGroup(before) || named(before) !== undefined || says(before, "end", "null", "true", "false") || before.kind === "number" || before.kind === "string"));
  if (last !== undefined && (part.length === 1 || isAlias)) {
    return [last];
  }
  return [withoutAlias(part)];
}

/** As PostgreSQL calls it: the column, the function, what is cast. */
function withoutAlias(part: readonly Item[]): Output {
  const cast = part.findIndex((item, index) => signs(item, ":") && signs(part[index + 1], ":"));
  const core = cast > 0 ? part.slice(0, cast) : part;
  const last = core.at(-1);
  const isPath = core.length === 1 || signs(core.at(-2), ".");
  if (!isGroup(last)) {
    return isPath ? named(last) : undefined;
  }
  const isCall = core.length === 2 || signs(core.at(-3), ".");
  return isCall ? named(core.at(-2))?.toLowerCase() : undefined;
}
