// Which statement is it, in a list that leads to its page?

import { Link } from "@tanstack/react-router";
import { SqlLine } from "./sql-text";

/** Its text, or its fingerprint where the text is not known. */
export function StatementLink({ to, text, fingerprint }: { to: string; text: string | null | undefined; fingerprint: string }) {
  return (
    <Link to={to} className="block truncate hover:underline">
      {text ? <SqlLine text={text} /> : <code className="font-mono text-xs text-ink-faint">{fingerprint}</code>}
    </Link>
  );
}
