// Is a file JSON or CSV: by its name, else by how it begins?

import type { SchemaFileKind } from "~/api/tables";

/** As much as the API takes. */
export const FILE_BYTES_MAX = 32 * 1024 * 1024;

export function kindOf(name: string, text: string): SchemaFileKind {
  if (/\.json$/i.test(name)) {
    return "application/json";
  }
  if (/\.(csv|tsv|txt)$/i.test(name)) {
    return "text/csv";
  }
  return /^\uFEFF?\s*[[{]/.test(text) ? "application/json" : "text/csv";
}
