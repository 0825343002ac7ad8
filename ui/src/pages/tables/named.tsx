// How is an object of a schema named in a list, and how are its rows guessed?

import type { ReactNode } from "react";
import type { SchemaEntry } from "~/api/tables";
import { integer } from "~/ui/format";
import { KindIcon } from "./kind-icon";

export const estimate = (rows: number | null | undefined): ReactNode => (typeof rows === "number" ? `~${integer(rows)}` : "–");

export function Named({ entry }: { entry: Pick<SchemaEntry, "kind" | "schema" | "name"> }) {
  return (
    <span className="flex items-center gap-2 font-mono text-xs">
      <KindIcon kind={entry.kind} />
      <span className="truncate">
        {entry.schema && <span className="text-ink-faint">{entry.schema}.</span>}
        {entry.name}
      </span>
    </span>
  );
}
