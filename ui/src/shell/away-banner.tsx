// What is said while the API does not answer?

import { CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import { tryNow, useReachability } from "~/api/reachability";
import { Button } from "~/ui/button";
import { timeOfDay } from "~/ui/format";

const SECOND_MS = 1_000;

export function AwayBanner() {
  const reach = useReachability();
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = reach.state === "away" ? setInterval(() => setNow(Date.now()), SECOND_MS) : undefined;
    return () => clearInterval(timer);
  }, [reach.state]);
  if (reach.state === "there") {
    return null;
  }
  const seconds = Math.max(0, Math.round((reach.nextTryAt - now) / SECOND_MS));
  return (
    <div role="status" data-print="no" className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-warn-soft px-4 py-2 text-[13px] text-warn">
      <CloudOff className="size-4 shrink-0" aria-hidden="true" />
      <span className="min-w-0 flex-1">
        Dragoman does not answer since {timeOfDay(reach.since)}. What stands here is from before then, and what is missing comes when it answers. Statements at its ports are not concerned. Next try {seconds === 0 ? "now" : `in ${seconds} s`}.
      </span>
      <Button size="small" onClick={tryNow}>
        Try now
      </Button>
    </div>
  );
}
