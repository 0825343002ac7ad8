// What does a guide say? Reads the part of Markdown that docs/guide is written in, into what can be shown without markup.

export type Inline = { kind: "text" | "strong" | "emphasis" | "code"; text: string } | { kind: "link"; text: string; href: string };

export type Block =
  | { kind: "heading"; level: number; inline: Inline[] }
  | { kind: "paragraph"; inline: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "code"; text: string }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] };

const MARKS = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)/g;

/** Code, strong, emphasis and links; all else is text. */
export function inline(text: string): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  const plain = (end: number) => {
    if (end > at) {
      found.push({ kind: "text", text: text.slice(at, end) });
    }
  };
  for (const match of text.matchAll(MARKS)) {
    const [whole, code, strong, emphasis, label, href] = match;
    plain(match.index);
    at = match.index + whole.length;
    if (code !== undefined) {
      found.push({ kind: "code", text: code });
    } else if (strong !== undefined) {
      found.push({ kind: "strong", text: plainText(strong) });
    } else if (emphasis !== undefined) {
      found.push({ kind: "emphasis", text: plainText(emphasis) });
    } else if (label !== undefined && href !== undefined) {
      found.push({ kind: "link", text: plainText(label), href });
    }
  }
  plain(text.length);
  return found;
}

const plainText = (text: string): string => text.replaceAll(/[`*]/g, "");

/** What stands there when nobody marks anything. */
export const textOf = (parts: readonly Inline[]): string => parts.map((part) => part.text).join("");

const isTable = (line: string): boolean => line.startsWith("|");
const ITEM = /^(?:[-*]|\d+\.) +/;
/** Pictures are of the page that is open beside the guide, and no part of the program: they are left out. */
const isPicture = (line: string): boolean => /^!\[[^\]]*\]\([^)]*\)\s*$/.test(line);

export function blocks(markdown: string): Block[] {
  const lines = markdown.replaceAll("\r", "").split("\n");
  const found: Block[] = [];
  let at = 0;
  const take = (goesOn: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && goesOn(lines[at] ?? "")) {
      at += 1;
    }
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const heading = /^(#{1,4}) +(.*)$/.exec(line);
    if (line.trim() === "" || isPicture(line)) {
      at += 1;
    } else if (heading) {
      found.push({ kind: "heading", level: heading[1]?.length ?? 1, inline: inline(heading[2] ?? "") });
      at += 1;
    } else if (line.startsWith("```")) {
      at += 1;
      const text = take((one) => !one.startsWith("```")).join("\n");
      at += 1;
      found.push({ kind: "code", text });
    } else if (isTable(line)) {
      found.push(table(take(isTable)));
    } else if (ITEM.test(line)) {
      found.push(list(take((one) => ITEM.test(one) || /^ +\S/.test(one))));
    } else {
      const text = take((one) => one.trim() !== "" && !one.startsWith("#") && !one.startsWith("```") && !isPicture(one) && !isTable(one) && !ITEM.test(one)).join(" ");
      found.push({ kind: "paragraph", inline: inline(text) });
    }
  }
  return found;
}

/** An item goes on in lines that are indented. */
function list(lines: readonly string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    if (ITEM.test(line)) {
      items.push(line.replace(ITEM, ""));
    } else {
      items.push(`${items.pop() ?? ""} ${line.trim()}`);
    }
  }
  return { kind: "list", ordered: /^\d/.test(lines[0] ?? ""), items: items.map(inline) };
}

/** The second line tells columns apart from what is in them; a head without words is none. */
function table(lines: readonly string[]): Block {
  const cells = (line: string): Inline[][] => line.replace(/^\|/, "").replace(/\|\s*$/, "").split(/(?<!\\)\|/).map((cell) => inline(cell.trim().replaceAll("\\|", "|")));
  const [head, rule, ...rest] = lines;
  const isRuled = /^\|[\s:|-]+\|?$/.test(rule ?? "");
  const first = head === undefined ? [] : cells(head);
  const body = isRuled ? rest : lines.slice(1);
  return { kind: "table", head: first.some((cell) => textOf(cell) !== "") ? first : [], rows: body.map(cells) };
}
