// What does one line of the tree say?

import { ChevronRight } from "lucide-react";
import type { Leaf } from "~/api/tables";
import { classes } from "~/ui/classes";
import { bytes, compact, count, integer } from "~/ui/format";
import { Skeleton } from "~/ui/states";
import { RelativeTime } from "~/ui/time";
import { KindIcon } from "./kind-icon";
import { kindWords, type Line } from "./tree-lines";

export function LineText({ line, loaded }: { line: Line; loaded: { leaf: Leaf | undefined; isFailed: boolean } | undefined }) {
  if (line.kind === "leaf") {
    return loaded?.leaf ? <LeafText leaf={loaded.leaf} /> : <NotYet isFailed={loaded?.isFailed ?? false} />;
  }
  return (
    <>
      <ChevronRight className={classes("size-3.5 shrink-0 text-ink-faint transition-transform", line.isOpen && "rotate-90", line.kind === "group" && "ml-4")} aria-hidden="true" />
      {line.kind === "schema" ? (
        <>
          <span className="truncate font-mono text-xs">{line.schema || "in no schema"}</span>
          <span className="text-xs font-normal text-ink-faint">{count(line.count, "object")}</span>
        </>
      ) : (
        <>
          <KindIcon kind={line.of} />
          <span className="truncate text-xs text-ink-soft first-letter:uppercase">{kindWords(line.of)}</span>
          <span className="text-xs text-ink-faint tabular-nums">{integer(line.count)}</span>
        </>
      )}
    </>
  );
}

function NotYet({ isFailed }: { isFailed: boolean }) {
  if (isFailed) {
    return <span className="ml-13 text-xs text-ink-faint">It could not be read. Close and open its kind to try again.</span>;
  }
  return (
    <>
      <Skeleton className="ml-13 h-4 w-48" />
      <span className="sr-only">Loading</span>
    </>
  );
}

function LeafText({ leaf: { object, use } }: { leaf: Leaf }) {
  const { row_estimate: rows, size_bytes: size } = object;
  return (
    <>
      <span className="ml-9 flex min-w-0 flex-1 items-center gap-2">
        <KindIcon kind={object.kind} />
        <span className="truncate font-mono text-xs font-medium">{object.name}</span>
        <span dir="auto" className="truncate text-xs text-ink-faint max-md:hidden">
          {object.comment}
        </span>
      </span>
      <Use use={use} />
      <span className="numeric w-20 shrink-0 text-xs text-ink-soft max-lg:hidden">{object.column_count > 0 && count(object.column_count, "column")}</span>
      <span className="numeric w-24 shrink-0 text-xs text-ink-soft">{typeof rows === "number" && `~${compact(rows)} rows`}</span>
      <span className="numeric w-16 shrink-0 text-xs text-ink-soft max-sm:hidden">{typeof size === "number" && bytes(size)}</span>
    </>
  );
}

/** What was seen of it in the last 30 days; nothing where nothing can have been seen. */
function Use({ use }: { use: Leaf["use"] }) {
  if (use === undefined) {
    return null;
  }
  if (use.lastSeenAt === undefined) {
    return <span className="w-56 shrink-0 text-right text-xs text-ink-faint max-md:hidden">never seen in use</span>;
  }
  return (
    <span className="flex w-56 shrink-0 justify-end gap-3 text-xs text-ink-soft tabular-nums max-md:hidden" title="Statements in the last 30 days, and when one was last seen">
      <span>{compact(use.reads)} read</span>
      <span>{compact(use.writes)} written</span>
      <span className="w-20 truncate text-right text-ink-faint">
        <RelativeTime at={use.lastSeenAt} />
      </span>
    </span>
  );
}
