// What do the rules say: as text, as a form, or both beside each other?

import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState, useEffect } from "react";
import type { Place } from "~/api/outline";
import { packsQuery } from "~/api/publications";
import { ruleSetsQuery, type RuleSet } from "~/api/rule-sets";
import { CodeEditor } from "~/parts/editor/editor";
import { usePageSearch } from "~/parts/search";
import { useMay, useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Segments } from "~/ui/choice";
import { classes } from "~/ui/classes";
import { Note, SkeletonRows } from "~/ui/states";
import { Diagnostics, type CheckedRules } from "./diagnostics";
import { FloorCard, PackDialog } from "./floor";
import { BuiltOn, listsOf } from "./form/built-on";
import { ruleCompletion, type Around } from "./form/completion";
import { observedQuery, suggestions } from "./form/observed";
import { RuleCards } from "./form/rule-cards";
import { useRules } from "./form/use-rules";
import type { CasesState } from "./use-cases";
import type { DraftState } from "./use-draft";

const VIEWS = [
  { value: "text", label: "Text" },
  { value: "both", label: "Both" },
  { value: "form", label: "Form" },
] as const;
type View = (typeof VIEWS)[number]["value"];

interface RulesPanelProps {
  ruleSet: RuleSet;
  draft: DraftState;
  checked: CheckedRules;
  cases: CasesState;
  onSave: () => void;
}

/** What is to be looked at in the text; each time it is asked for. */
function useReveal(setView: (view: View) => void, view: View): [Place | undefined, (place: Place) => void] {
  const [place, setPlace] = useState<Place>();
  return [
    place,
    ({ from, to }) => {
      if (view === "form") {
        setView("both");
      }
      setPlace({ from, to });
    },
  ];
}

export function RulesPanel({ ruleSet, draft, checked, cases, onSave }: RulesPanelProps) {
  const { slug } = useWorkspace();
  const mayEdit = useMay("edit_rules");
  const [search, setSearch] = usePageSearch();
  const view = VIEWS.find((one) => one.value === search["view"])?.value ?? "both";
  const setView = (next: View) => setSearch({ view: next === "both" ? undefined : next }, "replace");
  const [reveal, show] = useReveal(setView, view);
  const [pack, setPack] = useState<string>();
  const { mine } = draft;
  const onText = (text: string) => draft.type({ text });
  const rules = useRules(slug, ruleSet.name, mine.text, checked, onText);
  const lists = listsOf(rules.outline);
  const complete = useCompletion(slug, ruleSet.name, lists);
  const observed = useQuery({ ...observedQuery(slug), enabled: mayEdit && view !== "text" }).data;
  const suggest = (key: string, typed: string) => suggestions(observed, [...new Set([...lists, "writers"])], key, typed);
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <Segments label="How the rules are shown" value={view} onChange={setView} choices={VIEWS} />
        <span className="text-xs text-ink-soft">Text and form are the same rules: what is changed in one is in the other at once.</span>
        {view !== "text" && (
          <Button size="small" className="ml-auto" disabled={!mayEdit || mine.cases.trim() === ""} busy={cases.isPending} onClick={() => void cases.run()} title={mine.cases.trim() === "" ? "There are no test cases yet." : "Their results stand beside each rule."}>
            Run the cases
          </Button>
        )}
      </div>
      <div className={classes("grid min-w-0 items-start gap-4", view === "both" && "xl:grid-cols-2")}>
        {view !== "form" && (
          <Card flush>
            <div className="relative isolate z-10 h-[28rem] min-h-40 resize-y overflow-hidden">
              <CodeEditor label="Rules" language="toml" value={mine.text} onChange={onText} onSave={onSave} mistakes={checked.mistakes} complete={complete} reveal={reveal} readOnly={!mayEdit} hint={'[[rule]]\nname = "no-drop"\nwhen = { class = ["ddl"] }\ndecision = "refuse"'} />
            </div>
            <div className="border-t border-line">
              <Diagnostics checked={checked} isEmpty={mine.text.trim() === ""} name={ruleSet.name} onShow={show} />
            </div>
          </Card>
        )}
        {view !== "text" && (
          <div className="flex min-w-0 flex-col gap-4">
            {!mayEdit && <Note>The form is read from the text for those who may edit rules: it needs the capability edit_rules.</Note>}
            {rules.isBroken && (
              <Note tone="warn">
                The text cannot be read as TOML{checked.diagnostics[0]?.line ? `: see line ${checked.diagnostics[0].line}` : ""}. {rules.outline ? "The form shows it as it was before, and cannot change it until it reads again." : "The form is here as soon as it reads."}
              </Note>
            )}
            {rules.outline ? (
              <>
                <BuiltOn name={ruleSet.name} rules={rules} outline={rules.outline} isEditable={mayEdit && !rules.isBroken} suggest={(typed) => suggestions(observed, [], "user", typed)} onPack={setPack} />
                <RuleCards name={ruleSet.name} rules={rules} outline={rules.outline} checked={checked} results={cases.data?.results} mayEdit={mayEdit} suggest={suggest} onText={onText} onShow={show} />
                <Sessions count={rules.outline.sessions.length} />
              </>
            ) : (
              mayEdit && !rules.isBroken && checked.error === null && <SkeletonRows rows={6} />
            )}
          </div>
        )}
      </div>
      <FloorCard listeners={ruleSet.listeners ?? []} />
      {pack !== undefined && <PackDialog pack={pack} onClose={() => setPack(undefined)} />}
    </div>
  );
}

function Sessions({ count }: { count: number }) {
  return count === 0 ? null : (
    <p className="text-xs text-ink-soft">
      Beside the rules the text has {count === 1 ? "a [[session]]" : `${count} times [[session]]`}: sessions that are read-only from their beginning. They are changed in the text.
    </p>
  );
}

/** The source stays the same while what stands around changes. */
function useCompletion(workspace: string, name: string, lists: readonly string[]) {
  const packs = useQuery(packsQuery).data;
  const ruleSets = useQuery(ruleSetsQuery(workspace)).data;
  const around = useRef<Around>({ lists: [], sets: [] });
  useEffect(() => {
    around.current = { lists, sets: [...(packs ?? []), ...(ruleSets ?? []).map((one) => one.name).filter((one) => one !== name)] };
  });
  return useMemo(() => ruleCompletion(workspace, () => around.current), [workspace]);
}
