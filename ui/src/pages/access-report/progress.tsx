// How far is the report, and how does one stop it?

import { useQuery } from "@tanstack/react-query";
import { accessProgressQuery, stopReport, type AccessFilter } from "~/api/access-report";
import { useWorkspace } from "~/parts/workspace";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { integer, moment, percent } from "~/ui/format";
import { Skeleton } from "~/ui/states";

/** `isAgain` where the one before stays in view meanwhile. */
export function Making({ filter, isAgain = false }: { filter: AccessFilter; isAgain?: boolean }) {
  const { slug } = useWorkspace();
  const progress = useQuery(accessProgressQuery(slug, filter)).data;
  const share = progress?.thousandths === undefined || progress.thousandths === null ? undefined : progress.thousandths / 1_000;
  return (
    <Card
      title="Reading the ledgers"
      actions={
        <Button size="small" onClick={() => void stopReport(slug, filter)}>
          Stop
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <div role="progressbar" aria-label="How far the report is" aria-valuemin={0} aria-valuemax={100} aria-valuenow={share === undefined ? undefined : Math.round(share * 100)} className="h-1.5 overflow-hidden rounded-full bg-subtle">
          <div className="h-full rounded-full bg-brand transition-[width]" style={{ width: `${(share ?? 0) * 100}%` }} />
        </div>
        <p role="status" className="text-xs text-ink-faint">
          {progress ? `${share === undefined ? "" : `${percent(share)} of the time: `}${integer(progress.records)} records counted${progress.reached_at ? `, back to ${moment(progress.reached_at)}` : ""}` : "The newest records come first."}
        </p>
        {!isAgain && (
          <>
            <div aria-hidden="true" className="grid grid-cols-2 gap-4 sm:grid-cols-4">
              {Array.from({ length: 4 }, (_, index) => (
                <Skeleton key={index} className="h-12" />
              ))}
            </div>
            <Skeleton className="h-40" />
          </>
        )}
      </div>
    </Card>
  );
}
