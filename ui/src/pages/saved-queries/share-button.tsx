// How does somebody else get to this query, with the values and the chart that one sees?

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link2 } from "lucide-react";
import { useState } from "react";
import { changeSavedQuery, savedQueryQuery, type SavedQuery } from "~/api/saved-queries";
import type { Values } from "~/parts/run/parameter-fields";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths, withSearch } from "~/paths";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/choice";
import { copyText } from "~/ui/copy";
import { BareInput } from "~/ui/field";
import { Popover } from "~/ui/popover";
import { ErrorNote } from "~/ui/states";
import { toast } from "~/ui/toast";
import { valuesToSearch } from "./link-values";
import { draftOf, fieldsOf } from "./query-draft";

interface ShareProps {
  query: SavedQuery;
  etag: string;
  values: Values;
  isMine: boolean;
  isDirty: boolean;
}

export function ShareButton(props: ShareProps) {
  return (
    <Popover
      label="Share"
      trigger={
        <Button icon={<Link2 className="size-3.5" aria-hidden="true" />} variant="quiet">
          Share
        </Button>
      }
    >
      <Share {...props} />
    </Popover>
  );
}

function Share({ query, etag, values, isMine, isDirty }: ShareProps) {
  const { slug } = useWorkspace();
  const [{ view, chart }] = usePageSearch();
  const [withValues, setWithValues] = useState(true);
  const said = withValues ? valuesToSearch(query.parameters, values) : {};
  const link = location.origin + withSearch(paths.savedQuery(slug, query.id), { ...said, view, chart });
  return (
    <div className="flex w-[min(26rem,calc(100vw-3rem))] flex-col gap-3 text-[13px]">
      <BareInput label="Link" readOnly value={link} onFocus={(event) => event.target.select()} className="font-mono !text-xs" />
      {query.parameters.length > 0 && <Checkbox label="With the values as they are now" note="They stand in the link: whoever gets it can read them." checked={withValues} onChange={setWithValues} />}
      {isDirty && <p className="text-xs text-warn">Your changes are not saved: the link opens what is saved.</p>}
      <Visibility query={query} etag={etag} isMine={isMine} isDirty={isDirty} />
      <div className="flex justify-end">
        <Button variant="primary" onClick={() => void copyText(link, "Link copied")}>
          Copy link
        </Button>
      </div>
    </div>
  );
}

function Visibility({ query, etag, isMine, isDirty }: Omit<ShareProps, "values">) {
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const maySave = useMay("save_queries");
  const showAll = useMutation({
    mutationFn: () => changeSavedQuery(slug, query.id, etag, { ...draftOf(fieldsOf(query)), visibility: "workspace" }),
    onSuccess: (saved) => {
      client.setQueryData(savedQueryQuery(slug, query.id).queryKey, saved);
      void client.invalidateQueries({ queryKey: ["saved-queries", slug] });
      toast({ title: "Everybody in this workspace sees it now", tone: "ok" });
    },
  });
  if (query.visibility === "workspace") {
    return <p className="text-xs text-ink-soft">Everybody in this workspace can open it; running it needs the capability run_queries.</p>;
  }
  return (
    <div className="flex flex-col gap-2">
      <p className="text-xs text-ink-soft">{isMine ? "It is private: for others the link leads nowhere." : "Its owner keeps it private."}</p>
      {isMine && maySave && (
        <div>
          <Button size="small" busy={showAll.isPending} disabled={isDirty} title={isDirty ? "Save your changes or undo them first." : undefined} onClick={() => showAll.mutate()}>
            Let everybody in this workspace see it
          </Button>
        </div>
      )}
      {showAll.error && <ErrorNote error={showAll.error} />}
    </div>
  );
}
