// What is a plan made of, whichever database made it?

import { fromMysql } from "./mysql";
import { fromPostgres } from "./postgres";
import { fromSqlite } from "./sqlite";

export type WarningKind = "scan" | "spill" | "estimate" | "discard";

export interface PlanWarning {
  kind: WarningKind;
  /** A sentence: what is the matter, with its figures. */
  text: string;
}

/** Pages of the server's cache and of temporary files, 8 kB each. */
export interface PlanBuffers {
  hit: number;
  read: number;
  dirtied: number;
  written: number;
  tempRead: number;
  tempWritten: number;
}

export interface PlanFact {
  label: string;
  text: string;
}

export interface PlanNode {
  /** Its place: `0`, `0.1`, `0.1.0`. */
  id: string;
  /** What is done: "Hash join", "Sequential scan". */
  label: string;
  /** On what: a table, an index, a part of the query. */
  on?: string;
  /** What it is to the node above, where that is more than its input: "InitPlan 1". */
  role?: string;
  /** How often it began. */
  loops?: number;
  /** Rows it gives each time it begins: as was guessed, as it was. */
  estimatedRows?: number;
  actualRows?: number;
  /** Rows in all of its loops that a condition threw away. */
  removedRows?: number;
  /** How many times more or fewer rows came than were guessed; 1 is a perfect guess. */
  error?: { factor: number; isMore: boolean };
  cost?: number;
  /** Microseconds with everything below it, and without. */
  totalUs?: number;
  selfUs?: number;
  /** Its own part of the whole, 0 to 1: of the time, or of the cost where nothing was measured. */
  share?: number;
  /** Its own, without those below it. */
  buffers?: PlanBuffers;
  /** Filter, join condition, sort key: what it works by. */
  conditions: PlanFact[];
  /** Everything else that the database says of it. */
  facts: PlanFact[];
  warnings: PlanWarning[];
  children: PlanNode[];
}

export interface Plan {
  root: PlanNode;
  /** Whether the statement ran: times and rows are what happened, not what is expected. */
  isMeasured: boolean;
  planningUs?: number;
  executionUs?: number;
  /** Settings that differ from the server's own, and the like. */
  facts: PlanFact[];
}

/** A plan as the API tells it; nothing where it has a shape that is not known. */
export function parsePlan(format: string, plan: unknown): Plan | undefined {
  switch (format) {
    case "postgres":
      return fromPostgres(plan);
    case "mysql":
    case "mariadb":
      return fromMysql(plan);
    case "sqlite":
      return fromSqlite(plan);
    default:
      return undefined;
  }
}

/** A node and all below it, from above. */
export function allNodes(node: PlanNode): PlanNode[] {
  return [node, ...node.children.flatMap(allNodes)];
}

/** From this factor on a guess is wrong enough to lead to another plan. */
export const ERROR_FACTOR = 10;

/** How far a guess was off. Less than a row is as good as a row: nobody plans by it. */
export function errorOf(estimated: number | undefined, actual: number | undefined): PlanNode["error"] {
  if (estimated === undefined || actual === undefined) {
    return undefined;
  }
  const guess = Math.max(estimated, 1);
  const came = Math.max(actual, 1);
  return { factor: came >= guess ? came / guess : guess / came, isMore: came > guess };
}
