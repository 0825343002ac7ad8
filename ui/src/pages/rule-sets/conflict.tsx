// Two people wrote on one draft: what did the other one save, and which text shall it be?

import { GitMerge } from "lucide-react";
import { useState } from "react";
import { SideBySide } from "~/parts/diff/side-by-side";
import { withLeft } from "~/parts/diff/line-diff";
import { TwoVersions } from "~/parts/two-versions";
import { Button } from "~/ui/button";
import { Segments } from "~/ui/choice";
import { RelativeTime } from "~/ui/time";
import type { DraftState, Texts } from "./use-draft";

type Which = keyof Texts;

/** The text that differs is the one to look at first. */
const useWhich = (theirs: Texts, mine: Texts) => useState<Which>(theirs.text === mine.text ? "cases" : "text");

const CHOICES = [
  { value: "text", label: "Rules" },
  { value: "cases", label: "Test cases" },
] as const;

/** The other text beside mine, and the three ways on. Nothing typed is lost in any of them. */
export function Conflict({ draft, theirs, savedAt }: { draft: DraftState; theirs: Texts; savedAt: string | null | undefined }) {
  const { mine, saving } = draft;
  const [which, setWhich] = useWhich(theirs, mine);
  return (
    <TwoVersions
      label="Somebody else saved this draft"
      title="Somebody else saved this draft while you wrote"
      about={<>Saved {savedAt ? <RelativeTime at={savedAt} /> : "meanwhile"}. Your text is untouched: choose which it shall be. Nothing is sent before you choose.</>}
      choice={<Segments label="Which text" value={which} onChange={setWhich} choices={CHOICES} />}
      theirs={theirs[which]}
      mine={mine[which]}
    >
      <Button onClick={draft.merge} variant="primary" icon={<GitMerge className="size-3.5" aria-hidden="true" />}>
        Merge by hand
      </Button>
      <Button onClick={() => void draft.keepMine()} busy={saving.busy}>
        Keep mine, replace theirs
      </Button>
      <Button onClick={draft.takeTheirs}>Take theirs</Button>
    </TwoVersions>
  );
}

/** Their text stays beside mine while mine is edited; each of their changes can be taken over. */
export function Merge({ draft, theirs }: { draft: DraftState; theirs: Texts }) {
  const { mine } = draft;
  const [which, setWhich] = useWhich(theirs, mine);
  return (
    <section aria-label="Merge by hand" className="flex flex-col gap-3 rounded-lg border border-info bg-surface p-4">
      <div className="flex flex-wrap items-center gap-3">
        <GitMerge className="size-5 shrink-0 text-info" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <h2 className="text-sm font-semibold text-ink">Merge by hand</h2>
          <p className="text-[13px] text-ink-soft">Edit your text below, or take over single changes. Saving ends the merge: your text then stands in place of theirs.</p>
        </div>
        <Segments label="Which text" value={which} onChange={setWhich} choices={CHOICES} />
        <Button size="small" variant="quiet" onClick={draft.endMerge}>
          Hide theirs
        </Button>
      </div>
      <SideBySide left={theirs[which]} right={mine[which]} leftTitle="Theirs, saved" rightTitle="Mine, as it is below" onTakeLeft={(hunk) => draft.type({ [which]: withLeft(mine[which], hunk) })} takeLabel="Take theirs here" />
    </section>
  );
}
