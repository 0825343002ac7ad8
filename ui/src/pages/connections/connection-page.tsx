// What is one database like: its health, settings, tests and the schemas it had?

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { PlugZap, Table2 } from "lucide-react";
import { connectionQuery, type Connection } from "~/api/connections";
import { isProblem } from "~/api/problem";
import { NotFound } from "~/pages/not-found";
import { paths } from "~/paths";
import { EnvironmentContext, EnvironmentPill, environmentName } from "~/parts/environment";
import { useNoteOpened } from "~/parts/note-opened";
import { Page, PagePending } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Status } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Failed } from "~/ui/states";
import { Tabs, type Tab } from "~/ui/tabs";
import { toast } from "~/ui/toast";
import { ConnectionForm } from "./connection-form";
import { Danger } from "./danger";
import { Overview } from "./overview";
import { Snapshots } from "./snapshots";
import { TestLog } from "./test-log";
import { condition, kindName, place } from "./words";

export function ConnectionPage() {
  const { slug } = useWorkspace();
  const { connection: id = "" } = useParams({ strict: false });
  const { data, error, refetch } = useQuery({ ...connectionQuery(slug, id), refetchInterval: 30_000 });
  useNoteOpened("connection", data?.id);
  if (data) {
    return (
      <EnvironmentContext value={environmentName(data.environment)}>
        <Loaded connection={data} />
      </EnvironmentContext>
    );
  }
  if (isProblem(error, "not_found", "bad_request")) {
    return <NotFound what="connection" />;
  }
  return error ? <Failed error={error} onRetry={() => void refetch()} /> : <PagePending />;
}

function Loaded({ connection }: { connection: Connection }) {
  const workspace = useWorkspace();
  const { slug } = workspace;
  const [search] = usePageSearch();
  const mayManage = useMay("manage_connections");
  const mayActivity = useMay("view_activity");
  const tabs: Tab[] = [
    { value: "", label: "Overview" },
    ...(mayManage ? [{ value: "settings", label: "Settings" }] : []),
    ...(mayManage || mayActivity ? [{ value: "tests", label: "Tests" }] : []),
    { value: "snapshots", label: "Snapshots" },
    ...(mayManage ? [{ value: "danger", label: "Delete" }] : []),
  ];
  const tab = tabs.find((one) => one.value === search["tab"])?.value ?? "";
  const { tone, word } = condition(connection.health);
  return (
    <Page
      title={connection.name}
      heading={
        <span className="flex flex-wrap items-center gap-2.5">
          {connection.name} <EnvironmentPill environment={environmentName(connection.environment)} /> <Status tone={tone}>{word}</Status>
        </span>
      }
      about={
        <>
          {kindName(connection.kind)} · <span className="font-mono text-xs">{place(connection)}</span>
          {connection.via && ` · through the listener ${connection.via}`}
          {connection.read_only && " · read-only"}
        </>
      }
      crumbs={<Link to={paths.connections(slug)}>Connections</Link>}
      actions={
        <>
          {mayManage && tab !== "tests" && (
            <Button asChild>
              <Link to="." search={(before: Record<string, unknown>) => ({ ...before, tab: "tests" })}>
                <PlugZap className="size-3.5" aria-hidden="true" /> Test
              </Link>
            </Button>
          )}
          <Button asChild>
            <Link to={paths.tables(slug)}>
              <Table2 className="size-3.5" aria-hidden="true" /> Tables
            </Link>
          </Button>
        </>
      }
      bar={<Tabs label="Parts of the connection" tabs={tabs} current={tab} />}
    >
      {tab === "" && <Overview connection={connection} />}
      {tab === "settings" && (
        <Card className="max-w-4xl">
          <ConnectionForm key={connection.id} workspace={workspace} connection={connection} onSaved={(saved) => toast({ title: `${saved.name} is saved.`, tone: "ok" })} />
        </Card>
      )}
      {tab === "tests" && <TestLog connection={connection} />}
      {tab === "snapshots" && <Snapshots connection={connection} />}
      {tab === "danger" && <Danger connection={connection} />}
    </Page>
  );
}
