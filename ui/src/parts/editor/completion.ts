// Which tables and columns may come next in a statement? Read from the schema's snapshot when it is typed.

import { type Completion, type CompletionContext, type CompletionResult, type CompletionSource } from "@codemirror/autocomplete";
import { connectionsQuery } from "~/api/connections";
import { namesQuery, type RelationNames } from "~/api/find";
import { queryClient } from "~/api/queries";
import { schemaObjectQuery } from "~/api/tables";
import { columnsOf } from "./definition-columns";
import { KnownNames, written } from "./known-names";
import { namedTables } from "./named-tables";

/** Columns of more tables than this are not offered at once. */
const TABLES_MAX = 8;
const NONE: readonly RelationNames[] = [];

/** Completes tables, and columns of the tables that the text names. */
export function schemaCompletion(workspace: string, connection: string, engine: string): CompletionSource {
  const isMysql = engine === "mysql";
  let read: readonly RelationNames[] = NONE;
  let known = new KnownNames(read, isMysql);
  const names = async (): Promise<KnownNames> => {
    // A schema that nobody has read has no names: they are not asked for.
    const of = (await queryClient.ensureQueryData(connectionsQuery(workspace)).catch(() => [])).find((one) => one.id === connection);
    if (!of?.last_snapshot) {
      return known;
    }
    // What was read stays good enough while it is read again.
    const now = await queryClient.ensureQueryData({ ...namesQuery(workspace, connection), revalidateIfStale: true }).catch(() => NONE);
    if (now !== read) {
      read = now;
      known = new KnownNames(read, isMysql);
    }
    return known;
  };
  const typeOf = async (relation: RelationNames, column: string): Promise<Node | null> => {
    const object = await queryClient.ensureQueryData(schemaObjectQuery(workspace, connection, relation.key)).catch(() => undefined);
    const type = columnsOf(object?.definition).find((one) => one.name === column)?.type;
    return type === undefined ? null : document.createTextNode(type);
  };
  const columnsIn = (relation: RelationNames): Completion[] =>
    relation.columns.map((name) => ({ label: name, apply: written(name, isMysql), type: "property", detail: relation.name, boost: 2, info: () => typeOf(relation, name) }));

  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/(?:(?:\w+|"[^"]*"|`[^`]*`)\.)?[\w$]*/);
    if (word === null || (word.from === word.to && !context.explicit)) {
      return null;
    }
    const all = await names();
    const named = namedTables(context.state.doc.toString());
    const dot = word.text.lastIndexOf(".");
    const from = word.from + dot + 1;
    if (dot >= 0) {
      const owner = word.text.slice(0, dot).replaceAll(/["`]/g, "");
      const table = named.find((one) => one.alias.toLowerCase() === owner.toLowerCase()) ?? { name: owner, schema: undefined };
      const [relation] = all.meant(table);
      const options = relation ? columnsIn(relation) : all.inSchema(owner);
      return options.length === 0 ? null : { from, options, validFor: /^[\w$]*$/ };
    }
    const used = new Set(named.flatMap((table) => all.meant(table)));
    return { from, options: [...[...used].slice(0, TABLES_MAX).flatMap(columnsIn), ...all.tables], validFor: /^[\w$]*$/ };
  };
}
