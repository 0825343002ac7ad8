// Where in the fetched rows does a word stand?

import { ChevronDown, ChevronUp, X } from "lucide-react";
import type { KeyboardEvent } from "react";
import { IconButton } from "~/ui/button";
import { BareInput } from "~/ui/field";
import { integer } from "~/ui/format";
import { FOUND_MAX } from "./find";
import type { Finding } from "./use-find";

export function FindBar({ finding, onClose }: { finding: Finding; onClose: () => void }) {
  const { text, setText, places, at, isDone, go } = finding;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" || event.key === "F3") {
      go(event.shiftKey);
    } else if (event.key === "Escape") {
      onClose();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const found = places.length >= FOUND_MAX ? `${integer(FOUND_MAX)}+` : integer(places.length);
  const said = text.trim() === "" ? "" : places.length === 0 ? (isDone ? "nothing found" : "looking") : at === undefined ? `${found} found` : `${integer(at + 1)} of ${found}`;
  return (
    <div role="search" aria-label="In the result" className="flex flex-wrap items-center gap-2 border-t border-line bg-subtle px-3 py-1.5">
      <BareInput autoFocus type="search" label="Find in the result" placeholder="Find in the fetched rows" className="!h-7 !w-60 max-sm:!w-40" value={text} maxLength={200} spellCheck={false} autoComplete="off" onChange={(event) => setText(event.target.value)} onKeyDown={onKeyDown} />
      <span role="status" className="min-w-20 text-xs text-ink-soft tabular-nums">
        {said}
      </span>
      <IconButton label="The one before" shortcut="Shift+Enter" size="small" disabled={places.length === 0} onClick={() => go(true)}>
        <ChevronUp className="size-3.5" aria-hidden="true" />
      </IconButton>
      <IconButton label="The next one" shortcut="Enter" size="small" disabled={places.length === 0} onClick={() => go(false)}>
        <ChevronDown className="size-3.5" aria-hidden="true" />
      </IconButton>
      <IconButton label="Close the search" shortcut="Esc" size="small" className="ml-auto" onClick={onClose}>
        <X className="size-3.5" aria-hidden="true" />
      </IconButton>
    </div>
  );
}
