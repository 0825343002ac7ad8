// What does one work with at a rule set: rules, test cases, publishing, versions?

import { lazy, Suspense, useState } from "react";
import { Save, Trash2 } from "lucide-react";
import { whenThere } from "~/api/reachability";
import type { RuleSet } from "~/api/rule-sets";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Confirm } from "~/ui/dialog";
import { useShortcuts } from "~/ui/shortcuts";
import { ErrorNote, Note, SkeletonRows } from "~/ui/states";
import { Tabs } from "~/ui/tabs";
import { toast } from "~/ui/toast";
import { Conflict, Merge } from "./conflict";
import { useCheckedRules } from "./diagnostics";
import { RulesPanel } from "./rules-panel";
import { useAddCase } from "./use-add-case";
import { useCases } from "./use-cases";
import { useDraft, type DraftState, type Server } from "./use-draft";

// One comes for the rules; the sides beyond them come when they are opened.
const CasesPanel = lazy(async () => ({ default: (await whenThere(() => import("./cases-panel"))).CasesPanel }));
const EffectPanel = lazy(async () => ({ default: (await whenThere(() => import("./effect/effect-panel"))).EffectPanel }));
const PublishPanel = lazy(async () => ({ default: (await whenThere(() => import("./publish-panel"))).PublishPanel }));
const VersionsPanel = lazy(async () => ({ default: (await whenThere(() => import("./versions-panel"))).VersionsPanel }));

export function RuleDesk({ ruleSet, server }: { ruleSet: RuleSet; server: Server }) {
  const { slug } = useWorkspace();
  const [search] = usePageSearch();
  const tab = search["tab"] ?? "";
  const mayEdit = useMay("edit_rules");
  const draft = useDraft(slug, ruleSet.id, server);
  const checked = useCheckedRules(slug, ruleSet.name, draft.mine.text);
  const cases = useCases(ruleSet.id, draft.mine);
  const addCase = useAddCase(ruleSet.name, draft, cases);
  const save = () => {
    if (mayEdit && draft.isDirty && draft.theirs === undefined) {
      void draft.save().then((done) => done && toast({ title: "Draft saved", tone: "ok" }));
    }
  };
  useShortcuts([{ keys: "mod+s", label: "Save the draft", run: save, whileTyping: true }]);
  return (
    <>
      {draft.theirs && <Conflict draft={draft} theirs={draft.theirs} savedAt={ruleSet.draft_at} />}
      {draft.merging && <Merge draft={draft} theirs={draft.merging} />}
      <Behind ruleSet={ruleSet} server={server} draft={draft} />
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 max-sm:basis-full">
          <Tabs
            label="Sides of the rule set"
            current={tab}
            tabs={[
              { value: "", label: "Rules", count: checked.diagnostics.length > 0 ? `${checked.diagnostics.length} wrong` : undefined },
              { value: "cases", label: "Test cases" },
              { value: "effect", label: "What would change" },
              { value: "publish", label: "Publish" },
              { value: "versions", label: "Versions", count: ruleSet.published ?? undefined },
            ]}
          />
        </div>
        {tab !== "versions" && <SaveBar draft={draft} server={server} mayEdit={mayEdit} onSave={save} />}
      </div>
      {draft.saving.error !== undefined && <ErrorNote error={draft.saving.error} />}
      <Suspense fallback={<SkeletonRows />}>
        {tab === "cases" ? (
          <CasesPanel name={ruleSet.name} draft={draft} cases={cases} onAdd={addCase} onSave={save} />
        ) : tab === "effect" ? (
          <EffectPanel ruleSet={ruleSet} text={draft.mine.text} checked={checked} onAdd={addCase} />
        ) : tab === "publish" ? (
          <PublishPanel ruleSet={ruleSet} draft={draft} server={server} checked={checked} />
        ) : tab === "versions" ? (
          <VersionsPanel ruleSet={ruleSet} />
        ) : (
          <RulesPanel ruleSet={ruleSet} draft={draft} checked={checked} cases={cases} onSave={save} />
        )}
      </Suspense>
    </>
  );
}

function SaveBar({ draft, server, mayEdit, onSave }: { draft: DraftState; server: Server; mayEdit: boolean; onSave: () => void }) {
  const [isDiscarding, setDiscarding] = useState(false);
  const said = !mayEdit ? "You may read it; editing needs edit_rules" : draft.theirs ? "choose above first" : draft.isDirty ? "not saved" : server.data.is_saved ? "draft saved" : "as published";
  return (
    <div className="flex items-center gap-2 pb-1">
      <span role="status" className="text-xs text-ink-faint">
        {said}
      </span>
      {mayEdit && server.data.is_saved && (
        <Button size="small" variant="quiet" onClick={() => setDiscarding(true)} icon={<Trash2 className="size-3.5" aria-hidden="true" />}>
          Discard draft
        </Button>
      )}
      {mayEdit && (
        <Button size="small" variant="primary" onClick={onSave} disabled={!draft.isDirty || draft.theirs !== undefined} busy={draft.saving.busy} icon={<Save className="size-3.5" aria-hidden="true" />}>
          Save draft
        </Button>
      )}
      <Confirm open={isDiscarding} onClose={() => setDiscarding(false)} title="Discard the draft" consequence="The draft is removed for everybody; the published text takes its place. What is in force does not change." action="Discard draft" onConfirm={draft.discard} />
    </div>
  );
}

/** A version was published that the draft does not continue. */
function Behind({ ruleSet, server, draft }: { ruleSet: RuleSet; server: Server; draft: DraftState }) {
  const published = ruleSet.published ?? 0;
  const { base, is_saved: isSaved } = server.data;
  if (!isSaved || base === published || draft.theirs !== undefined) {
    return null;
  }
  return (
    <Note tone="warn">
      <span className="flex flex-wrap items-center gap-3">
        <span className="min-w-0 flex-1">
          Version {published} was published meanwhile; the draft continues {base === 0 ? "an empty text" : `version ${base}`}. See under Publish what the draft would change of it.
        </span>
        <Button size="small" busy={draft.saving.busy} onClick={() => void draft.continueFrom(published)}>
          Go on from version {published}
        </Button>
      </span>
    </Note>
  );
}
