// How would the database go about the statement, or how did it?

import { ListTree } from "lucide-react";
import { PlanView } from "~/parts/plan/plan-view";
import { RunProblem } from "~/parts/run/run-problem";
import { FirstTime, SkeletonRows } from "~/ui/states";
import type { Plan } from "./use-plan";

export function PlanPanel({ plan: { answer, error, isPending, sql } }: { plan: Plan }) {
  if (isPending) {
    return <SkeletonRows />;
  }
  if (error !== null && error !== undefined) {
    return (
      <div className="p-3">
        <RunProblem error={error} sql={sql} />
      </div>
    );
  }
  if (answer === undefined) {
    return (
      <FirstTime icon={<ListTree className="size-5" />} title="The plan will be here">
        Explain asks the database how it would go about the statement, without running it. Measure runs it once, bounded like any run, and says where the time went.
      </FirstTime>
    );
  }
  return (
    <div className="p-3">
      <PlanView format={answer.format} plan={answer.plan} text={answer.text} warnings={answer.warnings} />
    </div>
  );
}
