// What does a saved query say, what comes back from it, and what did it say before?

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { SquareTerminal } from "lucide-react";
import { isProblem } from "~/api/problem";
import { savedQueryQuery } from "~/api/saved-queries";
import { useNoteOpened } from "~/parts/note-opened";
import { Page } from "~/parts/page";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { Failed, Note, SkeletonRows } from "~/ui/states";
import { DeleteQuery } from "./delete-query";
import { DuplicateQuery } from "./duplicate-query";
import { QueryDesk } from "./query-desk";
import { QueryStar } from "./star";

export function SavedQueryPage() {
  const { slug } = useWorkspace();
  const { query: id = "" } = useParams({ strict: false });
  const mayRun = useMay("run_queries");
  const query = useQuery(savedQueryQuery(slug, id));
  useNoteOpened("query", query.data && id);
  const about = query.data?.data;
  return (
    <Page
      title={about?.title ?? "Saved query"}
      heading={
        about && (
          <span className="flex items-center gap-1.5">
            <span dir="auto">{about.title}</span> <QueryStar query={about.id} title={about.title} />
          </span>
        )
      }
      about={<span dir="auto">{about?.description}</span>}
      crumbs={<Link to={paths.savedQueries(slug)}>Saved queries</Link>}
      actions={
        query.data && (
          <>
            {mayRun && (
              <Button asChild>
                <Link to={withSearch(paths.sql(slug), { query: id })}>
                  <SquareTerminal className="size-3.5" aria-hidden="true" /> Open in SQL
                </Link>
              </Button>
            )}
            <DuplicateQuery query={query.data.data} />
            <DeleteQuery query={query.data.data} etag={query.data.etag} />
          </>
        )
      }
    >
      {query.data ? (
        <QueryDesk key={id} server={query.data} />
      ) : isProblem(query.error, "not_found") ? (
        <Note tone="warn">
          There is no such query any more, or its owner keeps it private.{" "}
          <Link to={paths.savedQueries(slug)} className="font-medium underline">
            All saved queries
          </Link>
        </Note>
      ) : query.error ? (
        <Failed error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Page>
  );
}
