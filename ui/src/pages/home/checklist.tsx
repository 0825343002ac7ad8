// What is left to do before the workspace is of use? Each step is read from what is there.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Circle, CircleCheck, X } from "lucide-react";
import { connectionsQuery } from "~/api/connections";
import { listenersQuery } from "~/api/listeners";
import { invitationsQuery, membersQuery } from "~/api/recent";
import { topQuery } from "~/api/traffic";
import { rangeOf } from "~/parts/range";
import { useMay, useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { IconButton } from "~/ui/button";
import { Card } from "~/ui/card";
import { useRemembered } from "~/ui/remembered";

interface Step {
  label: string;
  hint: string;
  to: string;
  isDone: boolean;
}

const SHOWN: { isDismissed: boolean } = { isDismissed: false };

/** The steps, once all that they are read from has arrived. `calls` are those of the time looked at. */
function useSteps(calls: number | undefined): Step[] | undefined {
  const { slug } = useWorkspace();
  const connections = useQuery(connectionsQuery(slug)).data;
  const members = useQuery(membersQuery(slug)).data;
  const mayInvite = useMay("manage_members");
  const invitations = useQuery({ ...invitationsQuery(slug), enabled: mayInvite });
  const mayManage = useMay("manage_connections");
  const mayTraffic = useMay("view_traffic");
  const listeners = useQuery({ ...listenersQuery(slug), enabled: mayTraffic }).data;
  // What came before the time looked at counts, too.
  const month = useQuery({ ...topQuery(slug, rangeOf({}, "30d"), "listener", "calls", {}, 1), enabled: mayTraffic && calls === 0 });
  if (!connections || !listeners || !members || (mayInvite && invitations.isPending) || (mayTraffic && (calls === undefined || (calls === 0 && month.isPending)))) {
    return undefined;
  }
  const states = listeners.flatMap((one) => one.planes.flatMap((plane) => (plane.state ? [plane.state] : [])));
  const isGuarded = states.some((state) => state.mode === "enforce") || listeners.some((one) => (one.published?.policies.length ?? 0) > 0);
  const first = connections[0];
  return [
    { label: "Connect a database", hint: "Through a listener, so that its statements are seen.", to: mayManage ? paths.newConnection(slug) : paths.connections(slug), isDone: connections.length > 0 },
    { label: "Read its schema", hint: "Tables and columns, for search and completion.", to: first ? paths.connection(slug, first.id) : paths.connections(slug), isDone: connections.some((one) => Boolean(one.last_snapshot)) },
    { label: "See the first statement", hint: "Point an application at a listener.", to: paths.traffic(slug), isDone: (calls ?? 0) > 0 || (month.data?.total.calls ?? 0) > 0 },
    { label: "Put rules in force", hint: "Publish a rule set, or let a listener enforce its floor.", to: paths.ruleSets(slug), isDone: isGuarded },
    { label: "Invite somebody", hint: "A role decides what they may see and do.", to: paths.members(slug), isDone: members.length > 1 || (invitations.data?.length ?? 0) > 0 },
  ];
}

export function Checklist({ calls }: { calls: number | undefined }) {
  const { slug } = useWorkspace();
  const [{ isDismissed }, remember] = useRemembered(`checklist.${slug}`, SHOWN);
  const steps = useSteps(calls);
  if (isDismissed || steps === undefined || steps.every((step) => step.isDone)) {
    return null;
  }
  const done = steps.filter((step) => step.isDone).length;
  return (
    <Card
      flush
      title="Getting started"
      note={`${done} of ${steps.length} done`}
      actions={
        <IconButton size="small" label="Hide the checklist" onClick={() => remember({ isDismissed: true })}>
          <X className="size-3.5" aria-hidden="true" />
        </IconButton>
      }
    >
      <ol className="py-1.5">
        {steps.map((step) => (
          <li key={step.label}>
            {step.isDone ? (
              <span className="flex items-center gap-2.5 px-4 py-1.5 text-[13px] text-ink-faint">
                <CircleCheck className="size-4 shrink-0 text-ok" aria-hidden="true" />
                {step.label}
                <span className="sr-only">, done</span>
              </span>
            ) : (
              <Link to={step.to} className="flex items-start gap-2.5 px-4 py-1.5 text-[13px] hover:bg-hover">
                <Circle className="mt-0.5 size-4 shrink-0 text-ink-faint" aria-hidden="true" />
                <span className="min-w-0">
                  <span className="font-medium text-ink">{step.label}</span>
                  <span className="block text-xs text-ink-faint">{step.hint}</span>
                </span>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
