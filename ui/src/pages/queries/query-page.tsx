// What is known of one query: its text, how fast it is, who calls it, what it touches, how a database runs it?

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Copy, Fingerprint as FingerprintIcon, SquareTerminal } from "lucide-react";
import { lazy, Suspense } from "react";
import { whenThere } from "~/api/reachability";
import { fingerprintQuery, type Fingerprint } from "~/api/fingerprints";
import { listenersQuery } from "~/api/listeners";
import { isProblem } from "~/api/problem";
import { slowerQuery } from "~/api/traffic";
import { NotFound } from "~/pages/not-found";
import { FormattedSql } from "~/parts/formatted-sql";
import { useNoteOpened } from "~/parts/note-opened";
import { Page } from "~/parts/page";
import { RangePicker, useRange, type Range } from "~/parts/range";
import { usePageSearch } from "~/parts/search";
import { ClassBadge } from "~/parts/verdict";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import { compact, firstWords } from "~/ui/format";
import { useShortcuts } from "~/ui/shortcuts";
import { Failed, NotAllowed, Note, Skeleton } from "~/ui/states";
import { Tabs, type Tab } from "~/ui/tabs";
import { RelativeTime, useNow } from "~/ui/time";
import { CallersTab } from "./callers-tab";
import { Newly } from "./columns";
import { ErrorsTab } from "./errors-tab";
import { rangeSearch } from "./list";
import { OverviewTab } from "./overview-tab";
import { VerdictsTab } from "./verdicts-tab";

const PlanTab = lazy(() => whenThere(() => import("./plan-tab")).then((module) => ({ default: module.PlanTab })));
const TablesTab = lazy(() => whenThere(() => import("./tables-tab")).then((module) => ({ default: module.TablesTab })));

const MINUTE_MS = 60_000;

export function QueryPage() {
  const { slug } = useWorkspace();
  const { fingerprint = "" } = useParams({ strict: false });
  const may = useMay("view_traffic");
  const [search] = usePageSearch();
  // The figures go on with the time; what is old stays until the new is there.
  const range = useRange("1h", Math.floor(useNow() / MINUTE_MS));
  const found = useQuery({ ...fingerprintQuery(slug, fingerprint, range), enabled: may });
  useNoteOpened("fingerprint", found.data?.statement.fingerprint);
  useShortcuts([{ keys: "y", label: "Copy the statement", run: () => void copyText(found.data?.statement.text ?? fingerprint, "Statement copied") }]);
  if (isProblem(found.error, "not_found") && found.data === undefined) {
    return <NotFound what="query" />;
  }
  return (
    <Page
      title={found.data?.statement.text ? firstWords(found.data.statement.text) : `Query ${fingerprint}`}
      crumbs={
        <Link to={paths.queries(slug)} search={rangeSearch(search) as never}>
          Queries
        </Link>
      }
      heading={<Heading fingerprint={fingerprint} found={found.data} />}
      about={found.data && <Seen found={found.data} />}
      actions={<Actions found={found.data} />}
    >
      {!may ? <NotAllowed what="queries" capability="view_traffic" /> : found.data ? <Body key={fingerprint} found={found.data} range={range} /> : found.error ? <Failed error={found.error} onRetry={() => void found.refetch()} /> : <Waiting />}
    </Page>
  );
}

function Heading({ fingerprint, found }: { fingerprint: string; found: Fingerprint | undefined }) {
  const { slug } = useWorkspace();
  const slower = useQuery({ ...slowerQuery(slug), enabled: found !== undefined }).data;
  const verdicts = found?.verdicts;
  return (
    <span className="flex flex-wrap items-center gap-2">
      Query <code className="font-mono text-sm font-medium break-all text-ink-soft">{fingerprint}</code>
      {found?.statement.class && <ClassBadge word={found.statement.class} />}
      <Newly item={slower?.find((item) => item.fingerprint === fingerprint)} />
      {verdicts && verdicts.refused > 0 && <Badge tone="danger">{compact(verdicts.refused)} refused</Badge>}
      {verdicts && verdicts.held > 0 && <Badge tone="held">{compact(verdicts.held)} held</Badge>}
    </span>
  );
}

function Seen({ found }: { found: Fingerprint }) {
  const { listeners } = found.statement;
  if (listeners.length === 0) {
    return null;
  }
  const first = listeners.map((one) => one.first_seen_at).sort()[0];
  const last = listeners.map((one) => one.last_seen_at).sort().at(-1);
  return (
    <>
      Seen on {listeners.map((one) => one.listener).join(", ")}, first <RelativeTime at={first} />, last <RelativeTime at={last} />
    </>
  );
}

function Actions({ found }: { found: Fingerprint | undefined }) {
  const { slug } = useWorkspace();
  const mayRun = useMay("run_queries");
  const text = found?.statement.text;
  return (
    <>
      {found && (
        <Button icon={<FingerprintIcon className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(found.statement.fingerprint, "Fingerprint copied")}>
          Copy fingerprint
        </Button>
      )}
      {found && (
        <Button icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(location.href, "Link copied")}>
          Copy link
        </Button>
      )}
      {mayRun && text && (
        <Button asChild>
          <Link to={paths.sql(slug)} search={{ sql: text } as never}>
            <SquareTerminal className="size-3.5" aria-hidden="true" /> Open in SQL
          </Link>
        </Button>
      )}
    </>
  );
}

/** The protocol of the listeners it was seen on: how its text is to be read. */
function useProtocol(found: Fingerprint): string {
  const { slug } = useWorkspace();
  const names = new Set(found.statement.listeners.map((one) => one.listener));
  const listener = useQuery(listenersQuery(slug)).data?.find((one) => names.has(one.name));
  return listener?.planes.find((plane) => plane.state)?.state?.protocol ?? "postgres";
}

function Body({ found, range }: { found: Fingerprint; range: Range }) {
  const [search] = usePageSearch();
  const protocol = useProtocol(found);
  const { statement, total, usage } = found;
  const tabs: Tab[] = [
    { value: "", label: "Overview" },
    { value: "callers", label: "Callers", count: found.callers.length },
    { value: "tables", label: "Tables and joins", count: usage?.tables.length ?? statement.tables.length },
    { value: "errors", label: "Errors", count: compact(total.errors) },
    { value: "verdicts", label: "Verdicts", count: compact(total.refusals) },
    { value: "plan", label: "Plan" },
  ];
  const tab = tabs.find((one) => one.value === search["tab"])?.value ?? "";
  return (
    <>
      <Card>{statement.text ? <FormattedSql text={statement.text} protocol={protocol} className="max-h-72 whitespace-pre-wrap [overflow-wrap:anywhere]" /> : <Note tone="warn">No data plane has told the text of this statement yet. It is told again when the statement is next seen.</Note>}</Card>
      <div className="flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <Tabs label="Query" tabs={tabs} current={tab} />
        </div>
        {tab !== "plan" && tab !== "tables" && <RangePicker />}
      </div>
      <Suspense fallback={<Skeleton className="h-64" />}>
        {tab === "" && <OverviewTab found={found} range={range} />}
        {tab === "callers" && <CallersTab found={found} range={range} />}
        {tab === "tables" && <TablesTab found={found} protocol={protocol} />}
        {tab === "errors" && <ErrorsTab found={found} range={range} />}
        {tab === "verdicts" && <VerdictsTab found={found} range={range} />}
        {tab === "plan" && <PlanTab found={found} protocol={protocol} />}
      </Suspense>
    </>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-4">
      <Skeleton className="h-40" />
      <Skeleton className="h-9 w-96 max-w-full" />
      <Skeleton className="h-64" />
    </div>
  );
}
