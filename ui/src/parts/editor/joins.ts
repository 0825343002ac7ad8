// By which columns are tables joined: by a declared key, as statements were seen to do, or by columns of one name?

import type { RelationNames } from "~/api/find";
import type { Source } from "./reader/place";

export interface Join {
  column: string;
  schema: string | undefined;
  table: string;
  withColumn: string;
  /** Statements that made it; none where a key declares it. */
  calls: number | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

/** The foreign keys of a table, as its snapshot tells; those of one column. */
export function declaredJoins(definition: unknown): Join[] {
  const detail = isRecord(definition) ? definition["detail"] : undefined;
  const relation = isRecord(detail) ? detail["relation"] : undefined;
  const keys = isRecord(relation) ? relation["foreign_keys"] : undefined;
  return (Array.isArray(keys) ? keys.filter(isRecord) : []).flatMap((key) => {
    const to = isRecord(key["references"]) ? key["references"] : {};
    const [column, second] = texts(key["columns"]);
    const [withColumn] = texts(to["columns"]);
    return column === undefined || withColumn === undefined || second !== undefined ? [] : [{ column, schema: typeof to["schema"] === "string" ? to["schema"] : undefined, table: String(to["table"] ?? ""), withColumn, calls: undefined }];
  });
}

export interface Joined extends Source {
  relation: RelationNames | undefined;
  joins: readonly Join[];
}

export interface Condition {
  /** `o.customer_id = c.id`, without quotes. */
  left: string;
  right: string;
  leftColumn: string;
  rightColumn: string;
  /** Why it is offered. */
  reason: string;
  /** 9 for a key that is declared, less for what was seen, least for names that are alike. */
  weight: number;
}

const isTo = (join: Join, { relation }: Joined): boolean =>
  relation !== undefined && relation.name.toLowerCase() === join.table.toLowerCase() && (join.schema === undefined || join.schema.toLowerCase() === relation.schema.toLowerCase());

const seen = (calls: number): string => `seen ${calls.toLocaleString("en")} times`;

/** Conditions that join a table to those named before it, the surest first. */
export function conditions(target: Joined, others: readonly Joined[]): Condition[] {
  const found = new Map<string, Condition>();
  const add = (other: Joined, mine: string, theirs: string, weight: number, reason: string) => {
    const key = `${other.alias}.${theirs}=${mine}`;
    const there = found.get(key);
    if (there === undefined || there.weight < weight) {
      found.set(key, { left: other.alias, right: target.alias, leftColumn: theirs, rightColumn: mine, weight, reason });
    }
  };
  const weigh = (join: Join): [number, string] => (join.calls === undefined ? [9, "declared key"] : [8, seen(join.calls)]);
  for (const other of others) {
    for (const join of target.joins.filter((one) => isTo(one, other))) {
      add(other, join.column, join.withColumn, ...weigh(join));
    }
    for (const join of other.joins.filter((one) => isTo(one, target))) {
      add(other, join.withColumn, join.column, ...weigh(join));
    }
    for (const column of target.columns) {
      const same = other.columns.find((one) => one.toLowerCase() === column.toLowerCase());
      if (same !== undefined && column.toLowerCase() !== "id" && /(?:id|key|code|uuid|nr|no)$/i.test(column)) {
        add(other, column, same, 6, "same name");
      }
    }
  }
  return [...found.values()].sort((one, two) => two.weight - one.weight);
}
