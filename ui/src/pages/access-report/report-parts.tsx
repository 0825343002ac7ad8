// Which sides of the report are there, and which one is shown?

import { Link } from "@tanstack/react-router";
import type { AccessFilter, AccessGroup, AccessReport } from "~/api/access-report";
import type { Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { StatementLink } from "~/parts/statement-link";
import { ClassBadge } from "~/parts/verdict";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { integer } from "~/ui/format";
import { Note } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { recordsOf, reportOf } from "./access-filter";
import { Coverage, Figures, NotSeen } from "./coverage";
import { GroupsTable } from "./groups-table";
import { HoursCard } from "./hours-card";
import { RefusalsTable } from "./refusals-table";

interface PartProps {
  report: AccessReport;
  filter: AccessFilter;
  range: Range;
}

/** What is asked about comes last: of one person the tables, of one table the people. */
const orderOf = (filter: AccessFilter) => (filter.table ? ["people", "tables"] : ["tables", "people"]);

export function ReportParts({ report, filter, range }: PartProps) {
  const [search] = usePageSearch();
  const tables = { label: "Tables", count: integer(report.tables.items.length) };
  const people = { label: "People", count: integer(report.users.items.length) };
  const [first = "people"] = orderOf(filter);
  const tabs = [
    ...orderOf(filter).map((value, index) => ({ value: index === 0 ? "" : value, ...(value === "people" ? people : tables) })),
    { value: "applications", label: "Applications", count: integer(report.applications.items.length) },
    { value: "statements", label: "Statements", count: integer(report.statements.items.length) },
    { value: "hours", label: "Hours" },
    { value: "refused", label: "Did not pass", count: integer(report.all.refused) },
    { value: "more", label: "More" },
  ];
  const said = search["tab"] ?? "";
  const current = tabs.some((tab) => tab.value === said) ? said : "";
  return (
    <>
      <Coverage report={report} range={range} />
      <Figures report={report} range={range} />
      <Tabs label="Access report" tabs={tabs} current={current} />
      <Part name={current === "" ? first : current} report={report} filter={filter} range={range} />
      <NotSeen report={report} />
    </>
  );
}

function Part({ name, report, filter, range }: PartProps & { name: string }) {
  const { slug } = useWorkspace();
  const records = (field: string) => (group: AccessGroup) => recordsOf(slug, filter, range, { [field]: group.name });
  switch (name) {
    case "people":
      return <People report={report} filter={filter} range={range} />;
    case "tables":
      return (
        <GroupsTable
          label="Tables"
          id="access-tables"
          groups={report.tables}
          header="Table, as written"
          name={(group) => (
            <Link to={reportOf(slug, range, { table: group.name })} title="Who touched it?" className="font-mono text-xs hover:underline">
              {group.name}
            </Link>
          )}
          records={records("table")}
          without={["tables"]}
        />
      );
    case "applications":
      return <GroupsTable label="Applications" id="access-applications" groups={report.applications} header="Application" name={(group) => <Named name={group.name} />} records={records("application")} without={["applications"]} />;
    case "statements":
      return <GroupsTable label="Statements" id="access-statements" groups={report.statements} header="Statement" name={(group) => <StatementLink to={paths.query(slug, group.name)} text={group.text} fingerprint={group.name} />} records={records("fingerprint")} wide />;
    case "hours":
      return <HoursCard hours={report.hours} />;
    case "refused":
      return <RefusalsTable report={report} all={recordsOf(slug, filter, range, {}, true)} />;
    default:
      return <More report={report} filter={filter} range={range} />;
  }
}

const Named = ({ name }: { name: string }) => (name === "" ? <span className="text-ink-faint">without a name</span> : <bdi title={name}>{name}</bdi>);

function People({ report, filter, range }: PartProps) {
  const { slug } = useWorkspace();
  return (
    <GroupsTable
      label="People"
      id="access-people"
      groups={report.users}
      header="Database user"
      name={(group) => (
        <span className="flex min-w-0 items-baseline gap-1.5">
          <Link to={reportOf(slug, range, { user: group.name })} title="What else did they touch?" className="truncate hover:underline">
            <Named name={group.name} />
          </Link>
          {group.known_as.length > 0 && <span className="truncate text-xs text-ink-faint">{group.known_as.join(", ")}</span>}
        </span>
      )}
      records={(group) => recordsOf(slug, filter, range, { user: group.name })}
      without={["users"]}
    />
  );
}

function More({ report, filter, range }: PartProps) {
  const { slug } = useWorkspace();
  const all = () => recordsOf(slug, filter, range, {});
  return (
    <>
      <GroupsTable label="Classes" id="access-classes" groups={report.classes} header="Class" name={(group) => <ClassBadge word={group.name} />} records={(group) => recordsOf(slug, filter, range, { class: group.name })} />
      <GroupsTable label="Addresses" id="access-addresses" groups={report.addresses} header="Address" name={(group) => <span className="font-mono text-xs">{group.name || "unknown"}</span>} records={all} />
      {report.claims.items.length > 0 ? <GroupsTable label="On behalf of" id="access-claims" groups={report.claims} header="As the application said" name={(group) => <Named name={group.name} />} records={all} /> : <Note>No application said for whom it worked.</Note>}
    </>
  );
}
