// Which keys do what on this page? Known to the list of shortcuts that `?` opens.

import { useEffect, useRef, useSyncExternalStore } from "react";

export interface Shortcut {
  /** `g t` one after the other, `mod+k` together, `/` alone. */
  keys: string;
  /** What they do, for the list. */
  label: string;
  run: () => void;
  /** Also while something is typed. */
  whileTyping?: boolean;
  /** Also in a dialog, when it is the dialog's own. */
  inDialog?: boolean;
}

const SEQUENCE_MS = 900;
const registered = new Set<readonly Shortcut[]>();
const listeners = new Set<() => void>();
let snapshot: readonly Shortcut[] = [];
let pressed: { key: string; at: number } | undefined;

function changed(): void {
  snapshot = [...registered].flat();
  listeners.forEach((listener) => listener());
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function chord(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.metaKey || event.ctrlKey ? `mod+${key}` : key;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) {
    return;
  }
  const key = chord(event);
  const sequence = pressed && event.timeStamp - pressed.at < SEQUENCE_MS ? `${pressed.key} ${key}` : undefined;
  const typing = isTyping(event.target);
  // A dialog has the keyboard to itself.
  const inDialog = event.target instanceof HTMLElement && event.target.closest("[role=dialog],[role=menu],[role=listbox]") !== null;
  const found = snapshot.findLast((one) => (one.keys === sequence || one.keys === key) && (one.whileTyping || (!typing && (!inDialog || one.inDialog))));
  pressed = typing || found ? undefined : { key, at: event.timeStamp };
  if (found) {
    event.preventDefault();
    found.run();
  }
}

/** Keys that work while the part is on the page. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = shortcuts.map((one) => `${one.keys}\u0000${one.label}`).join("\u0001");
  useEffect(() => {
    const stable = latest.current.map((one, index) => ({ ...one, run: () => latest.current[index]?.run() }));
    if (registered.size === 0) {
      window.addEventListener("keydown", onKeyDown);
    }
    registered.add(stable);
    changed();
    return () => {
      registered.delete(stable);
      changed();
      if (registered.size === 0) {
        window.removeEventListener("keydown", onKeyDown);
      }
    };
  }, [names]);
}

/** All shortcuts that work now. */
export function useAllShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => snapshot,
  );
}
