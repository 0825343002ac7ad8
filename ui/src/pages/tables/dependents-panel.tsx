// What would notice if the object were gone?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Unlink } from "lucide-react";
import { dependentsQuery, type Dependent } from "~/api/tables";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Card } from "~/ui/card";
import { Failed, FirstTime, Note, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { Named } from "./named";
import { kindWord } from "./tree-lines";

const WAYS: Record<Dependent["way"], string> = {
  foreign_key: "its foreign key points here",
  partition: "is a partition",
  child: "inherits from it",
  query: "its query names it",
  trigger: "its trigger names it",
  policy: "its policy names it",
  default: "a default names it",
  column_type: "a column has this type",
  body: "its text names it",
};

const columns = (slug: string, connection: string): readonly Column<Dependent>[] => [
  {
    id: "name",
    header: "Object",
    cell: ({ object }) => (
      <Link to={paths.table(slug, connection, object.key)} className="hover:underline">
        <Named entry={object} />
      </Link>
    ),
    value: ({ object }) => [object.schema, object.name].filter(Boolean).join("."),
    width: 220,
    grow: true,
  },
  { id: "kind", header: "Kind", cell: ({ object }) => kindWord(object.kind), value: ({ object }) => object.kind, width: 130 },
  { id: "way", header: "How it depends", cell: (row) => WAYS[row.way], value: (row) => WAYS[row.way], width: 190 },
  { id: "by", header: "By", cell: (row) => <code className="font-mono text-xs">{row.by}</code>, value: (row) => row.by, width: 190 },
  { id: "detail", header: "More", cell: (row) => <code className="font-mono text-xs">{row.detail}</code>, value: (row) => row.detail, width: 200, grow: true },
];

export function DependentsPanel({ connection, objectKey }: { connection: string; objectKey: string }) {
  const { slug } = useWorkspace();
  const { data, error, refetch } = useQuery(dependentsQuery(slug, connection, objectKey));
  if (data === undefined) {
    return error ? <Failed error={error} onRetry={() => void refetch()} /> : <SkeletonRows />;
  }
  return (
    <div className="flex flex-col gap-3">
      <Card title="What depends on it" note="in this database" flush>
        <DataTable
          label="What depends on it"
          id="dependents"
          columns={columns(slug, connection)}
          rows={data.items}
          rowKey={(row) => `${row.object.key} ${row.way} ${row.by}`}
          empty={
            <FirstTime icon={<Unlink className="size-5" />} title="Nothing in the database depends on it">
              No foreign key points at it, and no view, function, trigger or policy names it. Applications may still use it: see <i>Use</i>.
            </FirstTime>
          }
        />
      </Card>
      {data.is_cut && <Note tone="warn">There may be more than are shown.</Note>}
      {data.items.length > 0 && <p className="text-xs text-ink-faint">Foreign keys, partitions and inheritance are declared. The others are found by the name in a text, where it may mean something else.</p>}
    </div>
  );
}
