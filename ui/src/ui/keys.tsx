// How are keys of the keyboard written?

import { classes } from "./classes";

const isApple = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

const WORDS: Record<string, string> = { "⌘": "Command", Ctrl: "Control", "?": "question mark", "/": "slash" };

/** `mod+k` becomes what the keyboard at hand calls it. */
export function keyNames(keys: string): string[] {
  return (keys === "+" ? [keys] : keys.split("+")).map((key) => (key === "mod" ? (isApple ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key));
}

/** The same to be read out: "Control and K together", "G then T". */
export const keyWords = (keys: string): string =>
  keys
    .split(" ")
    .map((chord) => {
      const names = keyNames(chord).map((name) => WORDS[name] ?? name);
      return names.length > 1 ? `${names.join(" and ")} together` : names.join("");
    })
    .join(" then ");

/** Keys: `g t` one after the other, `mod+k` together. */
export function Keys({ keys, inverted = false }: { keys: string; inverted?: boolean }) {
  return (
    <span className="inline-flex gap-1" aria-hidden="true">
      {keys.split(" ").flatMap((chord) =>
        keyNames(chord).map((name) => (
          <kbd
            key={`${chord}-${name}`}
            className={classes(
              "inline-flex h-4.5 min-w-4.5 items-center justify-center rounded border px-1 font-sans text-2xs",
              inverted ? "border-canvas/30 text-canvas/85" : "border-line-strong bg-surface text-ink-faint",
            )}
          >
            {name}
          </kbd>
        )),
      )}
    </span>
  );
}
