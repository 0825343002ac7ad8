// What is around the pages that nobody has to be signed in for?

import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { instanceQuery } from "~/api/session";
import { AwayBanner } from "~/shell/away-banner";
import { useAppliedAppearance } from "~/shell/appearance";
import { Mark } from "~/shell/mark";

const HelpButton = lazy(() => import("~/parts/help/help-button").then((module) => ({ default: module.HelpButton })));

export function Outside() {
  useAppliedAppearance();
  const { data: instance } = useQuery(instanceQuery);
  return (
    <div className="flex min-h-dvh flex-col">
      <AwayBanner />
      <main className="flex flex-1 flex-col items-center justify-center px-4 py-10">
        <div className="mb-6 flex items-center gap-3">
          <Mark className="size-9" />
          <div>
            <p className="text-lg leading-6 font-semibold tracking-tight">Dragoman</p>
            <p className="text-xs text-ink-faint">Every statement seen, judged, timed and recorded.</p>
          </div>
        </div>
        <div className="w-full max-w-md rounded-xl border border-line bg-surface p-7 shadow-raised max-sm:p-5">
          <Outlet />
        </div>
        <div className="mt-3 flex min-h-8 items-center gap-2">
          {instance && <p className="text-2xs text-ink-faint">Dragoman {instance.version}</p>}
          <Suspense>
            <HelpButton />
          </Suspense>
        </div>
      </main>
    </div>
  );
}
