// From how many on is a list searched, and which of it does a search keep?

/** A menu of more than these is searched, not read. */
export const MENU_MAX = 8;

/** Every word that was typed has to be somewhere in the text. */
export const keeps = (typed: string, text: string): boolean => {
  const within = text.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => within.includes(word));
};
