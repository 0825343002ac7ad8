// How is a JSON value looked through, part by part?

import { Route } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Button, IconButton } from "~/ui/button";
import { copyText } from "~/ui/copy";
import { integer } from "~/ui/format";
import { childPath } from "./json-path";

/** So many parts of an object are drawn before one asks for more. */
const PARTS = 200;
/** Longer texts are cut in the tree; the text beside it has all. */
const TEXT_MAX = 2_000;

interface JsonTreeProps {
  value: unknown;
  name?: string;
  /** Where it is in the whole. */
  path?: string;
  depth?: number;
}

export function JsonTree({ value, name, path = "$", depth = 0 }: JsonTreeProps) {
  const label = name !== undefined && (
    <span dir="auto" className="text-ink-soft">
      {name}:{" "}
    </span>
  );
  if (typeof value !== "object" || value === null) {
    return (
      <div className="group/part flex min-h-[24px] items-center gap-1">
        <span className="min-w-0 break-words">
          {label}
          <Leaf value={value} />
        </span>
        {name !== undefined && <CopyPath path={path} />}
      </div>
    );
  }
  return <Branch label={label} value={value} path={path} depth={depth} />;
}

/** Seen where one points or is with the keyboard. */
function CopyPath({ path }: { path: string }) {
  return (
    <IconButton label={`Copy the path ${path}`} size="small" className="!size-[24px] shrink-0 opacity-0 group-hover/part:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100" onClick={() => void copyText(path, `${path} copied`)}>
      <Route className="size-3" aria-hidden="true" />
    </IconButton>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === "string") {
    return (
      <span dir="auto" className="whitespace-pre-wrap text-warn">
        {JSON.stringify(value.slice(0, TEXT_MAX))}
        {value.length > TEXT_MAX && `… ${integer(value.length)} characters`}
      </span>
    );
  }
  return <span className={value === null ? "text-ink-faint italic" : "text-brand-text"}>{String(value)}</span>;
}

function Branch({ label, value, path, depth }: { label: ReactNode; value: object; path: string; depth: number }) {
  const [open, setOpen] = useState(depth < 2);
  const [shown, setShown] = useState(PARTS);
  const isList = Array.isArray(value);
  const parts = Object.entries(value);
  return (
    <div className="group/part relative">
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="min-h-[24px] content-center pr-[24px]">
          {label}
          <span className="text-ink-faint">{isList ? `[ ${integer(parts.length)} ]` : `{ ${integer(parts.length)} }`}</span>
        </summary>
        {open && (
          <div className="ml-1.5 border-l border-line pl-3">
            {parts.slice(0, shown).map(([name, part]) => (
              <JsonTree key={name} name={name} value={part} path={childPath(path, name, isList)} depth={depth + 1} />
            ))}
            {parts.length > shown && (
              <Button size="small" variant="quiet" onClick={() => setShown(shown + PARTS)}>
                {integer(parts.length - shown)} more
              </Button>
            )}
          </div>
        )}
      </details>
      {depth > 0 && (
        <span className="absolute top-0 right-0">
          <CopyPath path={path} />
        </span>
      )}
    </div>
  );
}
