// Which tables and columns are there to be completed? Made ready once, for schemas of many thousand tables.

import type { Completion } from "@codemirror/autocomplete";
import type { RelationNames } from "~/api/find";
import type { NamedTable } from "./named-tables";

const plain = /^[a-z_][a-z0-9_$]*$/;

/** Names that need quotes get them. */
export const written = (name: string, isMysql: boolean): string => (plain.test(name) || (isMysql && /^\w+$/.test(name)) ? name : isMysql ? `\`${name}\`` : `"${name}"`);

export class KnownNames {
  /** Every table and view. */
  readonly tables: readonly Completion[];
  readonly #byName = new Map<string, RelationNames[]>();
  readonly #bySchema = new Map<string, Completion[]>();

  constructor(relations: readonly RelationNames[], isMysql: boolean) {
    this.tables = relations.map((relation) => {
      const option: Completion = { label: relation.name, apply: written(relation.name, isMysql), type: "class", detail: relation.schema === "public" || relation.schema === "" ? relation.kind.replaceAll("_", " ") : relation.schema, boost: 1 };
      add(this.#byName, relation.name, relation);
      add(this.#bySchema, relation.schema, option);
      return option;
    });
  }

  /** The relations that a text means by a name; several where it names no schema. */
  meant({ schema, name }: Pick<NamedTable, "schema" | "name">): readonly RelationNames[] {
    const named = this.#byName.get(name.toLowerCase()) ?? [];
    return schema === undefined ? named : named.filter((one) => one.schema.toLowerCase() === schema.toLowerCase());
  }

  /** The tables of a schema. */
  inSchema(schema: string): readonly Completion[] {
    return this.#bySchema.get(schema.toLowerCase()) ?? [];
  }
}

function add<T>(map: Map<string, T[]>, name: string, one: T): void {
  const key = name.toLowerCase();
  const there = map.get(key);
  if (there === undefined) {
    map.set(key, [one]);
  } else {
    there.push(one);
  }
}
