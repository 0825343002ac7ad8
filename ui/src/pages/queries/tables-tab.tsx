// Which tables and columns does a query touch, and what does it join?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Table2 } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import { whenThere } from "~/api/reachability";
import { connectionsQuery } from "~/api/connections";
import { namesQuery } from "~/api/find";
import type { Fingerprint } from "~/api/fingerprints";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { count } from "~/ui/format";
import { FirstTime, Note, Skeleton } from "~/ui/states";
import { expressionJoins, joinsOf, nameOf, tablesOf, type Join, type UsedTable } from "./joins";

const JoinsGraph = lazy(() => whenThere(() => import("./joins-graph")).then((module) => ({ default: module.JoinsGraph })));

export function TablesTab({ found, protocol }: { found: Fingerprint; protocol: string }) {
  const { usage } = found;
  const tables = useMemo(() => (usage ? tablesOf(usage) : []), [usage]);
  const { text } = found.statement;
  const joins = useMemo(() => {
    const named = joinsOf(usage?.joins ?? []);
    return [...named, ...expressionJoins(text ?? "", tables, named)];
  }, [usage, tables, text]);
  const linkOf = useTableLinks(found, protocol);
  if (!usage || tables.length === 0) {
    return (
      <Card>
        <FirstTime icon={<Table2 className="size-5" />} title={usage ? "It touches no table" : "Not looked at yet"}>
          {usage ? "The statement names no table: it calls functions, sets something, or computes." : "Tables, columns and joins are read from the text of a statement soon after a data plane tells it."}
        </FirstTime>
      </Card>
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-4">
      {usage.complete === false && <Note tone="info">Parts of the statement could not be told for sure: it may touch more than is listed.</Note>}
      <div className="grid min-w-0 items-start gap-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <Card title="Tables" note={count(tables.length, "table")} flush>
            <TableList tables={tables} linkOf={linkOf} />
          </Card>
          <Card title="Joins" note={joins.length > 0 ? count(joins.length, "join") : undefined} flush>
            {joins.length === 0 ? <p className="px-4 py-3 text-[13px] text-ink-soft">No two tables are joined by what the text names.</p> : <JoinList joins={joins} />}
          </Card>
        </div>
        <Card title="How they hang together" flush>
          <div role="group" aria-label={`Picture of ${count(tables.length, "table")} and ${count(joins.length, "join")}; the lists say the same in words`} style={{ height: Math.min(GRAPH_MAX_PX, 160 + tables.length * 60) }}>
            <Suspense fallback={<Skeleton className="h-full" />}>
              <JoinsGraph tables={tables} joins={joins} />
            </Suspense>
          </div>
        </Card>
      </div>
    </div>
  );
}

const GRAPH_MAX_PX = 520;

/** The page of a table, where a connection to the same server knows it. */
function useTableLinks(found: Fingerprint, protocol: string): (table: UsedTable) => string | undefined {
  const { slug } = useWorkspace();
  const all = useQuery(connectionsQuery(slug)).data;
  const listeners = new Set(found.statement.listeners.map((one) => one.listener));
  const fitting = all?.filter((one) => one.kind === protocol);
  const connection = fitting?.find((one) => one.via !== null && one.via !== undefined && listeners.has(one.via)) ?? fitting?.[0];
  const entries = useQuery({ ...namesQuery(slug, connection?.id ?? ""), enabled: connection?.last_snapshot != null }).data;
  return ({ table }) => {
    const same = entries?.filter((entry) => entry.name.toLowerCase() === table.name.toLowerCase() && (!table.schema || entry.schema === table.schema));
    // Without a schema in the text the search path decides: one that is alone is meant, else the usual one.
    const entry = same?.length === 1 ? same[0] : same?.find((one) => one.schema === "public");
    return connection && entry && paths.table(slug, connection.id, entry.key);
  };
}

function TableList({ tables, linkOf }: { tables: readonly UsedTable[]; linkOf: (table: UsedTable) => string | undefined }) {
  return (
    <ul aria-label="Tables" className="divide-y divide-line">
      {tables.map((used) => {
        const to = linkOf(used);
        return (
          <li key={used.id} className="flex flex-col gap-1 px-4 py-2.5">
            <span className="flex flex-wrap items-center gap-2">
              {to ? (
                <Link to={to} className="font-mono text-[13px] font-medium text-brand-text underline-offset-2 hover:underline">
                  {nameOf(used.table)}
                </Link>
              ) : (
                <span className="font-mono text-[13px] font-medium">{nameOf(used.table)}</span>
              )}
              {used.reads && <Badge>read</Badge>}
              {used.writes && <Badge tone="warn">written</Badge>}
            </span>
            {used.columns.length > 0 && <span className="font-mono text-xs break-words text-ink-soft">{used.columns.join(", ")}</span>}
          </li>
        );
      })}
    </ul>
  );
}

function JoinList({ joins }: { joins: readonly Join[] }) {
  return (
    <ul aria-label="Joins" className="divide-y divide-line">
      {joins.map((join) => (
        <li key={`${join.from} ${join.to}`} className="px-4 py-2.5">
          <span className="font-mono text-[13px]">
            {join.from} <span className="text-ink-faint">with</span> {join.to}
          </span>
          <span className="block font-mono text-xs text-ink-soft">{join.on.join(", ")}</span>
        </li>
      ))}
    </ul>
  );
}
