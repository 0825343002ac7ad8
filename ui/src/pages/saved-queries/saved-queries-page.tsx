// Which queries did people keep here?

import { useInfiniteQuery, useQuery, keepPreviousData } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { BookmarkPlus, Globe, Lock, Star } from "lucide-react";
import { useEffect } from "react";
import { membersQuery } from "~/api/members";
import { favouriteQueriesQuery, savedQueriesQuery, tagsQuery, type SavedQuery } from "~/api/saved-queries";
import { sessionQuery } from "~/api/session";
import { FilterInput } from "~/parts/filter-input";
import { listed, rowsOf } from "~/parts/list";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { SqlLine } from "~/parts/sql-text";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { BareSelect, Segments } from "~/ui/choice";
import { FirstTime, NothingFound, SkeletonRows } from "~/ui/states";
import type { Column } from "~/ui/table/columns";
import { DataTable } from "~/ui/table/data-table";
import { RelativeTime } from "~/ui/time";
import { QueryStar } from "./star";

const columnsOf = (nameOf: (owner: string) => string): Column<SavedQuery>[] => [
  {
    id: "title",
    header: "Title",
    cell: (row) => (
      <span className="flex items-center gap-1.5">
        <QueryStar query={row.id} title={row.title} />
        <span dir="auto" className="truncate font-medium">
          {row.title}
        </span>
      </span>
    ),
    value: (row) => row.title,
    width: 220,
    grow: true,
  },
  { id: "sql", header: "Statement", cell: (row) => <SqlLine text={row.sql} />, value: (row) => row.sql, width: 240, grow: true },
  {
    id: "tags",
    header: "Tags",
    cell: (row) => (
      <span className="flex gap-1">
        {row.tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
      </span>
    ),
    value: (row) => row.tags.join(", "),
    width: 160,
  },
  {
    id: "visibility",
    header: "Seen by",
    cell: (row) => (
      <span className="inline-flex items-center gap-1.5">
        {row.visibility === "private" ? <Lock className="size-3 text-ink-faint" aria-hidden="true" /> : <Globe className="size-3 text-ink-faint" aria-hidden="true" />}
        {row.visibility === "private" ? "its owner" : "workspace"}
      </span>
    ),
    value: (row) => row.visibility,
    width: 120,
  },
  { id: "owner", header: "Owner", cell: (row) => <span dir="auto">{nameOf(row.owner)}</span>, value: (row) => nameOf(row.owner), width: 130 },
  { id: "changed", header: "Changed", cell: (row) => <RelativeTime at={row.changed_at} />, value: (row) => row.changed_at, width: 110 },
];

/** So many that match are looked for before one scrolls, among so many at most. */
const ENOUGH = 20;
const LOOKED_AT = 2_000;

export function SavedQueriesPage() {
  const { slug } = useWorkspace();
  const navigate = useNavigate();
  const [search, setSearch] = usePageSearch();
  const me = useQuery(sessionQuery).data?.person.id;
  const members = rowsOf(useInfiniteQuery(membersQuery(slug)).data);
  const tags = useQuery(tagsQuery(slug)).data ?? [];
  const favourites = useQuery(favouriteQueriesQuery(slug)).data;
  const whose = search["whose"] ?? "all";
  const tag = search["tag"];
  const words = (search["words"] ?? "").trim().toLowerCase();
  const list = useInfiniteQuery({ ...savedQueriesQuery(slug, { tag, owner: whose === "mine" ? me : undefined }), placeholderData: keepPreviousData });
  const all = rowsOf(list.data);
  const shown = all?.filter((one) => (whose !== "favourites" || favourites?.has(one.id)) && (words === "" || `${one.title} ${one.description} ${one.sql} ${one.tags.join(" ")}`.toLowerCase().includes(words)));
  useEffect(() => {
    // What is looked for may be further down: words and stars are matched here, not by the server.
    if (shown !== undefined && (words !== "" || whose === "favourites") && shown.length < ENOUGH && list.hasNextPage && !list.isFetchingNextPage && (all?.length ?? 0) < LOOKED_AT) {
      void list.fetchNextPage();
    }
  }, [shown, words, whose, list, all]);
  const isFiltered = words !== "" || tag !== undefined || whose !== "all";
  const write = (
    <Button asChild variant="primary">
      <Link to={paths.sql(slug)}>
        <BookmarkPlus className="size-3.5" aria-hidden="true" /> Write a query
      </Link>
    </Button>
  );
  const bar = (
    <div className="flex flex-wrap items-center gap-2">
      <FilterInput name="words" label="Filter saved queries" main className="w-64 max-sm:w-full" />
      <Segments
        label="Whose"
        value={whose}
        onChange={(value) => setSearch({ whose: value === "all" ? undefined : value })}
        choices={[
          { value: "all", label: "All" },
          { value: "mine", label: "Mine" },
          { value: "favourites", label: "Favourites" },
        ]}
      />
      {tags.length > 0 && <BareSelect label="Tag" className="min-w-32" value={tag ?? "-"} onChange={(value) => setSearch({ tag: value === "-" ? undefined : value })} choices={[{ value: "-", label: "Any tag" }, ...tags.map((one) => ({ value: one.tag, label: `${one.tag} (${one.queries})` }))]} />}
    </div>
  );
  return (
    <Page title="Saved queries" about="Statements that people keep, with their values and versions." actions={write} bar={(all?.length !== 0 || isFiltered) && bar}>
      <Card flush>
        <DataTable
          label="Saved queries"
          id="saved-queries"
          columns={columnsOf((owner) => (owner === me ? "me" : (members?.find((one) => one.user === owner)?.name ?? "somebody who left")))}
          {...listed(list)}
          rows={shown}
          rowKey={(row) => row.id}
          onOpen={(row) => void navigate({ to: paths.savedQuery(slug, row.id) })}
          empty={
            list.hasNextPage && (all?.length ?? 0) < LOOKED_AT ? (
              <SkeletonRows rows={3} />
            ) : whose === "favourites" && words === "" && tag === undefined ? (
              <FirstTime icon={<Star className="size-5" />} title="No query is among your favourites" actions={<Button onClick={() => setSearch({ whose: undefined })}>Show all</Button>}>
                Press the star before a title: the query is here then, and near the top when you look for something. Only you see your stars.
              </FirstTime>
            ) : isFiltered ? (
              <NothingFound what="saved queries" onClear={() => setSearch({ words: undefined, tag: undefined, whose: undefined })} />
            ) : (
              <FirstTime icon={<BookmarkPlus className="size-5" />} title="No query was saved yet" actions={write}>
                Write a statement on the SQL page and save it: it gets a title, tags, values that can be changed at each run, and a version for each change. Share it with the workspace or keep it to yourself.
              </FirstTime>
            )
          }
        />
      </Card>
    </Page>
  );
}
