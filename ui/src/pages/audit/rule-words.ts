// What does a rule say of itself: the message that the client got, and what to do instead?

export interface RuleWords {
  message?: string;
  hint?: string;
}

const NAMED = /^\s*(name|message|hint)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*')\s*(?:#.*)?$/;

/** A TOML string of one line; nothing where it cannot be read. */
function valueOf(written: string): string | undefined {
  if (written.startsWith("'")) {
    return written.slice(1, -1);
  }
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The words of the rule of this name in the text of a rule set. */
export function ruleWords(text: string, rule: string): RuleWords | undefined {
  const parts = text.split(/^\s*(?=\[{1,2}[\w."'-]+\]{1,2}\s*(?:#.*)?$)/m);
  const rules = parts.filter((part) => part.startsWith("[[rule]]")).map((part) => {
    const said = part.split("\n").flatMap((line) => {
      const [, key, written] = NAMED.exec(line) ?? [];
      const value = written === undefined ? undefined : valueOf(written);
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    });
    return Object.fromEntries(said) as RuleWords & { name?: string };
  });
  const found = rules.find((one) => one.name === rule);
  return found && (found.message !== undefined || found.hint !== undefined) ? { message: found.message, hint: found.hint } : undefined;
}
