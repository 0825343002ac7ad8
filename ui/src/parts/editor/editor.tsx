// Where is a text edited? The editor's code comes when the first page needs it.

import type { CompletionSource } from "@codemirror/autocomplete";
import { lazy, Suspense, type RefObject } from "react";
import { whenThere } from "~/api/reachability";
import { Skeleton } from "~/ui/states";
import type { CompletedSchema } from "./completion";
import type { Mistake } from "./mistakes";
import type { Span } from "./reader/statements";

/** What can be done to an editor from outside. */
export interface EditorHandle {
  /** Puts a text in another one's place; one step back brings that again. */
  replace: (span: Span, text: string, cursor: number) => void;
  focus: () => void;
}

export interface CodeEditorProps {
  /** What is edited: its name for screen readers. */
  label: string;
  value: string;
  onChange?: (value: string) => void;
  language: "sql" | "toml" | "text";
  /** `postgres`, `mysql`, `sqlite`, `sqlserver`: which SQL. */
  engine?: string;
  /** Whose tables and columns are completed. */
  schema?: CompletedSchema;
  /** What else may be completed where. */
  complete?: CompletionSource;
  mistakes?: readonly Mistake[];
  /** The part of the text that would run, where there are others. */
  current?: Span | undefined;
  /** What is to be looked at: selected and scrolled to whenever another one comes. */
  reveal?: { from: number; to: number };
  /** Ctrl+Enter. */
  onRun?: () => void;
  /** Shift+Ctrl+Enter. */
  onRunAll?: () => void;
  /** Shift+Alt+F. */
  onFormat?: () => void;
  /** Escape, where it closes nothing of the editor's own; says whether it did something. */
  onEscape?: () => boolean;
  /** Ctrl+S. */
  onSave?: () => void;
  /** Where the cursor is, in characters. */
  onCursor?: (at: number) => void;
  /** What is chosen; from and to are the same where it is only the cursor. */
  onSelect?: (span: Span) => void;
  handle?: RefObject<EditorHandle | null>;
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
