// Where does one find out what this page is for? Behind one button, and F1.

import { CircleHelp } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { whenThere } from "~/api/reachability";
import { IconButton } from "~/ui/button";
import { useShortcuts } from "~/ui/shortcuts";
import { onHelp, openHelp } from "./open";

const load = () => whenThere(() => import("./help-panel")).then((module) => ({ default: module.HelpPanel }));
const Panel = lazy(load);

/** What was asked for; `guide` is nothing where it is the page's own. */
interface Asked {
  guide?: string;
}

export function HelpButton() {
  const [asked, setAsked] = useState<Asked>();
  useEffect(() => onHelp((guide) => setAsked({ guide })), []);
  useShortcuts([{ keys: "F1", label: "Help for this page", run: () => openHelp(), whileTyping: true }]);
  return (
    <>
      <IconButton label="Help for this page" shortcut="F1" onPointerEnter={() => void load().catch(() => undefined)} onClick={() => openHelp()}>
        <CircleHelp className="size-4" aria-hidden="true" />
      </IconButton>
      <Suspense>{asked && <Panel guide={asked.guide} onClose={() => setAsked(undefined)} />}</Suspense>
    </>
  );
}
