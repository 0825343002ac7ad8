// How did a test of a connection end, and what can be done about it?

import { CircleCheck, CircleX, ShieldAlert, ShieldCheck } from "lucide-react";
import { useEffect, useState } from "react";
import type { ConnectionTest } from "~/api/connections";
import { Spinner } from "~/ui/spinner";
import { duration } from "~/ui/format";
import { problemName } from "./words";

/** The API gives a test at most this long. */
const TEST_SECONDS_MAX = 10;

/** While it runs: how long, of how long at most. */
export function TestProgress() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const begin = performance.now();
    const timer = setInterval(() => setSeconds((performance.now() - begin) / 1_000), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <div role="status" className="flex flex-col gap-2 rounded-md border border-line bg-subtle px-3 py-2.5 text-[13px]">
      <span className="flex items-center gap-2">
        <Spinner /> Resolving the name, connecting, logging in
        <span className="ml-auto text-xs text-ink-faint tabular-nums" aria-hidden="true">
          {seconds.toFixed(0)} s of at most {TEST_SECONDS_MAX} s
        </span>
      </span>
      <span className="h-1 overflow-hidden rounded bg-line" aria-hidden="true">
        <span className="block h-full rounded bg-brand" style={{ width: `${Math.min(100, (seconds / TEST_SECONDS_MAX) * 100)}%` }} />
      </span>
    </div>
  );
}

export function TestResult({ result }: { result: ConnectionTest }) {
  return result.ok ? <Works result={result} /> : <Fails result={result} />;
}

function Works({ result }: { result: ConnectionTest }) {
  const { server } = result;
  return (
    <div role="status" className="rounded-md border border-ok/40 bg-ok-soft px-3 py-2.5 text-[13px] text-ink">
      <p className="flex items-center gap-2 font-medium text-ok">
        <CircleCheck className="size-4 shrink-0" aria-hidden="true" /> It works{server && `: ${server.product} ${server.version}`}
      </p>
      <dl className="mt-2 grid grid-cols-[repeat(auto-fit,minmax(8rem,1fr))] gap-x-4 gap-y-2">
        <Fact label="Connected and logged in" value={duration(result.connect_us)} />
        <Fact label="Smallest question" value={duration(result.latency_us)} />
        {server?.current_user && <Fact label="User" value={server.current_user} />}
        {server?.database && <Fact label="Database" value={server.database} />}
        {server?.in_recovery !== undefined && server.in_recovery !== null && <Fact label="Server" value={server.in_recovery ? "standby" : "primary"} />}
        {server?.read_only === true && <Fact label="Writes" value="the server only reads" />}
      </dl>
      {server?.encrypted !== undefined && server.encrypted !== null && (
        <p className="mt-2 flex items-center gap-1.5 text-xs text-ink-soft">
          {server.encrypted ? <ShieldCheck className="size-3.5 text-ok" aria-hidden="true" /> : <ShieldAlert className="size-3.5 text-warn" aria-hidden="true" />}
          {server.encrypted ? "Encrypted with TLS." : "Not encrypted: the password and all answers can be read on the way."}
        </p>
      )}
      {server?.excess.map(({ what, remedy }) => (
        <p key={what} className="mt-2 text-xs text-ink-soft">
          <ShieldAlert className="mr-1.5 inline size-3.5 text-warn" aria-hidden="true" />
          More than reading needs: {what}. <code>{remedy}</code>
        </p>
      ))}
    </div>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-soft">{label}</dt>
      <dd className="font-medium break-words tabular-nums">{value}</dd>
    </div>
  );
}

function Fails({ result }: { result: ConnectionTest }) {
  const { problem } = result;
  if (!problem) {
    return null;
  }
  return (
    <div role="alert" className="rounded-md border border-danger/40 bg-danger-soft px-3 py-2.5 text-[13px] text-ink">
      <p className="flex items-center gap-2 font-medium text-danger">
        <CircleX className="size-4 shrink-0" aria-hidden="true" /> {problemName(problem.class)}
        <code className="ml-auto font-mono text-2xs font-normal">{problem.class}</code>
      </p>
      <p className="mt-1 break-words">{problem.message}</p>
      {problem.detail && <p className="mt-1 font-mono text-xs break-words text-ink-soft">{problem.detail}</p>}
      {problem.tips.length > 0 && (
        <div className="mt-2">
          <p className="text-xs font-medium">What may help, the likeliest first</p>
          <ul className="mt-1 list-disc space-y-0.5 pl-5 text-xs text-ink-soft">
            {problem.tips.map((tip) => (
              <li key={tip}>{tip}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
