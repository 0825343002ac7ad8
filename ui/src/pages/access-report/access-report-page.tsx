// Who read or wrote this table, and what did this person touch?

import { useQuery } from "@tanstack/react-query";
import { Download, FileSearch, RotateCw } from "lucide-react";
import { useMemo, useState } from "react";
import { accessReportQuery, isAsked, type AccessFilter, type AccessReport } from "~/api/access-report";
import { Page } from "~/parts/page";
import { RangePicker, rangeOf, useRange } from "~/parts/range";
import { save } from "~/parts/save";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button, IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { Menu, MenuItem } from "~/ui/menu";
import { useShortcuts } from "~/ui/shortcuts";
import { ErrorNote, Failed, FirstTime, NotAllowed, NothingFound } from "~/ui/states";
import { FIELDS, filterOf } from "./access-filter";
import { csvOf, fileName, jsonOf } from "./export";
import { Making } from "./progress";
import { Question } from "./question";
import { ReportParts } from "./report-parts";

const ABOUT = "Who touched a table, and what did somebody touch, by the records of the ledger.";

export function AccessReportPage() {
  const isAllowed = useMay("view_ledger");
  return isAllowed ? (
    <Access />
  ) : (
    <Page title="Access report" about={ABOUT}>
      <NotAllowed what="who touched what" capability="view_ledger" />
    </Page>
  );
}

function Access() {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const [beat, setBeat] = useState(0);
  const range = useRange("24h", beat);
  const filter = useMemo(() => filterOf(search, range), [search, range]);
  // The tab, the order and what is drawn ask nothing new.
  const asked = useMemo(() => JSON.stringify(filter), [filter]);
  const query = useQuery(accessReportQuery(slug, useMemo(() => JSON.parse(asked) as AccessFilter, [asked])));
  const again = () => {
    // A time that ends now has moved on with the minute: then it is another question, which is asked by itself.
    if (rangeOf(search, "24h").until === range.until) {
      void query.refetch();
    } else {
      setBeat((before) => before + 1);
    }
  };
  useShortcuts([{ keys: "r", label: "Make it again", run: () => isAsked(filter) && !query.isFetching && again() }]);
  return (
    <Page
      title="Access report"
      about={ABOUT}
      actions={
        <>
          <RangePicker otherwise="24h" />
          <IconButton label="Make it again" shortcut="r" size="small" disabled={!isAsked(filter) || query.isFetching} onClick={again}>
            <RotateCw className="size-3.5" aria-hidden="true" />
          </IconButton>
          <Take filter={filter} report={query.data} />
        </>
      }
    >
      <Question />
      <Answer filter={filter} range={range} query={query} />
    </Page>
  );
}

function Take({ filter, report }: { filter: AccessFilter; report: AccessReport | undefined }) {
  const take = (content: (report: AccessReport) => string, ending: string, type: string) => () => report && save(content(report), `${fileName(filter, new Date())}.${ending}`, type);
  return (
    <Menu
      trigger={
        <Button size="small" disabled={report === undefined} icon={<Download className="size-3.5" aria-hidden="true" />}>
          Export
        </Button>
      }
    >
      <MenuItem onSelect={take(csvOf, "csv", "text/csv")}>CSV: a row for each group</MenuItem>
      <MenuItem onSelect={take((one) => jsonOf(filter, one), "json", "application/json")}>JSON: all of it</MenuItem>
    </Menu>
  );
}

interface AnswerProps {
  filter: AccessFilter;
  range: ReturnType<typeof useRange>;
  query: Pick<ReturnType<typeof useQuery<AccessReport>>, "data" | "error" | "isFetching" | "refetch">;
}

function Answer({ filter, range, query }: AnswerProps) {
  const [, set] = usePageSearch();
  const { data: report, error, isFetching } = query;
  if (!isAsked(filter)) {
    return (
      <Card>
        <FirstTime icon={<FileSearch className="size-5" />} title="Name a table, or somebody">
          For a table you see who read and changed it, with which applications and statements, and who tried to. For a database user you see which tables, when, and what did not pass. That you asked is itself on record.
        </FirstTime>
      </Card>
    );
  }
  if (isFetching && report === undefined) {
    return <Making filter={filter} />;
  }
  if (report === undefined) {
    return error ? (
      <Card>
        <Failed error={error} onRetry={() => void query.refetch()} />
      </Card>
    ) : (
      <Card>
        <FirstTime icon={<FileSearch className="size-5" />} title="It was stopped" actions={<Button onClick={() => void query.refetch()}>Make the report</Button>}>
          Nothing of it is kept. A shorter time, an application or a class makes it quicker.
        </FirstTime>
      </Card>
    );
  }
  if (report.progress.records === 0 && !report.cut && report.incomplete.length === 0) {
    return (
      <Card>
        <NothingFound what="records" onClear={() => set({ ...Object.fromEntries(FIELDS.map((name) => [name, undefined])), tab: undefined })} />
      </Card>
    );
  }
  return (
    <>
      {isFetching && <Making filter={filter} isAgain />}
      {error !== null && !isFetching && <ErrorNote error={error} />}
      <ReportParts report={report} filter={filter} range={range} />
    </>
  );
}
