// How is a difference of two schemas written down for somebody else?

import type { SchemaDiff } from "~/api/connections";
import { SEVERITIES } from "~/parts/severity";
import { count, moment } from "~/ui/format";

type Change = SchemaDiff["changes"][number];

export const fullName = (change: Pick<Change, "schema" | "name">): string => [change.schema, change.name].filter(Boolean).join(".");

const HEADINGS: Record<Change["severity"], string> = { breaking: "Breaking: statements that use it fail", risky: "Risky: some statements may do something else", safe: "Safe" };

/** What Markdown would read as its own is shown as it is. */
const plain = (text: string): string => text.replaceAll(/([\\*_<>|#[\]])/g, "\\$1").replaceAll(/\s+/g, " ");

/** A sentence quotes names between backticks: what is inside stays as it is. */
const sentence = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : plain(part)))
    .join("");

const usage = (change: Change): string => (change.usage ? ` (${count(change.usage.reads, "read")}, ${count(change.usage.writes, "write")} in 30 days)` : "");

/** For a review or a ticket. */
export function toMarkdown(diff: SchemaDiff, changes: readonly Change[], name: string): string {
  const lines = [
    `# Schema of ${plain(name)}`,
    "",
    `From ${moment(diff.before.taken_at)} to ${moment(diff.after.taken_at)}: ${count(diff.added, "object")} added, ${diff.changed} changed, ${diff.removed} removed.`,
    ...(diff.is_cut ? ["", "There are more changes than are listed."] : []),
  ];
  for (const severity of SEVERITIES) {
    const of = changes.filter((change) => change.severity === severity);
    if (of.length > 0) {
      lines.push("", `## ${HEADINGS[severity]}`, "", ...of.map((change) => `- ${sentence(change.sentence)}${usage(change)}`));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** For a program: as the API tells it, without what was filtered away. */
export function toJson(diff: SchemaDiff, changes: readonly Change[], name: string): string {
  const { before, after, added, removed, changed, is_cut } = diff;
  return `${JSON.stringify({ connection: name, before, after, added, removed, changed, is_cut, changes }, null, 2)}\n`;
}
