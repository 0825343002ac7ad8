// How does any part of the page open the help, without holding its code?

const EVENT = "dragoman:help";

/** Opens the guide of that name; of the page one is on where none is named. */
export function openHelp(guide?: string): void {
  window.dispatchEvent(new CustomEvent<string | undefined>(EVENT, { detail: guide }));
}

/** Calls `listener` when somebody asks for help. */
export function onHelp(listener: (guide: string | undefined) => void): () => void {
  const hear = (event: Event) => listener((event as CustomEvent<string | undefined>).detail ?? undefined);
  window.addEventListener(EVENT, hear);
  return () => window.removeEventListener(EVENT, hear);
}
