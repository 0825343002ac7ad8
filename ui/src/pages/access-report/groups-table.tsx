// What was touched, by whom, with what: one table for each way of adding it up?

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AccessGroup, AccessGroups } from "~/api/access-report";
import { Card } from "~/ui/card";
import { compact, count, integer } from "~/ui/format";
import { NothingFound, Note } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { usePageSearch } from "~/parts/search";

const NOTHING = <span className="text-ink-faint">–</span>;
const SEVERAL = 3;

const figure = (id: string, header: string, width: number, value: (group: AccessGroup) => number, tone?: string): Column<AccessGroup> => ({
  id,
  header,
  width,
  numeric: true,
  sortable: true,
  value,
  cell: (group) => (value(group) === 0 ? NOTHING : <span className={tone}>{compact(value(group))}</span>),
});

const names = (id: string, header: string, of: (group: AccessGroup) => readonly string[], hidden = false): Column<AccessGroup> => ({
  id,
  header,
  width: 170,
  hidden,
  value: (group) => of(group).join(", "),
  cell: (group) => {
    const all = of(group).filter(Boolean);
    return all.length === 0 ? NOTHING : <bdi title={all.join(", ")}>{all.length > SEVERAL ? `${all.slice(0, SEVERAL).join(", ")} +${all.length - SEVERAL}` : all.join(", ")}</bdi>;
  },
});

const time = (id: "first_at" | "last_at", header: string): Column<AccessGroup> => ({
  id,
  header,
  width: 110,
  sortable: true,
  value: (group) => group.counts[id],
  cell: (group) => (group.counts[id] ? <RelativeTime at={group.counts[id]} /> : NOTHING),
});

interface GroupsTableProps {
  /** What it is of: "People". */
  label: string;
  /** Under which its columns are remembered. */
  id: string;
  groups: AccessGroups;
  /** What the first column is, and how it is shown. */
  header: string;
  name: (group: AccessGroup) => ReactNode;
  /** The records behind a group. */
  records: (group: AccessGroup) => string;
  /** What of it is told elsewhere already. */
  without?: readonly ("users" | "applications" | "tables")[];
  wide?: boolean;
}

export function GroupsTable({ label, id, groups, header, name, records, without = [], wide = false }: GroupsTableProps) {
  const [search, set] = usePageSearch();
  const columns: Column<AccessGroup>[] = [
    { id: "name", header, width: wide ? 300 : 200, grow: true, sortable: true, value: (group) => group.text ?? group.name, cell: name },
    figure("statements", "Ran", 84, (group) => group.counts.statements),
    figure("reads", "Only read", 96, (group) => group.counts.reads),
    figure("writes", "Changed rows", 116, (group) => group.counts.writes),
    figure("defines", "Defined", 84, (group) => group.counts.defines),
    figure("refused", "Did not pass", 110, (group) => group.counts.refused, "font-medium text-danger"),
    figure("rows_read", "Rows read", 96, (group) => group.counts.rows_read),
    figure("rows_changed", "Rows changed", 116, (group) => group.counts.rows_changed),
    ...(without.includes("users") ? [] : [names("users", "Users", (group) => group.users)]),
    ...(without.includes("applications") ? [] : [names("applications", "Applications", (group) => group.applications)]),
    ...(without.includes("tables") ? [] : [names("tables", "Tables", (group) => group.tables, true)]),
    time("first_at", "First"),
    time("last_at", "Last"),
    figure("failed", "Failed", 84, (group) => group.counts.failed),
    {
      id: "records",
      header: "Records",
      width: 92,
      cell: (group) => (
        <Link to={records(group)} className="text-brand-text underline-offset-2 hover:underline" aria-label={`Records of ${group.text ?? (group.name || "those without a name")}`}>
          Records
        </Link>
      ),
    },
  ];
  const [by, way] = (search["sort"] ?? "").split(".");
  const sort = by ? { id: by, desc: way === "desc" } : undefined;
  return (
    <Card flush title={label} note={`${integer(groups.items.length)}${groups.groups_left_out > 0 ? " with most statements" : ""}`}>
      {(groups.groups_left_out > 0 || groups.statements_left_out > 0) && (
        <div className="p-3 pb-0">
          <Note tone="warn">
            {groups.groups_left_out > 0 && `${count(groups.groups_left_out, "more is", "more are")} left out. `}
            {groups.statements_left_out > 0 && `${count(groups.statements_left_out, "statement")} of this time are of none of them, since there were too many to keep apart.`}
          </Note>
        </div>
      )}
      <DataTable
        label={label}
        id={id}
        columns={columns}
        rows={groups.items}
        rowKey={(group) => group.name || "–"}
        sort={sort}
        onSort={(next) => set({ sort: `${next.id}.${next.desc ? "desc" : "asc"}` }, "replace")}
        rowTone={(group) => (group.counts.refused > 0 && group.counts.statements === 0 ? "danger" : undefined)}
        empty={<NothingFound what={label.toLowerCase()} />}
      />
    </Card>
  );
}
