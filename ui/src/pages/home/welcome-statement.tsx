// Where do applications connect to, and has the first statement been seen?

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, Copy, PlugZap, Radio } from "lucide-react";
import { useState } from "react";
import { knownFingerprintsQuery } from "~/api/find";
import { listenersQuery, type Listener } from "~/api/listeners";
import { useLive, useLiveState } from "~/api/live";
import { useWorkspace } from "~/parts/workspace";
import { SqlBlock } from "~/parts/sql-text";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { copyText } from "~/ui/copy";
import { integer } from "~/ui/format";
import { Failed, FirstTime, Note, SkeletonRows } from "~/ui/states";
import { Spinner } from "~/ui/spinner";

/** Listening everywhere is reached at the host of the console. */
function address(listen: string): { host: string; port: string } {
  const at = listen.lastIndexOf(":");
  const host = listen.slice(0, at).replace(/^\[|\]$/g, "");
  return { host: host === "0.0.0.0" || host === "::" ? location.hostname : host, port: listen.slice(at + 1) };
}

function command(listener: Listener): string | undefined {
  const state = listener.planes.find((plane) => plane.state)?.state;
  if (!state) {
    return undefined;
  }
  const { host, port } = address(state.listen);
  return state.protocol === "mysql" ? `mysql -h ${host} -P ${port} -u USER -p DATABASE` : `psql "host=${host} port=${port} user=USER dbname=DATABASE"`;
}

interface Seen {
  calls: number;
  refusals: number;
}

/** What has passed since the page was opened, by listener. */
function useSeen(slug: string): Seen {
  const [seen, setSeen] = useState<Seen>({ calls: 0, refusals: 0 });
  useLive(slug, "traffic", (message) => {
    const all = Object.values((message.data ?? {}) as Record<string, Partial<Seen>>);
    setSeen((before) => ({ calls: before.calls + all.reduce((sum, one) => sum + (one.calls ?? 0), 0), refusals: before.refusals + all.reduce((sum, one) => sum + (one.refusals ?? 0), 0) }));
  });
  return seen;
}

export function StatementStep({ onDone }: { onDone: () => void }) {
  const { slug } = useWorkspace();
  const { data: listeners, error, refetch } = useQuery(listenersQuery(slug));
  if (error && !listeners) {
    return <Failed error={error} onRetry={() => void refetch()} />;
  }
  if (!listeners) {
    return <SkeletonRows rows={4} />;
  }
  if (listeners.length === 0) {
    return (
      <Card>
        <FirstTime icon={<PlugZap className="size-5" />} title="No listener belongs to this workspace" actions={<Button onClick={onDone}>Skip for now</Button>}>
          <p>A listener is a port that applications point at in the place of their database. It stands in the settings of the gateway and names its workspace:</p>
          <SqlBlock className="mt-3 text-left" text={`[[listener]]\nname = "shop"\nlisten = "0.0.0.0:6432"\nupstream = "db.internal:5432"\nworkspace = "${slug}"`} />
          <p className="mt-3">To try it with sample data and no settings at all, run the demo: it brings a database of a shop and applications that use it.</p>
        </FirstTime>
      </Card>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <p className="max-w-2xl text-[13px] text-ink-soft">Point a client at a listener in the place of the database. It signs in with its own user and notices nothing else.</p>
      {listeners.map((listener) => (
        <Command key={listener.name} listener={listener} />
      ))}
      <Waiting slug={slug} onDone={onDone} />
    </div>
  );
}

function Command({ listener }: { listener: Listener }) {
  const text = command(listener);
  return (
    <Card title={listener.name} note={listener.planes.find((plane) => plane.state)?.state?.mode}>
      {text ? (
        <div className="flex items-center gap-2">
          <code className="min-w-0 flex-1 rounded-md bg-subtle p-2 font-mono text-xs break-all">{text}</code>
          <Button size="small" icon={<Copy className="size-3.5" aria-hidden="true" />} onClick={() => void copyText(text, "Command copied")} aria-label={`Copy the command for ${listener.name}`}>
            Copy
          </Button>
        </div>
      ) : (
        <p className="text-[13px] text-ink-soft">Its data plane is not connected at the moment.</p>
      )}
    </Card>
  );
}

function Waiting({ slug, onDone }: { slug: string; onDone: () => void }) {
  const seen = useSeen(slug);
  const live = useLiveState(slug);
  const arrived = seen.calls + seen.refusals > 0;
  const { data: known } = useQuery({ ...knownFingerprintsQuery(slug), enabled: arrived, staleTime: 0, refetchInterval: 3_000 });
  const last = known?.[0];
  return (
    <section aria-label="First statement" className="flex flex-col gap-3 rounded-lg border border-line bg-surface p-5">
      <div role="status" className="flex items-center gap-3 text-[13px]">
        {arrived ? <CircleCheck className="size-5 text-ok" aria-hidden="true" /> : <Spinner className="size-5 text-ink-faint" />}
        <span>{arrived ? `Seen and judged: ${integer(seen.calls)} ${seen.calls === 1 ? "statement" : "statements"}, ${integer(seen.refusals)} refused.` : "Waiting for the first statement. Send one, such as SELECT 1."}</span>
      </div>
      {arrived && last && (
        <p className="text-[13px] text-ink-soft">
          Among them:{" "}
          <Link to={paths.query(slug, last.fingerprint)} className="font-mono text-xs underline underline-offset-2">
            {last.text.slice(0, 120)}
          </Link>
        </p>
      )}
      {live !== "live" && (
        <Note icon={<Radio className="mt-0.5 size-4" aria-hidden="true" />}>Live messages do not arrive yet; what passes meanwhile is on record all the same.</Note>
      )}
      <div>
        <Button variant={arrived ? "primary" : "quiet"} onClick={onDone}>
          {arrived ? "Go on" : "Skip for now"}
        </Button>
      </div>
    </section>
  );
}
