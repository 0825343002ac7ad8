// How is a report taken away: all of it as JSON, or its groups as rows?

import type { AccessFilter, AccessGroups, AccessReport } from "~/api/access-report";
import { toCsv } from "~/ui/table/columns";

const GROUPS = ["users", "tables", "applications", "classes", "statements", "addresses", "claims"] as const;
const NAMES = ["by", "name", "known_as", "statements", "reads", "writes", "defines", "failed", "refused", "rows_read", "rows_changed", "first_at", "last_at", "users", "applications", "tables", "class", "text"] as const;

function rowsOf(by: string, groups: AccessGroups) {
  return groups.items.map(({ name, known_as, counts, users, applications, tables, class: word, text }) => [
    by,
    name,
    known_as.join("; "),
    counts.statements,
    counts.reads,
    counts.writes,
    counts.defines,
    counts.failed,
    counts.refused,
    counts.rows_read,
    counts.rows_changed,
    counts.first_at,
    counts.last_at,
    users.join("; "),
    applications.join("; "),
    tables.join("; "),
    word,
    text,
  ]);
}

/** A row for each group; the last one says how far the report came. */
export function csvOf(report: AccessReport): string {
  const rows = GROUPS.flatMap((by) => rowsOf(by, report[by]));
  const left = GROUPS.reduce((sum, by) => sum + report[by].groups_left_out, 0);
  const end = `${report.progress.records} records counted; ${report.cut === undefined || report.cut === null ? "all of the time" : `cut (${report.cut}): nothing before ${report.progress.reached_at ?? "?"}`}; ${left} groups left out; ${report.segments_unsearched} of ${report.segments} segments not read; data planes missing: ${report.incomplete.length}`;
  return `${toCsv(NAMES, [...rows, ["end", end]])}\r\n`;
}

export const jsonOf = (filter: AccessFilter, report: AccessReport): string => JSON.stringify({ asked: filter, report }, null, 2);

/** "access-orders-20261121-0930". */
export function fileName(filter: AccessFilter, now: Date): string {
  const what = [filter.table, filter.user, filter.application].filter(Boolean).join("-").replaceAll(/[^\w.-]+/g, "_").slice(0, 60);
  return `access-${what}-${now.toISOString().slice(0, 16).replaceAll(/[-:]/g, "").replace("T", "-")}`;
}
