// Which sessions does the page show just now, and how do they move on with each answer?

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { liveSessionsQuery } from "~/api/live-sessions";
import type { Sort } from "~/ui/table/columns";
import { EMPTY_LIST, laidOut, takenIn, type LiveList } from "./live-rows";

export function useLiveList(workspace: string, paused: boolean, sort: Sort | undefined) {
  const query = useQuery(liveSessionsQuery(workspace, paused));
  const order = sort ? `${sort.id} ${sort.desc}` : "";
  const [list, setList] = useState<LiveList>(EMPTY_LIST);
  const { data } = query;
  if (data !== undefined && (data.at !== list.at || order !== list.order)) {
    setList(list.at === "" || order !== list.order ? laidOut(data, sort, order, list) : takenIn(list, data));
  }
  const showNew = () => data && setList(laidOut(data, sort, order, list));
  return { query, list, showNew };
}

export type LiveView = ReturnType<typeof useLiveList>;
