// What did somebody do, in words that people read?

/** "create_connection" is an operation's id: "create connection". */
export const deedWord = (action: string): string => action.replaceAll("_", " ");

/** What stands in the list beside the deed: the label, or the id where there is none. */
export const targetWord = (entry: { target_label: string; target: string }): string => entry.target_label || entry.target;

const isPlain = (value: unknown): value is string | number | boolean => ["string", "number", "boolean"].includes(typeof value);

/** A detail as a person reads it; what is nested stays JSON. */
export function detailText(value: unknown): string {
  if (value === null || value === undefined || value === "") {
    return "";
  }
  if (typeof value === "boolean") {
    return value ? "yes" : "no";
  }
  if (isPlain(value)) {
    return String(value);
  }
  if (Array.isArray(value) && value.every(isPlain)) {
    return value.join(", ");
  }
  return JSON.stringify(value, null, 1);
}
