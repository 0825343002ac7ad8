// How many values does a text ask for?

// Comments, texts and quoted names hold no placeholders.
const POSTGRES = /--[^\n]*|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$(\d{1,4})\b/g;
const OTHERS = /--[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|''|[^'\\])*'|"(?:\\.|""|[^"\\])*"|`(?:``|[^`])*`|(\?)/g;

/** `$1` to the highest number for PostgreSQL, each `?` for the others. */
export function placeholders(text: string, engine: string): number {
  if (engine === "postgres") {
    return Math.max(0, ...[...text.matchAll(POSTGRES)].map((match) => Number(match[2] ?? 0)));
  }
  return [...text.matchAll(OTHERS)].filter((match) => match[1] !== undefined).length;
}
