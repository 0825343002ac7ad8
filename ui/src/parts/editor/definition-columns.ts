// Which columns does an object of a schema's snapshot have?

export interface DefinedColumn {
  name: string;
  type: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Names and types of a table's or view's columns; none of anything else. */
export function columnsOf(definition: unknown): DefinedColumn[] {
  const detail = isRecord(definition) ? definition["detail"] : undefined;
  const relation = isRecord(detail) ? detail["relation"] : undefined;
  const columns = isRecord(relation) ? relation["columns"] : undefined;
  return Array.isArray(columns) ? columns.filter(isRecord).map((column) => ({ name: String(column["name"] ?? ""), type: String(column["data_type"] ?? "") })) : [];
}
