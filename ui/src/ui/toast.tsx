// What is said once, in passing?

import { X } from "lucide-react";
import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { classes } from "./classes";

export interface ToastMessage {
  title: ReactNode;
  detail?: ReactNode;
  tone?: "neutral" | "danger" | "ok";
  /** What takes it back, or goes on from it. */
  action?: { label: string; run: () => void };
}

const SHOWN_MAX = 3;
const SHOWN_MS = 5_000;

let messages: (ToastMessage & { id: number })[] = [];
let next = 0;
const listeners = new Set<() => void>();

function change(changed: typeof messages): void {
  messages = changed;
  listeners.forEach((listener) => listener());
}

export function toast(message: ToastMessage): void {
  next += 1;
  change([...messages, { ...message, id: next }].slice(-SHOWN_MAX));
}

const TONES = { neutral: "border-line", danger: "border-danger", ok: "border-ok" };

const drop = (id: number) => change(messages.filter((one) => one.id !== id));

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => messages,
  );
  return (
    <section aria-label="Messages" data-print="no" className="pointer-events-none fixed right-4 bottom-4 z-50 w-88 max-w-[calc(100vw-2rem)]">
      {/* It is there before anything is said: only then is it read out (WCAG 4.1.3). */}
      <div role="status" aria-live="polite">
        <ul className="flex flex-col gap-2">
          {shown.map((message) => (
            <Shown key={message.id} message={message} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function Shown({ message }: { message: ToastMessage & { id: number } }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const timer = held ? undefined : setTimeout(() => drop(message.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [held, message.id]);
  return (
    <li
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={classes("animate-appear pointer-events-auto flex items-center gap-3 rounded-lg border bg-raised py-2 pr-2 pl-3.5 shadow-raised", TONES[message.tone ?? "neutral"])}
    >
      <div className="min-w-0 flex-1">
        <p className="text-[13px] font-medium text-ink">{message.title}</p>
        {message.detail && <p className="text-xs text-ink-soft">{message.detail}</p>}
      </div>
      {message.action && (
        <button
          type="button"
          onClick={() => {
            message.action?.run();
            drop(message.id);
          }}
          className="rounded px-2 py-1 text-xs font-semibold text-brand-text hover:bg-hover"
        >
          {message.action.label}
        </button>
      )}
      <button type="button" aria-label="Dismiss" onClick={() => drop(message.id)} className="flex size-7 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink">
        <X className="size-3.5" aria-hidden="true" />
      </button>
    </li>
  );
}
