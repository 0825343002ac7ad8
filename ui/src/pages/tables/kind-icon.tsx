// Which kind of object is it, at a glance?

import { Box, Eye, FunctionSquare, Hash, List, Puzzle, Table2 } from "lucide-react";

export function KindIcon({ kind }: { kind: string }) {
  const Icon = { table: Table2, partitioned_table: Table2, foreign_table: Table2, view: Eye, materialized_view: Eye, function: FunctionSquare, procedure: FunctionSquare, sequence: Hash, enum: List, extension: Puzzle }[kind] ?? Box;
  return <Icon className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />;
}
