// Which texts are open beside each other, in which order, and what is kept of those that were closed?

export interface Sheet {
  id: string;
  /** As the person calls it; without one it is called by its text. */
  name: string;
  text: string;
  /** The saved query it comes from. */
  query: string | undefined;
  /** Those with less stand further left. */
  place: number;
  /** When it was closed; 0 while it is open. */
  closedAt: number;
}

/** More are not found again by their names. */
export const OPEN_MAX = 20;
export const CLOSED_MAX = 10;
/** A browser keeps about five million characters for a whole site. */
export const LENGTH_MAX = 2_000_000;
export const NAME_MAX = 60;
const TITLE_MAX = 28;

export const isOpen = (sheet: Sheet): boolean => sheet.closedAt === 0;

/** The open ones from left to right. */
export const openOf = (sheets: readonly Sheet[]): Sheet[] => sheets.filter(isOpen).sort((one, two) => one.place - two.place || (one.id < two.id ? -1 : 1));

/** The closed ones, the last one first. */
export const closedOf = (sheets: readonly Sheet[]): Sheet[] => sheets.filter((one) => !isOpen(one)).sort((one, two) => two.closedAt - one.closedAt);

/** What a sheet is called: its name, else what its text begins with. */
export function titleOf(sheet: Sheet): string {
  const line = sheet.text.trim().replaceAll(/\s+/g, " ").replace(/^(?:--|#|\/\*)\s*/, "");
  return sheet.name || (line.length > TITLE_MAX ? `${line.slice(0, TITLE_MAX - 1).trimEnd()}…` : line) || "New query";
}

export const nextPlace = (sheets: readonly Sheet[]): number => Math.max(0, ...sheets.filter(isOpen).map((one) => one.place)) + 1;

/** The place between two others that a sheet moves to; undefined where it is there already. */
export function placeBeside(sheets: readonly Sheet[], id: string, target: number): number | undefined {
  const open = openOf(sheets);
  const at = open.findIndex((one) => one.id === id);
  const to = Math.max(0, Math.min(target, open.length - 1));
  if (at < 0 || to === at) {
    return undefined;
  }
  const others = open.filter((one) => one.id !== id);
  const before = others[to - 1]?.place ?? (others[0]?.place ?? 0) - 2;
  const after = others[to]?.place ?? before + 2;
  return (before + after) / 2;
}

/** Those that are given up: closed ones beyond what is kept, and more of them where the whole is too long. */
export function givenUp(sheets: readonly Sheet[]): Sheet[] {
  const gone: Sheet[] = [];
  let length = sheets.filter(isOpen).reduce((sum, one) => sum + one.text.length, 0);
  closedOf(sheets).forEach((one, index) => {
    length += one.text.length;
    if (index >= CLOSED_MAX || length > LENGTH_MAX || one.text.trim() === "") {
      gone.push(one);
      length -= one.text.length;
    }
  });
  return gone;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** What a browser has kept; undefined where it is something else. */
export function sheetOf(id: string, kept: string): Sheet | undefined {
  try {
    const value: unknown = JSON.parse(kept);
    if (!isRecord(value) || typeof value["text"] !== "string") {
      return undefined;
    }
    const number = (name: string): number => (typeof value[name] === "number" && Number.isFinite(value[name]) ? value[name] : 0);
    return {
      id,
      text: value["text"],
      name: typeof value["name"] === "string" ? value["name"].slice(0, NAME_MAX) : "",
      query: typeof value["query"] === "string" ? value["query"] : undefined,
      place: number("place"),
      closedAt: number("closedAt"),
    };
  } catch {
    return undefined;
  }
}
