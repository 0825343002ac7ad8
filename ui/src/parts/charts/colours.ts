// Which colour of the theme does a chart draw with, and when does the theme change?

/** A colour of tokens.css by its name, such as `series-1` or `line`, as the canvas takes it. */
export const themeColour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888888";

/** The same with less of it: `strength` from 0 to 1. The tokens that charts use are `#rrggbb`. */
export function faded(colour: string, strength: number): string {
  const alpha = Math.round(strength * 255).toString(16).padStart(2, "0");
  return /^#[0-9a-f]{6}$/i.test(colour) ? `${colour}${alpha}` : colour;
}

/** Calls when light becomes dark or dark light; gives what ends that. */
export function onAppearance(redraw: () => void): () => void {
  window.addEventListener("appearance", redraw);
  return () => window.removeEventListener("appearance", redraw);
}
