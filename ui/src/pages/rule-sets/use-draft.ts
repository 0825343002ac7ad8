// Which texts does the person write, and how do they become the draft that everybody sees?

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { discardDraft, draftQuery, saveDraft, type Draft } from "~/api/rule-sets";
import { useKept } from "~/parts/use-kept";
import { toast } from "~/ui/toast";

export interface Texts {
  text: string;
  cases: string;
}

export interface Server {
  data: Draft;
  etag: string;
}

/** With the line ends that the editor has: places in the text are counted in both. */
const plain = (text: string): string => text.replaceAll("\r\n", "\n");
const only = ({ text, cases }: Texts): Texts => ({ text: plain(text), cases: plain(cases) });
const same = (left: Texts, right: Texts): boolean => left.text === right.text && left.cases === right.cases;

export function useDraft(workspace: string, ruleSet: string, server: Server) {
  const client = useQueryClient();
  const { queryKey } = draftQuery(workspace, ruleSet);
  const saved = only(server.data);
  const kept = useKept<Texts>({ name: `draft.${ruleSet}`, server: { fields: saved, etag: server.etag }, only, same, queryKey });
  const [merging, setMerging] = useState<Texts>();
  const { mine } = kept;
  const save = async (etag = mine.etag, base?: number): Promise<boolean> => {
    const done = await kept.save((sent) => saveDraft(workspace, ruleSet, etag, { ...sent, base }));
    if (done === undefined) {
      return false;
    }
    setMerging(undefined);
    void client.invalidateQueries({ queryKey: ["rule-sets", workspace, "one", ruleSet] });
    return true;
  };
  const discard = async (): Promise<void> => {
    await discardDraft(workspace, ruleSet, server.etag);
    const before = only(mine);
    kept.continueFrom(before, mine.etag);
    await client.refetchQueries({ queryKey });
    toast({ title: "The draft is gone; the published text is here.", action: { label: "Bring it back", run: () => kept.type(before) } });
  };
  const merge = () => {
    setMerging(saved);
    kept.continueFrom(saved, server.etag);
  };
  return {
    mine,
    isDirty: kept.isDirty,
    theirs: kept.theirs,
    /** Their text, while mine is brought together with it. */
    merging,
    endMerge: () => setMerging(undefined),
    saving: kept.saving,
    type: kept.type,
    save: () => save(),
    /** Saves mine over theirs. */
    keepMine: () => save(server.etag),
    continueFrom: (base: number) => save(mine.etag, base),
    takeTheirs: kept.takeTheirs,
    merge,
    discard,
  };
}

export type DraftState = ReturnType<typeof useDraft>;
