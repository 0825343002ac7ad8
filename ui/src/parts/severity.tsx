// How bad may a change of a schema be for what uses the database?

import type { SchemaDiff } from "~/api/connections";
import { Badge, type BadgeTone } from "~/ui/badge";

export type Severity = SchemaDiff["changes"][number]["severity"];

/** The worst first. */
export const SEVERITIES: readonly Severity[] = ["breaking", "risky", "safe"];

const TONES: Record<Severity, BadgeTone> = { safe: "ok", risky: "warn", breaking: "danger" };
export const SEVERITY_MEANINGS: Record<Severity, string> = { safe: "Nothing that uses the database should notice.", risky: "Some statements may do something else.", breaking: "Statements that use it fail." };

export function SeverityBadge({ severity }: { severity: Severity }) {
  return (
    <span title={SEVERITY_MEANINGS[severity]} className="w-16 shrink-0">
      <Badge tone={TONES[severity]}>{severity}</Badge>
    </span>
  );
}
