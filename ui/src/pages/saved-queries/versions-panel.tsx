// What did the query say before, and how is it put back?

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Undo2 } from "lucide-react";
import { membersQuery } from "~/api/members";
import { restoreSavedQuery, savedQueryQuery, savedQueryVersionsQuery, type SavedQuery, type SavedQueryVersion } from "~/api/saved-queries";
import { sessionQuery } from "~/api/session";
import { SideBySide } from "~/parts/diff/side-by-side";
import { rowsOf } from "~/parts/list";
import { usePageSearch } from "~/parts/search";
import { VersionList } from "~/parts/version-list";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect } from "~/ui/choice";
import { ErrorNote } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";
import { versionText } from "./query-draft";

const columnsOf = (nameOf: (person: string) => string): readonly Column<SavedQueryVersion>[] => [
  { id: "changed", header: "Changed", cell: (row) => <RelativeTime at={row.changed_at} />, value: (row) => row.changed_at, width: 120 },
  { id: "title", header: "Title", cell: (row) => <span dir="auto">{row.title}</span>, value: (row) => row.title, width: 240, grow: true },
  { id: "by", header: "By", cell: (row) => <span dir="auto">{nameOf(row.changed_by)}</span>, value: (row) => nameOf(row.changed_by), width: 160 },
];

const NOW = "now";
const BEFORE = "before";

export function VersionsPanel({ query, etag, isDirty }: { query: SavedQuery; etag: string; isDirty: boolean }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const maySave = useMay("save_queries");
  const [search, setSearch] = usePageSearch();
  const me = useQuery(sessionQuery).data?.person.id;
  const members = rowsOf(useInfiniteQuery(membersQuery(slug)).data);
  const nameOf = (person: string) => (person === me ? "me" : (members?.find((one) => one.user === person)?.name ?? "somebody who left"));
  const versions = useInfiniteQuery(savedQueryVersionsQuery(slug, query.id));
  const all = rowsOf(versions.data);
  const chosen = all?.find((row) => String(row.number) === search["version"]);
  const side = search["with"] === BEFORE ? BEFORE : NOW;
  const before = chosen && all?.find((row) => row.number === chosen.number - 1);
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
      <VersionList id="query-versions" versions={versions} current={query.version} currently="now" columns={columnsOf(nameOf)} emptyTitle="There are no versions yet">
        Each change of title, statement or parameters becomes one.
      </VersionList>
      {restore.error && <ErrorNote error={restore.error} />}
      {chosen && (
        <Card
          title={`Version ${chosen.number}`}
          actions={
            <span className="flex flex-wrap items-center gap-2">
              <BareSelect
                label="Compared with"
                value={side}
                onChange={(next) => setSearch({ with: next === NOW ? undefined : next }, "replace")}
                choices={[
                  { value: NOW, label: "compared with now" },
                  { value: BEFORE, label: "compared with the version before" },
                ]}
              />
              {chosen.number !== query.version && (
                <Button size="small" disabled={block !== undefined} title={block} busy={restore.isPending} onClick={() => restore.mutate(chosen.number)} icon={<Undo2 className="size-3.5" aria-hidden="true" />}>
                  Restore version {chosen.number}
                </Button>
              )}
            </span>
          }
        >
          {side === NOW ? (
            <SideBySide left={versionText(chosen)} right={versionText(query)} leftTitle={`Version ${chosen.number}`} rightTitle={`Version ${query.version}, now`} />
          ) : before === undefined ? (
            <p className="text-[13px] text-ink-soft">{chosen.number === 1 ? "There is no version before the first." : "The version before is further down the list: scroll there first."}</p>
          ) : (
            <SideBySide left={versionText(before)} right={versionText(chosen)} leftTitle={`Version ${before.number}`} rightTitle={`Version ${chosen.number}`} />
          )}
        </Card>
      )}
    </div>
  );
}
