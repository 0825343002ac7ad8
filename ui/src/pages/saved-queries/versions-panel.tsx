// What did the query say before, and how is it put back?

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { restoreSavedQuery, savedQueryQuery, savedQueryVersionsQuery, type SavedQuery, type SavedQueryVersion } from "~/api/saved-queries";
import { SideBySide } from "~/parts/diff/side-by-side";
import { rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { VersionList } from "~/parts/version-list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { ErrorNote } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";

const COLUMNS: readonly Column<SavedQueryVersion>[] = [
  { id: "changed", header: "Changed", cell: (row) => <RelativeTime at={row.changed_at} />, value: (row) => row.changed_at, width: 120 },
  { id: "title", header: "Title", cell: (row) => <span dir="auto">{row.title}</span>, value: (row) => row.title, width: 240, grow: true },
];

export function VersionsPanel({ query, etag, isDirty }: { query: SavedQuery; etag: string; isDirty: boolean }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const maySave = useMay("save_queries");
  const [search] = usePageSearch();
  const versions = useInfiniteQuery(savedQueryVersionsQuery(slug, query.id));
  const chosen = rowsOf(versions.data)?.find((row) => String(row.number) === search["version"]);
  const restore = useMutation({
    mutationFn: (version: number) => restoreSavedQuery(slug, query.id, version, etag),
    onSuccess: (restored, version) => {
      client.setQueryData(savedQueryQuery(slug, query.id).queryKey, restored);
      void client.invalidateQueries({ queryKey: ["saved-queries", slug] });
      toast({ title: `Version ${version} is back, as version ${restored.data.version}`, tone: "ok" });
    },
  });
  const block = !maySave ? "Needs the capability save_queries." : isDirty ? "Save your changes or undo them first." : undefined;
  return (
    <div className="flex flex-col gap-4">
      <VersionList id="query-versions" versions={versions} current={query.version} currently="now" columns={COLUMNS} emptyTitle="There are no versions yet">
        Each change of title, statement or parameters becomes one.
      </VersionList>
      {restore.error && <ErrorNote error={restore.error} />}
      {chosen && (
        <Card
          title={`Version ${chosen.number}`}
          actions={
            chosen.number !== query.version && (
              <Button size="small" disabled={block !== undefined} title={block} busy={restore.isPending} onClick={() => restore.mutate(chosen.number)} icon={<Undo2 className="size-3.5" aria-hidden="true" />}>
                Restore version {chosen.number}
              </Button>
            )
          }
        >
          <SideBySide left={chosen.sql} right={query.sql} leftTitle={`Version ${chosen.number}`} rightTitle={`Version ${query.version}, now`} />
        </Card>
      )}
    </div>
  );
}
