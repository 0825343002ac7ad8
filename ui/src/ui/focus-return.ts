// Where does the focus go when what was open closes? To where it was before, so that the keyboard goes on there.

import { useState } from "react";

/** What has the focus; for an entry of a menu, which goes with the menu, what opened the menu. */
function origin(): Element | null {
  const active = document.activeElement;
  const opener = active?.closest("[role=menu]")?.getAttribute("aria-labelledby");
  return (opener && document.getElementById(opener)) || active;
}

/** The row that Tab leads to, or the heading: for when the origin is gone. */
const nearby = (): HTMLElement | null => document.querySelector<HTMLElement>("main [data-row][tabindex='0']") ?? document.querySelector<HTMLElement>("main h1");

/** For `onCloseAutoFocus` of what is drawn only while it is open. */
export function useFocusReturn(): (event: Event) => void {
  // While it is drawn for the first time: fields that focus themselves have not done so yet.
  const [before] = useState(origin);
  return (event) => {
    event.preventDefault();
    const isTaken = document.activeElement !== null && document.activeElement !== document.body;
    if (!isTaken) {
      const target = before instanceof HTMLElement && before.isConnected && before !== document.body ? before : nearby();
      target?.focus({ preventScroll: true });
    }
  };
}
