// Which tables and columns are there to be completed? Made ready once, for schemas of many thousand tables.

import type { RelationNames } from "~/api/find";
import { option, type Option } from "./ranked";

const plain = /^[a-z_][a-z0-9_$]*$/;
/** Words that PostgreSQL takes for its own where a name is meant. */
const RESERVED: ReadonlySet<string> = new Set(
  "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric system_user table then to trailing true union unique user using variadic when where window with".split(" "),
);

/** Names that need quotes get them. */
export function written(name: string, isMysql: boolean): string {
  if (!RESERVED.has(name.toLowerCase()) && (plain.test(name) || (isMysql && /^\w+$/.test(name)))) {
    return name;
  }
  return quoted(name, isMysql);
}

export const quoted = (name: string, isMysql: boolean): string => (isMysql ? `\`${name.replaceAll("`", "``")}\`` : `"${name.replaceAll('"', '""')}"`);

export class KnownNames {
  /** Every table and view. */
  readonly tables: readonly Option[];
  /** Every schema. */
  readonly schemas: readonly Option[];
  readonly #byName = new Map<string, RelationNames[]>();
  readonly #bySchema = new Map<string, Option[]>();

  constructor(
    relations: readonly RelationNames[],
    readonly isMysql: boolean,
  ) {
    this.tables = relations.map((relation) => {
      const one = option({ label: relation.name, apply: written(relation.name, isMysql), type: "class", detail: relation.schema === "public" || relation.schema === "" ? relation.kind.replaceAll("_", " ") : relation.schema, boost: 1 });
      add(this.#byName, relation.name, relation);
      add(this.#bySchema, relation.schema, one);
      return one;
    });
    const schemas = new Set(relations.map((relation) => relation.schema).filter((schema) => schema !== ""));
    this.schemas = [...schemas].map((schema) => option({ label: schema, apply: written(schema, isMysql), type: "namespace", detail: "schema", boost: 0 }));
  }

  /** The relations that a text means by a name; several where it names no schema. */
  meant({ schema, name }: { schema?: string | undefined; name: string }): readonly RelationNames[] {
    const named = this.#byName.get(name.toLowerCase()) ?? [];
    return schema === undefined ? named : named.filter((one) => one.schema.toLowerCase() === schema.toLowerCase());
  }

  /** The tables of a schema. */
  inSchema(schema: string): readonly Option[] {
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
