// Which statement asks for some rows of a table?

import type { SchemaEntry } from "~/api/tables";
import { qualified } from "~/parts/create-text";

export const sampleText = (entry: Pick<SchemaEntry, "schema" | "name">, engine: string, rows: number): string => `SELECT * FROM ${qualified(entry.schema, entry.name, engine)} LIMIT ${rows}`;
