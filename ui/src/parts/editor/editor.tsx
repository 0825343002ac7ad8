// Where is a text edited? The editor's code comes when the first page needs it.

import { lazy, Suspense } from "react";
import { whenThere } from "~/api/reachability";
import { Skeleton } from "~/ui/states";
import type { Mistake } from "./mistakes";

export interface CodeEditorProps {
  /** What is edited: its name for screen readers. */
  label: string;
  value: string;
  onChange?: (value: string) => void;
  language: "sql" | "toml" | "text";
  /** `postgres`, `mysql`, `sqlite`: which SQL. */
  engine?: string;
  /** Whose tables and columns are completed. */
  schema?: { workspace: string; connection: string };
  mistakes?: readonly Mistake[];
  /** Ctrl+Enter. */
  onRun?: () => void;
  /** Ctrl+S. */
  onSave?: () => void;
  /** Where the cursor is, in characters. */
  onCursor?: (at: number) => void;
  /** What stands there while nothing does. */
  hint?: string;
  readOnly?: boolean;
  autoFocus?: boolean;
}

const CodeMirror = lazy(async () => ({ default: (await whenThere(() => import("./code-mirror"))).CodeMirror }));

/** As high as what is around it. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense
      fallback={
        <div role="status" aria-label="Loading the editor" className="flex flex-col gap-2 p-3">
          <Skeleton className="h-4 w-2/3" />
          <Skeleton className="h-4 w-1/2" />
        </div>
      }
    >
      <CodeMirror {...props} />
    </Suspense>
  );
}
