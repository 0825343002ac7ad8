// Who touched what, as far as the ledgers tell? The answer comes line by line, with how far it is.

import { queryOptions } from "@tanstack/react-query";
import { request, type Schemas } from "./client";
import { ProblemError, UnreachableError, type Problem } from "./problem";
import { queryClient } from "./queries";
import { lines } from "./runs";

export type AccessProgress = Schemas["AccessProgressView"];
export type AccessCounts = Schemas["AccessCountsView"];
export type AccessGroup = Schemas["AccessGroupView"];
export type AccessGroups = Schemas["AccessGroupsView"];
export type AccessAttempt = Schemas["AccessAttemptView"];
export type AccessHour = Schemas["AccessHourView"];
export type AccessReport = Schemas["AccessReportView"];
type Line = Schemas["AccessReportLine"];

/** The conditions, named as the API names them. */
export interface AccessFilter {
  from?: string;
  until?: string;
  table?: string;
  user?: string;
  application?: string;
  database?: string;
  listeners?: string;
  class?: string;
}

/** Whether anything is asked for besides a time: all of a ledger is nobody's question. */
export const isAsked = (filter: AccessFilter): boolean => Boolean(filter.table ?? filter.user ?? filter.application);

function pathOf(workspace: string, filter: AccessFilter): string {
  const said = Object.entries(filter).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return `/api/v1/workspaces/${encodeURIComponent(workspace)}/ledger/access-report?${new URLSearchParams(said).toString()}`;
}

async function report(workspace: string, filter: AccessFilter, signal: AbortSignal, told: (progress: AccessProgress) => void): Promise<AccessReport> {
  const response = await request(pathOf(workspace, filter), { signal });
  for await (const text of lines(response)) {
    const line = JSON.parse(text) as Line;
    switch (line.kind) {
      case "progress":
        told(line);
        break;
      case "report":
        return line;
      case "problem":
        throw new ProblemError(line as unknown as Problem);
    }
  }
  // It broke off: what came is no report.
  throw new UnreachableError();
}

/** How far the report is that is being made. */
export const accessProgressQuery = (workspace: string, filter: AccessFilter) =>
  queryOptions({ queryKey: ["access-report", workspace, "progress", filter], queryFn: (): AccessProgress | null => null, enabled: false, initialData: null as AccessProgress | null });

/** Made once for each question, since making it is itself on record; asked for again by the button only. */
export const accessReportQuery = (workspace: string, filter: AccessFilter) =>
  queryOptions({
    queryKey: ["access-report", workspace, "report", filter],
    enabled: isAsked(filter),
    staleTime: Infinity,
    gcTime: 300_000,
    retry: false,
    refetchOnWindowFocus: false,
    queryFn: ({ signal }) => {
      const { queryKey } = accessProgressQuery(workspace, filter);
      queryClient.setQueryData(queryKey, null);
      return report(workspace, filter, signal, (progress) => queryClient.setQueryData(queryKey, progress));
    },
  });

/** Stops the one that is being made: the gateways are asked for nothing more. */
export const stopReport = (workspace: string, filter: AccessFilter): Promise<void> => queryClient.cancelQueries({ queryKey: accessReportQuery(workspace, filter).queryKey });
