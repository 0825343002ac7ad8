// How is a JSON value looked through, part by part?

import { useState } from "react";
import { Button } from "~/ui/button";
import { integer } from "~/ui/format";

/** So many parts of an object are drawn before one asks for more. */
const PARTS = 200;
/** Longer texts are cut in the tree; the text beside it has all. */
const TEXT_MAX = 2_000;

export function JsonTree({ value, name, depth = 0 }: { value: unknown; name?: string; depth?: number }) {
  const label = name !== undefined && (
    <span dir="auto" className="text-ink-soft">
      {name}:{" "}
    </span>
  );
  if (typeof value !== "object" || value === null) {
    return (
      <div className="py-px break-words">
        {label}
        <Leaf value={value} />
      </div>
    );
  }
  return <Branch label={label} value={value} depth={depth} />;
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

function Branch({ label, value, depth }: { label: React.ReactNode; value: object; depth: number }) {
  const [open, setOpen] = useState(depth < 2);
  const [shown, setShown] = useState(PARTS);
  const isList = Array.isArray(value);
  const parts = Object.entries(value);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="py-px">
        {label}
        <span className="text-ink-faint">{isList ? `[ ${integer(parts.length)} ]` : `{ ${integer(parts.length)} }`}</span>
      </summary>
      {open && (
        <div className="ml-1.5 border-l border-line pl-3">
          {parts.slice(0, shown).map(([name, part]) => (
            <JsonTree key={name} name={name} value={part} depth={depth + 1} />
          ))}
          {parts.length > shown && (
            <Button size="small" variant="quiet" onClick={() => setShown(shown + PARTS)}>
              {integer(parts.length - shown)} more
            </Button>
          )}
        </div>
      )}
    </details>
  );
}
