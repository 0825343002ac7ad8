// Which versions does something have, and which of them is looked at?

import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { History } from "lucide-react";
import type { ReactNode } from "react";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { FirstTime } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { listed } from "./list";
import { usePageSearch } from "./search";

/** More than these scroll: what is below shows the one that is chosen. */
const SHOWN_MAX = 8;

interface VersionListProps<Version> {
  id: string;
  versions: UseInfiniteQueryResult<InfiniteData<{ items: Version[] }>>;
  /** The one that holds, and the word for that. */
  current: number | null | undefined;
  currently: string;
  /** What is told of each beside its number. */
  columns: readonly Column<Version>[];
  /** What is said while there is none. */
  emptyTitle: string;
  children: ReactNode;
}

/** The chosen one stands in the URL as `version`. */
export function VersionList<Version extends { number: number }>({ id, versions, current, currently, columns, emptyTitle, children }: VersionListProps<Version>) {
  const [search, setSearch] = usePageSearch();
  const shown = listed(versions);
  const number: Column<Version> = {
    id: "number",
    header: "Version",
    cell: (row) => (
      <span className="flex items-center gap-2">
        {row.number} {row.number === current && <Badge tone="ok">{currently}</Badge>}
      </span>
    ),
    value: (row) => row.number,
    width: 120,
  };
  return (
    <Card flush>
      <DataTable
        label="Versions"
        id={id}
        columns={[number, ...columns]}
        {...shown}
        rowKey={(row) => String(row.number)}
        selected={search["version"]}
        onOpen={(row) => setSearch({ version: String(row.number) }, "replace")}
        height={(shown.rows?.length ?? 0) > SHOWN_MAX ? "20rem" : undefined}
        empty={
          <FirstTime icon={<History className="size-5" />} title={emptyTitle}>
            {children}
          </FirstTime>
        }
      />
    </Card>
  );
}
