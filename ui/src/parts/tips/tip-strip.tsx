// Is there something about this page that one does not see at once? One line at its foot, until it is put away.

import { useRouterState } from "@tanstack/react-router";
import { Lightbulb, X } from "lucide-react";
import { useState } from "react";
import { routeOf } from "~/parts/help/pages";
import { Button, IconButton } from "~/ui/button";
import { toast } from "~/ui/toast";
import { TIPS } from "./tips";
import { isQuiet, nextTip, useTips } from "./use-tips";

export function TipStrip() {
  const route = useRouterState({ select: (state) => routeOf(state.matches.at(-1)?.fullPath) });
  const { state, setOff, putAway } = useTips();
  // One at a time: the next one comes with the next visit, or when it is asked for.
  const [done, setDone] = useState<string>();
  const tips = TIPS[route] ?? [];
  const tip = nextTip(route, tips, state.seen);
  if (state.off || isQuiet() || tip === undefined || done === route) {
    return null;
  }
  const hasMore = nextTip(route, tips, [...state.seen, tip.name]) !== undefined;
  const none = () => {
    setOff(true);
    toast({ title: "No more tips", detail: "Your profile brings them back." });
  };
  return (
    <aside aria-label="Tip" className="flex shrink-0 items-center gap-2 border-t border-line bg-surface px-6 py-1.5 text-xs text-ink-soft max-sm:px-3">
      <Lightbulb className="size-3.5 shrink-0 text-brand" aria-hidden="true" />
      <p className="min-w-0 flex-1">
        <span className="font-medium text-ink">Did you know?</span> {tip.text}
      </p>
      {hasMore && (
        <Button size="small" variant="quiet" onClick={() => putAway(tip.name)}>
          Next tip
        </Button>
      )}
      <Button size="small" variant="quiet" className="max-sm:hidden" onClick={none}>
        No more tips
      </Button>
      <IconButton
        label="Put this tip away"
        size="small"
        onClick={() => {
          setDone(route);
          putAway(tip.name);
        }}
      >
        <X className="size-3.5" aria-hidden="true" />
      </IconButton>
    </aside>
  );
}
