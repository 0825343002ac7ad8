// Which tables does a text name that is still being typed, and what does it call them?

export interface NamedTable {
  schema: string | undefined;
  name: string;
  /** What columns are asked of it by: its alias, or its name. */
  alias: string;
}

const NAME = String.raw`(?:\w+|"[^"]+"|\u0060[^\u0060]+\u0060)`;
/** Words that follow a table and are no alias of it. */
const NO_ALIAS = "from|where|on|using|join|left|right|inner|outer|full|cross|natural|group|order|having|limit|offset|fetch|for|set|values|select|union|except|intersect|window|returning|tablesample|lateral|as";
const TABLE = new RegExp(String.raw`(?:\b(?:from|join|update|into)|,)\s+(?:only\s+)?(${NAME})(?:\s*\.\s*(${NAME}))?(?:\s+(?:as\s+)?(?!(?:${NO_ALIAS})\b)(${NAME}))?`, "gi");

const bare = (name: string): string => name.replaceAll(/["`]/g, "");

/** As far as words tell; a text that is half typed has no grammar. */
export function namedTables(text: string): NamedTable[] {
  // A list in FROM reads as if each began with it.
  const spread = text.replaceAll(/,\s*/g, " , ");
  const found: NamedTable[] = [];
  for (const match of spread.matchAll(TABLE)) {
    const [, first = "", second, alias] = match;
    const name = bare(second ?? first);
    found.push({ schema: second === undefined ? undefined : bare(first), name, alias: alias === undefined ? name : bare(alias) });
  }
  return found;
}
