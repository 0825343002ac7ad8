// How does one get from nothing to the first judged statement?

import { Link } from "@tanstack/react-router";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Page } from "~/parts/page";
import { usePageSearch } from "~/parts/search";
import { useWorkspace } from "~/parts/workspace";
import { paths } from "~/paths";
import { Button } from "~/ui/button";
import { classes } from "~/ui/classes";
import { ConnectionStep } from "./welcome-connection";
import { StatementStep } from "./welcome-statement";

const STEPS = [
  { id: "admin", label: "Admin" },
  { id: "connection", label: "Connection" },
  { id: "statement", label: "First statement" },
  { id: "done", label: "Done" },
] as const;
type Step = (typeof STEPS)[number]["id"];

const stepOf = (text: string | undefined): Step => STEPS.find((step) => step.id === text)?.id ?? "connection";

/** Four steps, each of which can be skipped and come back to: the step is in the URL. */
export function WelcomePage() {
  const workspace = useWorkspace();
  const [search, set] = usePageSearch();
  const step = stepOf(search["step"]);
  const go = (next: Step) => set({ step: next });
  return (
    <Page title="Welcome" about={`${workspace.name} is ready. Two steps, and the first statement is on record.`} wide={false} bar={<Progress current={step} onGo={go} />}>
      {step === "admin" && (
        <Panel title="You are the admin" text="You own this workspace: you connect databases, invite members and decide what they may. It is done.">
          <Button variant="primary" onClick={() => go("connection")}>
            Go on
          </Button>
        </Panel>
      )}
      {step === "connection" && <ConnectionStep onDone={() => go("statement")} />}
      {step === "statement" && <StatementStep onDone={() => go("done")} />}
      {step === "done" && (
        <Panel title="That is all it takes" text="From here on every statement is seen, judged, timed and recorded. What would you like to look at?">
          <div className="flex flex-wrap gap-2">
            <Button asChild variant="primary">
              <Link to={paths.home(workspace.slug)}>Home</Link>
            </Button>
            <Button asChild>
              <Link to={paths.queries(workspace.slug)}>Queries: which are slow</Link>
            </Button>
            <Button asChild>
              <Link to={paths.traffic(workspace.slug)}>Traffic, live</Link>
            </Button>
            <Button asChild>
              <Link to={paths.members(workspace.slug)} search={{ tab: "invitations" } as never}>
                Invite members
              </Link>
            </Button>
          </div>
        </Panel>
      )}
    </Page>
  );
}

function Panel({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section className="flex flex-col items-start gap-3 rounded-lg border border-line bg-surface p-6">
      <h2 className="text-[15px] font-semibold">{title}</h2>
      <p className="max-w-xl text-[13px] text-ink-soft">{text}</p>
      {children}
    </section>
  );
}

function Progress({ current, onGo }: { current: Step; onGo: (step: Step) => void }) {
  const at = STEPS.findIndex((step) => step.id === current);
  return (
    <ol aria-label="Steps" className="flex flex-wrap gap-x-6 gap-y-2">
      {STEPS.map((step, place) => {
        const isDone = place < at;
        return (
          <li key={step.id}>
            <button type="button" aria-current={place === at ? "step" : undefined} onClick={() => onGo(step.id)} className="flex min-h-7 items-center gap-2 rounded text-[13px] text-ink-soft hover:text-ink aria-[current=step]:font-semibold aria-[current=step]:text-ink">
              <span className={classes("flex size-6 items-center justify-center rounded-full border text-xs", isDone ? "border-brand bg-brand text-brand-ink" : place === at ? "border-brand text-brand-text" : "border-line-strong text-ink-faint")}>
                {isDone ? <Check className="size-3.5" aria-label="done" /> : place + 1}
              </span>
              {step.label}
            </button>
          </li>
        );
      })}
    </ol>
  );
}
