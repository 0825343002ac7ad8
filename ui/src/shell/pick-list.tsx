// How does one choose from many by typing a few letters? Opens under its trigger; the keys stay in the field.

import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { classes } from "~/ui/classes";
import { Popover } from "~/ui/popover";
import { keeps } from "./picking";

export interface Pick {
  key: string;
  /** What is searched. */
  text: string;
  shown: ReactNode;
  choose: () => void;
}

interface PickListProps {
  /** What one chooses from: "Connections". */
  label: string;
  picks: readonly Pick[];
  /** The key of the one that holds now. */
  current?: string;
  /** What else can be done, below the list. */
  footer?: ReactNode;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
}

export function PickList({ label, picks, current, footer, open, onOpenChange, children }: PickListProps) {
  return (
    <Popover label={label} align="start" open={open} onOpenChange={onOpenChange} trigger={children}>
      <Chooser label={label} picks={picks} current={current} onDone={() => onOpenChange(false)} />
      {footer && <div className="-mx-2 -mb-2 mt-2 border-t border-line pt-1">{footer}</div>}
    </Popover>
  );
}

function Chooser({ label, picks, current, onDone }: { label: string; picks: readonly Pick[]; current?: string; onDone: () => void }) {
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(() => Math.max(0, picks.findIndex((pick) => pick.key === current)));
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const shown = picks.filter((pick) => keeps(typed, pick.text));
  const at = Math.min(chosen, Math.max(shown.length - 1, 0));
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at, typed]);
  const choose = (pick: Pick | undefined) => {
    if (pick) {
      onDone();
      pick.choose();
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1 };
    const next = moves[event.key];
    if (next !== undefined && shown.length > 0) {
      event.preventDefault();
      setChosen((next + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(shown[at]);
    }
  };
  return (
    <div className="w-72 max-w-[calc(100vw-3rem)]">
      <div className="-mx-2 -mt-2 mb-2 flex items-center gap-2 border-b border-line px-2">
        <Search className="size-3.5 shrink-0 text-ink-faint" aria-hidden="true" />
        <input
          role="combobox"
          aria-label={`Find in ${label.toLowerCase()}`}
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={shown.length > 0 ? `${id}-${at}` : undefined}
          aria-autocomplete="list"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          placeholder={`Find in ${picks.length} ${label.toLowerCase()}`}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          className="h-9 w-full bg-transparent text-[13px] text-ink outline-none placeholder:text-ink-faint"
        />
      </div>
      <div ref={list} role="listbox" id={`${id}-list`} aria-label={label} className="scroll-thin -mx-2 max-h-72 overflow-auto">
        {shown.map((pick, index) => (
          // The keys are heard by the field above, which has the focus.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={pick.key}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onPointerMove={() => index !== at && setChosen(index)}
            onClick={() => choose(pick)}
            className={classes("flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-[13px]", index === at ? "bg-brand-soft text-brand-text" : "text-ink")}
          >
            {pick.shown}
            {pick.key === current && <span className="text-xs">here</span>}
          </div>
        ))}
        {shown.length === 0 && (
          <div role="option" tabIndex={-1} aria-selected="false" aria-disabled="true" className="px-2 py-6 text-center text-[13px] text-ink-soft">
            Nothing here is called “{typed.trim()}”.
          </div>
        )}
      </div>
    </div>
  );
}
