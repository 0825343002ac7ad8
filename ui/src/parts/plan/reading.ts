// How is a value read out of JSON that somebody else wrote?

export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
export const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
export const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** A number, also where it is written as a text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** Any value in a line. */
export function words(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(words).join(", ");
  }
  if (isObject(value)) {
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${words(inner)}`)
      .join(", ");
  }
  return typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
}
