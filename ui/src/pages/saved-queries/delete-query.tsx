// How is a saved query removed?

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { deleteSavedQuery, type SavedQuery } from "~/api/saved-queries";
import { DeleteMenu } from "~/parts/delete-menu";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";

export function DeleteQuery({ query, etag }: { query: SavedQuery; etag: string }) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useMay("save_queries");
  return (
    <DeleteMenu
      disabled={!may}
      title={`Delete “${query.title}”`}
      consequence={`The query and its ${query.version === 1 ? "version" : `${query.version} versions`} are removed${query.visibility === "workspace" ? " for everybody in this workspace" : ""}. Its runs stay in the history. It cannot be undone.`}
      action="Delete query"
      onConfirm={async () => {
        await deleteSavedQuery(slug, query.id, etag);
        await navigate({ to: paths.savedQueries(slug) });
        await client.invalidateQueries({ queryKey: ["saved-queries", slug, "list"] });
      }}
    />
  );
}
