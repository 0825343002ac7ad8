// What do the rules of a set say, do they work, and how do they come into force?

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { draftQuery, ruleSetQuery, type RuleSet } from "~/api/rule-sets";
import { isProblem } from "~/api/problem";
import { useNoteOpened } from "~/parts/note-opened";
import { Page } from "~/parts/page";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge } from "~/ui/badge";
import { Failed, Note, SkeletonRows } from "~/ui/states";
import { RuleDesk } from "./rule-desk";
import { RuleSetMenu } from "./rule-set-menu";
import type { Server } from "./use-draft";

/** So often is looked whether somebody else saved. */
const LOOKED_EVERY_MS = 15_000;

export function RuleSetPage() {
  const { slug } = useWorkspace();
  const { ruleSet: id = "" } = useParams({ strict: false });
  const ruleSet = useQuery({ ...ruleSetQuery(slug, id), refetchInterval: LOOKED_EVERY_MS });
  const draft = useQuery({ ...draftQuery(slug, id), refetchInterval: LOOKED_EVERY_MS });
  useNoteOpened("rule_set", ruleSet.data && id);
  const error = ruleSet.error ?? draft.error;
  const about = ruleSet.data?.data;
  return (
    <Page
      title={about?.name ?? "Rule set"}
      heading={
        about && (
          <span className="flex flex-wrap items-center gap-2">
            {about.name} <PublishedBadge ruleSet={about} />
          </span>
        )
      }
      about={<span dir="auto">{about?.description}</span>}
      crumbs={<Link to={paths.ruleSets(slug)}>Rule sets</Link>}
      actions={ruleSet.data && <RuleSetMenu ruleSet={ruleSet.data.data} etag={ruleSet.data.etag} />}
    >
      <Inside about={about} server={draft.data} error={error} onRetry={() => void Promise.all([ruleSet.refetch(), draft.refetch()])} />
    </Page>
  );
}

export function PublishedBadge({ ruleSet }: { ruleSet: RuleSet }) {
  return ruleSet.published ? <Badge tone="ok">version {ruleSet.published}</Badge> : <Badge tone="warn">not published</Badge>;
}

function Inside({ about, server, error, onRetry }: { about: RuleSet | undefined; server: Server | undefined; error: unknown; onRetry: () => void }) {
  const { slug } = useWorkspace();
  if (about !== undefined && server !== undefined) {
    return <RuleDesk key={about.id} ruleSet={about} server={server} />;
  }
  if (isProblem(error, "not_found")) {
    return (
      <Note tone="warn">
        There is no such rule set any more.{" "}
        <Link to={paths.ruleSets(slug)} className="font-medium underline">
          All rule sets
        </Link>
      </Note>
    );
  }
  return error ? <Failed error={error} onRetry={onRetry} /> : <SkeletonRows />;
}
