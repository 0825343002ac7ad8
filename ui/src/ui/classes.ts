// How are class names put together?

/** The names that are there, with a space between. */
export const classes = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(" ");
