// Does a value fit the type that its parameter has? The API asks the same and has the last word.

import type { Parameter } from "~/api/saved-queries";
import type { Values } from "./parameter-fields";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?)?$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** How a value of each type is written. */
export const EXAMPLES: Record<Parameter["type"], string> = {
  text: "any text",
  integer: "42",
  number: "1.5",
  boolean: "true",
  date: "2026-11-21",
  timestamp: "2026-11-21T10:35:00",
  uuid: "01990000-0000-7000-8000-000000000000",
  json: '{"a": 1}',
};

function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const FITS: Record<Parameter["type"], (text: string) => boolean> = {
  text: () => true,
  integer: (text) => /^[+-]?\d+$/.test(text),
  number: (text) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text),
  boolean: (text) => text === "true" || text === "false",
  date: (text) => DATE.test(text) && isDay(text),
  timestamp: (text) => TIMESTAMP.test(text) && isDay(text.slice(0, 10)),
  uuid: (text) => UUID.test(text),
  json: isJson,
};

/** What is wrong with a value; `undefined` for nothing. An empty text is a text, and nothing else. */
export function valueProblem({ type }: Parameter, value: string | null): string | undefined {
  if (value === null || FITS[type](value)) {
    return undefined;
  }
  return value === "" ? `Required: a value such as ${EXAMPLES[type]}, or NULL.` : `Is no ${type}: write it as ${EXAMPLES[type]}.`;
}

/** The names of the parameters whose values do not fit. */
export function unfit(parameters: readonly Parameter[], values: Values): string[] {
  return parameters.filter((parameter, index) => valueProblem(parameter, values[index] ?? (values[index] === null ? null : "")) !== undefined).map((parameter) => parameter.name);
}
