// Is it among the person's favourites?

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Star } from "lucide-react";
import { favouriteQueriesQuery, markQuery } from "~/api/saved-queries";
import { explain } from "~/api/problem";
import { useWorkspace } from "~/parts/workspace";
import { IconButton } from "~/ui/button";
import { toast } from "~/ui/toast";

export function QueryStar({ query, title }: { query: string; title: string }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const { data } = useQuery(favouriteQueriesQuery(slug));
  const isMarked = data?.has(query) ?? false;
  const mark = useMutation({
    mutationFn: (marked: boolean) => markQuery(slug, query, marked),
    onSuccess: () => client.invalidateQueries({ queryKey: ["favourites", slug] }),
    onError: (error) => toast({ title: explain(error).title, tone: "danger" }),
  });
  return (
    <IconButton label={isMarked ? `Take ${title} from the favourites` : `Add ${title} to the favourites`} size="small" aria-pressed={isMarked} disabled={data === undefined} onClick={() => mark.mutate(!isMarked)}>
      <Star className={`size-3.5 ${isMarked ? "fill-current text-warn" : "text-ink-faint"}`} aria-hidden="true" />
    </IconButton>
  );
}
