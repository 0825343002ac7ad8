// How does the console remember what the person opened?

import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { noteOpened, recentQuery, type ItemKind } from "~/api/recent";
import { useWorkspace } from "./workspace";

/**
 * Notes that the page of something was opened: Home and the palette show it among what is recent. `target` is the
 * word that the object's URL has (a table: `connection/key`); while it is not known yet, nothing is noted.
 */
export function useNoteOpened(kind: ItemKind, target: string | undefined): void {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  useEffect(() => {
    if (target === undefined || target === "") {
      return;
    }
    // What is recent is a convenience: a page does not fail because it could not be noted.
    noteOpened(slug, kind, target).then(
      () => void client.invalidateQueries({ queryKey: recentQuery(slug).queryKey }),
      () => undefined,
    );
  }, [client, kind, slug, target]);
}
