// Where am I signed in, and how do I end that?

import { useMutation, useQuery } from "@tanstack/react-query";
import { Laptop } from "lucide-react";
import { endOtherSessions, endSession, signedInQuery, type SignedIn } from "~/api/profile";
import { Badge } from "~/ui/badge";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { ErrorNote, Failed, SkeletonRows } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { toast } from "~/ui/toast";

/** Browser and system, as far as the browser's own words tell. */
function browser(agent: string): string {
  const name = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrom(e|ium)\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : undefined;
  const system = /Windows/.test(agent) ? "Windows" : /iPhone|iPad/.test(agent) ? "iOS" : /Mac OS/.test(agent) ? "macOS" : /Android/.test(agent) ? "Android" : /Linux/.test(agent) ? "Linux" : undefined;
  return name ? [name, system].filter(Boolean).join(" on ") : agent.slice(0, 80) || "unknown program";
}

export function SignedInList() {
  const { data, error, refetch } = useQuery(signedInQuery);
  const others = useMutation({ mutationFn: endOtherSessions, onSuccess: () => toast({ title: "All other sessions have ended", tone: "ok" }) });
  if (error && !data) {
    return <Failed error={error} onRetry={() => void refetch()} />;
  }
  if (!data) {
    return <SkeletonRows rows={3} />;
  }
  return (
    <Card
      title="Signed in"
      note="browsers that act for you"
      flush
      actions={
        data.length > 1 && (
          <Button size="small" variant="danger" busy={others.isPending} onClick={() => others.mutate()}>
            End all others
          </Button>
        )
      }
    >
      {others.error && <ErrorNote error={others.error} />}
      <ul className="divide-y divide-line">
        {data.map((session) => (
          <Row key={session.id} session={session} />
        ))}
      </ul>
    </Card>
  );
}

function Row({ session }: { session: SignedIn }) {
  const end = useMutation({ mutationFn: () => endSession(session.id) });
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 text-[13px]">
      <Laptop className="size-4 text-ink-faint" aria-hidden="true" />
      <span className="font-medium" title={session.user_agent}>
        {browser(session.user_agent)}
      </span>
      {session.is_current && <Badge tone="brand">this one</Badge>}
      <span className="font-mono text-xs text-ink-soft">{session.address}</span>
      <span className="ml-auto text-xs text-ink-faint">
        last used <RelativeTime at={session.last_used_at} />, since <RelativeTime at={session.created_at} />
      </span>
      {!session.is_current && (
        <Button size="small" busy={end.isPending} onClick={() => end.mutate()} aria-label={`End the session of ${browser(session.user_agent)} from ${session.address}`}>
          End
        </Button>
      )}
      {end.error && <ErrorNote error={end.error} />}
    </li>
  );
}
