// How is a value written in TOML?

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;
const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

export const keyText = (key: string): string => (PLAIN_KEY.test(key) ? key : stringText(key));

export function stringText(text: string): string {
  // What people write in names with quotes of their own reads better so.
  if (text.includes('"') && !/['\u0000-\u001f\u007f]/.test(text)) {
    return `'${text}'`;
  }
  return `"${text.replaceAll(/["\\\u0000-\u001f\u007f]/g, (sign) => ESCAPES[sign] ?? `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}

const isTable = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** On one line, as the documentation writes it. */
export function valueText(value: unknown): string {
  if (typeof value === "string") {
    return stringText(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(valueText).join(", ")}]`;
  }
  if (isTable(value)) {
    const entries = Object.entries(value).map(([key, one]) => `${keyText(key)} = ${valueText(one)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  return String(value);
}

/** Whether something stands in a piece of TOML that rewriting it would lose. */
export function hasComment(piece: string): boolean {
  let quote: string | undefined;
  for (let at = 0; at < piece.length; at += 1) {
    const sign = piece[at];
    if (quote !== undefined) {
      if (sign === "\\" && quote === '"') {
        at += 1;
      } else if (sign === quote) {
        quote = undefined;
      }
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if (sign === "#") {
      return true;
    }
  }
  return false;
}
