// Where does the text come from that a link brought: another page, or a saved query?

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { savedQueryQuery, type SavedQuery } from "~/api/saved-queries";
import { usePageSearch } from "~/parts/search";
import type { Text } from "./use-text";

/** `?sql=` brings a text, once; `?query=` a saved query, whose edited text survives a reload. */
export function useOrigin(workspace: string, text: Text): { query: SavedQuery | undefined; error: unknown } {
  const [search, setSearch] = usePageSearch();
  const { sql, query } = search;
  const saved = useQuery({ ...savedQueryQuery(workspace, query ?? ""), enabled: query !== undefined });
  const taken = useRef(text.query);
  const brought = useRef<string>(undefined);
  useEffect(() => {
    if (sql !== undefined && brought.current !== sql) {
      brought.current = sql;
      text.replace(sql);
      taken.current = undefined;
      setSearch({ sql: undefined, query: undefined }, "replace");
    }
  }, [sql, text, setSearch]);
  const data = saved.data?.data;
  useEffect(() => {
    if (query !== undefined && data !== undefined && sql === undefined && taken.current !== query) {
      taken.current = query;
      text.replace(data.sql, query);
    }
  }, [query, data, sql, text]);
  return { query: query === undefined ? undefined : data, error: query === undefined ? undefined : saved.error };
}
