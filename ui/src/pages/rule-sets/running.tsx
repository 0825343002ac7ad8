// Which data plane runs which version of the rule set, at which listener?

import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { publicationQuery, type Publication } from "~/api/publications";
import { problemsOf } from "~/parts/plane-problems";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Badge, Status, type BadgeTone } from "~/ui/badge";
import { Card } from "~/ui/card";
import { Failed, SkeletonRows } from "~/ui/states";
import { RUNNING_LOOK_MS, SETTLED_LOOK_MS, sumOf, takenWords, versionAt, type PlaneState } from "./running-words";

const WORDS: Readonly<Record<PlaneState, { tone: BadgeTone; word: string }>> = {
  in_force: { tone: "ok", word: "runs it" },
  pending: { tone: "info", word: "on its way" },
  refused: { tone: "danger", word: "did not take it" },
  away: { tone: "warn", word: "not connected: takes it when it is" },
};

/** Looked at each second while something is on its way, and now and then otherwise. */
export function RunningCard({ name, published, listeners }: { name: string; published: number | null | undefined; listeners: readonly string[] }) {
  const { slug } = useWorkspace();
  const answers = useQueries({
    queries: listeners.map((listener) => ({
      ...publicationQuery(slug, listener),
      refetchInterval: ({ state }: { state: { data?: { data: Publication } } }) => (state.data?.data.planes.some((plane) => plane.state === "pending") ? RUNNING_LOOK_MS : SETTLED_LOOK_MS),
    })),
  });
  if (listeners.length === 0) {
    return null;
  }
  const found = answers.flatMap((one) => (one.data ? [one.data.data] : []));
  const failed = answers.find((one) => one.error && !one.data);
  const sum = sumOf(found);
  return (
    <Card title="Where it runs" note={takenWords(sum)}>
      {failed ? (
        <Failed error={failed.error} onRetry={() => void Promise.all(answers.map((one) => one.refetch()))} />
      ) : found.length < listeners.length ? (
        <SkeletonRows rows={2} />
      ) : (
        <ul aria-label="Data planes and what they run" className="flex flex-col divide-y divide-line text-[13px]">
          {found.flatMap((one) =>
            one.planes.map((plane) => {
              const state = WORDS[plane.state];
              const version = versionAt(plane, name);
              return (
                <li key={`${one.listener} ${plane.plane}`} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2 first:pt-0 last:pb-0">
                  <Link to={paths.connections(slug)} className="font-medium text-ink hover:underline">
                    {one.listener}
                  </Link>
                  <span className="text-xs text-ink-soft">at {plane.plane_name}</span>
                  <Badge tone={version === published ? "ok" : "warn"}>{version === undefined ? "version not known" : version === null ? "does not run it" : `version ${version}`}</Badge>
                  <Status tone={state.tone}>{state.word}</Status>
                  {problemsOf(plane).map((problem) => (
                    <span key={problem} className="w-full text-xs text-danger">
                      {problem}
                    </span>
                  ))}
                </li>
              );
            }),
          )}
        </ul>
      )}
    </Card>
  );
}
