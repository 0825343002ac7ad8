// How does one get a copy that is one's own?

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CopyPlus } from "lucide-react";
import { explain } from "~/api/problem";
import { createSavedQuery, type SavedQuery } from "~/api/saved-queries";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { toast } from "~/ui/toast";
import { draftOf, fieldsOf } from "./query-draft";

const TITLE_MAX = 200;
const MARK = " (copy)";

/** A copy is private until its owner says otherwise. */
export function DuplicateQuery({ query }: { query: SavedQuery }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const maySave = useMay("save_queries");
  const copying = useMutation({
    mutationFn: () => createSavedQuery(slug, { ...draftOf(fieldsOf(query)), title: query.title.slice(0, TITLE_MAX - MARK.length) + MARK, visibility: "private" }),
    onSuccess: async (copy) => {
      await client.invalidateQueries({ queryKey: ["saved-queries", slug] });
      await navigate({ to: paths.savedQuery(slug, copy.id) });
      toast({ title: "This is your copy: only you see it", tone: "ok" });
    },
    onError: (error) => toast({ title: explain(error).title, tone: "danger" }),
  });
  return (
    <Button onClick={() => copying.mutate()} disabled={!maySave} title={maySave ? undefined : "Needs the capability save_queries."} busy={copying.isPending} icon={<CopyPlus className="size-3.5" aria-hidden="true" />}>
      Duplicate
    </Button>
  );
}
