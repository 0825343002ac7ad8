// Which keys go from text to text? With Alt: the browser has those with Ctrl, and letters alone are typed.

import { useEffect, useRef } from "react";
import { useShortcuts, type Shortcut } from "~/ui/shortcuts";

export interface AltKey {
  /** As the keyboard's place is called, whatever letter Alt makes of it. */
  code: string;
  shift?: boolean;
  /** As it is listed: `Alt+T`. */
  keys: string;
  label: string;
  run: () => void;
}

/** Works while something is typed too, but not in a dialog. */
export function useAltKeys(keys: readonly AltKey[]): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isElsewhere = event.target instanceof HTMLElement && event.target.closest("[role=dialog],[role=menu]") !== null;
      if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing || isElsewhere || event.getModifierState("AltGraph")) {
        return;
      }
      const found = latest.current.find((one) => one.code === event.code && (one.shift ?? false) === event.shiftKey);
      if (found) {
        event.preventDefault();
        event.stopPropagation();
        found.run();
      }
    };
    // Before the editor, which has lines to move with some of them.
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, []);
  // For the list of shortcuts: keys with Alt are never those of the page.
  useShortcuts(keys.map(({ keys: names, label, run }): Shortcut => ({ keys: names, label, run })));
}
