// What changes when the draft is published, for whom, and is it ready?

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Rocket } from "lucide-react";
import { useState } from "react";
import { publishRuleSet, versionQuery, type RuleSet } from "~/api/rule-sets";
import { SideBySide } from "~/parts/diff/side-by-side";
import { EnvironmentPill } from "~/parts/environment";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { Confirm } from "~/ui/dialog";
import { TextArea } from "~/ui/field";
import { Failed, Note, SkeletonRows } from "~/ui/states";
import { toast } from "~/ui/toast";
import type { CheckedRules } from "./diagnostics";
import { consequence, useReach, type Reach } from "./reach";
import { RunningCard } from "./running";
import type { DraftState, Server } from "./use-draft";

interface PublishPanelProps {
  ruleSet: RuleSet;
  draft: DraftState;
  server: Server;
  checked: CheckedRules;
}

/** Why it cannot be published now; `undefined` when it can. */
function blockOf(may: boolean, { draft, server, checked, ruleSet }: PublishPanelProps): string | undefined {
  if (!may) {
    return "Needs the capability publish_rules: an admin can give it to you under Members.";
  }
  if (draft.theirs !== undefined) {
    return "Choose between your text and theirs first.";
  }
  if (draft.isDirty) {
    return "Save the draft first: what is published is what is saved.";
  }
  if (!server.data.is_saved) {
    return "There is no draft: the text is the published one.";
  }
  if (server.data.base !== (ruleSet.published ?? 0)) {
    return "Another version was published meanwhile: bring the draft up to it first.";
  }
  return checked.isGood === false ? "The rules have mistakes: correct them first." : undefined;
}

export function PublishPanel(props: PublishPanelProps) {
  const { ruleSet, draft, server } = props;
  const { slug } = useWorkspace();
  const client = useQueryClient();
  const may = useMay("publish_rules");
  const reach = useReach(slug, ruleSet.listeners ?? []);
  const [isOpen, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const block = blockOf(may, props);
  const publish = async () => {
    const { version } = await publishRuleSet(slug, ruleSet.id, server.etag, note);
    setNote("");
    await Promise.all([client.invalidateQueries({ queryKey: ["rule-sets", slug] }), client.invalidateQueries({ queryKey: ["publications", slug] })]);
    toast({ title: `Version ${version} is published`, detail: reach.listeners.length > 0 ? `At ${reach.listeners.map((one) => one.name).join(", ")}` : undefined, tone: "ok" });
  };
  return (
    <div className="flex flex-col gap-4">
      <Card title={ruleSet.published ? `Version ${ruleSet.published + 1}` : "First version"}>
        <div className="flex max-w-2xl flex-col gap-3">
          <ReachLine reach={reach} />
          <TextArea label="What changes and why" optional rows={2} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} disabled={!may} />
          <div className="flex flex-wrap items-center gap-3">
            <Button variant={reach.isProduction ? "danger" : "primary"} disabled={block !== undefined} onClick={() => setOpen(true)} icon={<Rocket className="size-3.5" aria-hidden="true" />}>
              Publish{reach.isProduction ? " on production" : ""}
            </Button>
            {block !== undefined && <span className="text-xs text-ink-soft">{block}</span>}
            <Link to="." search={((before: Record<string, unknown>) => ({ ...before, tab: "effect" })) as never} className="text-xs text-ink-soft underline underline-offset-2 hover:text-ink">
              What would it have changed?
            </Link>
          </div>
        </div>
      </Card>
      <RunningCard name={ruleSet.name} published={ruleSet.published} listeners={ruleSet.listeners ?? []} />
      <Changes ruleSet={ruleSet} draft={draft} />
      <Confirm
        open={isOpen}
        onClose={() => setOpen(false)}
        title={`Publish ${ruleSet.name}`}
        consequence={`${consequence(reach)} The test cases are run first; if one fails, nothing is published.`}
        action={`Publish${reach.isProduction ? " on production" : ""}`}
        typed={reach.isProduction ? ruleSet.name : undefined}
        danger={reach.isProduction}
        onConfirm={publish}
      />
    </div>
  );
}

function ReachLine({ reach }: { reach: Reach }) {
  const { slug } = useWorkspace();
  return (
    <Note tone={reach.isProduction ? "danger" : "info"}>
      {consequence(reach)}
      {reach.listeners.length === 0 && (
        <>
          {" "}
          <Link to={paths.connections(slug)} className="underline underline-offset-2">
            Listeners take rule sets under Connections
          </Link>
          .
        </>
      )}
      {reach.listeners.length > 0 && (
        <span className="mt-1.5 flex flex-wrap gap-2">
          {reach.listeners.map((one) => (
            <span key={one.name} className="inline-flex items-center gap-1.5 text-xs text-ink">
              {one.name} <EnvironmentPill environment={one.environment} />
            </span>
          ))}
        </span>
      )}
    </Note>
  );
}

/** What is in force beside what would be. */
function Changes({ ruleSet, draft }: { ruleSet: RuleSet; draft: DraftState }) {
  const { slug } = useWorkspace();
  const number = ruleSet.published ?? 0;
  const published = useQuery({ ...versionQuery(slug, ruleSet.id, number), enabled: number > 0 });
  if (number > 0 && published.data === undefined) {
    return published.error ? <Failed error={published.error} onRetry={() => void published.refetch()} /> : <SkeletonRows />;
  }
  const before = published.data ?? { text: "", cases: "" };
  const title = number > 0 ? `Version ${number}, in force` : "Nothing published yet";
  return (
    <>
      <Card title="Rules">
        <SideBySide left={before.text} right={draft.mine.text} leftTitle={title} rightTitle="The draft" />
      </Card>
      {before.cases !== draft.mine.cases && (
        <Card title="Test cases">
          <SideBySide left={before.cases} right={draft.mine.cases} leftTitle={title} rightTitle="The draft" about="test cases" />
        </Card>
      )}
    </>
  );
}
