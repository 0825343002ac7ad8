// How is a statement that was seen written as a test case?

export interface Seen {
  /** Without literals. */
  text: string;
  user: string;
  database: string;
  application: string;
}

/** Cases are a line each; what is seen has no literals. */
export function statementOf(text: string): string {
  let quoted = false;
  let filled = "";
  for (const sign of text) {
    if (sign === '"') {
      quoted = !quoted;
    }
    filled += sign === "?" && !quoted ? "'1'" : sign;
  }
  return filled.replaceAll(/\s+/g, " ").trim();
}

/** A text that was cut has an end nobody knows. */
export const isWhole = (text: string): boolean => text !== "" && !text.endsWith("…");

/** What it is expected to say until it was asked. */
export const UNKNOWN = "allow";

/** The block that says who asks, and what is expected. */
export function caseText(policies: readonly string[], protocol: string, { text, user, database, application }: Seen, expected: string): string {
  const head = [`policies: ${policies.join(", ")}`, protocol === "mysql" && "protocol: mysql", user !== "" && `user: ${user}`, database !== "" && `database: ${database}`, application !== "" && `application: ${application}`].filter(Boolean);
  return `\`\`\`case\n${head.join("\n")}\n\n${statementOf(text)} => ${expected}\n\`\`\`\n`;
}

/** Behind what is there, with an empty line between. */
export const withCase = (cases: string, added: string): string => (cases.trim() === "" ? added : `${cases.replace(/\s*$/, "\n\n")}${added}`);
