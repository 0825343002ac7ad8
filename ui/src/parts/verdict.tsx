// How did it end, and what did the rules say?

import { Ban, CircleCheck, CircleSlash, CircleX, Flag, Hourglass } from "lucide-react";
import type { ReactNode } from "react";
import { Badge, type BadgeTone } from "~/ui/badge";

const LOOKS: Record<string, [BadgeTone, ReactNode]> = {
  allow: ["ok", <CircleCheck key="i" className="size-3" aria-hidden="true" />],
  allowed: ["ok", <CircleCheck key="i" className="size-3" aria-hidden="true" />],
  completed: ["ok", <CircleCheck key="i" className="size-3" aria-hidden="true" />],
  refuse: ["danger", <Ban key="i" className="size-3" aria-hidden="true" />],
  refused: ["danger", <Ban key="i" className="size-3" aria-hidden="true" />],
  would_refuse: ["warn", <Flag key="i" className="size-3" aria-hidden="true" />],
  flag: ["warn", <Flag key="i" className="size-3" aria-hidden="true" />],
  hold: ["held", <Hourglass key="i" className="size-3" aria-hidden="true" />],
  held: ["held", <Hourglass key="i" className="size-3" aria-hidden="true" />],
  failed: ["danger", <CircleX key="i" className="size-3" aria-hidden="true" />],
  lost: ["warn", <CircleSlash key="i" className="size-3" aria-hidden="true" />],
  skipped: ["neutral", <CircleSlash key="i" className="size-3" aria-hidden="true" />],
};

/** A verdict or an outcome, in the words of the ledger. */
export function Verdict({ word }: { word: string }) {
  const [tone, icon] = LOOKS[word] ?? ["neutral", undefined];
  return (
    <Badge tone={tone} icon={icon}>
      {word.replaceAll("_", " ")}
    </Badge>
  );
}

const CLASSES: Record<string, BadgeTone> = { read: "neutral", write: "warn", ddl: "warn", privilege: "danger", code: "warn", unknown: "danger" };

/** The class of a statement: what it may do. */
export function ClassBadge({ word }: { word: string }) {
  return <Badge tone={CLASSES[word] ?? "neutral"}>{word}</Badge>;
}
