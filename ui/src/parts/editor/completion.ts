// What may come next in a statement: tables, columns, conditions, words? Read from the schema's snapshot and from the text.

import { type Completion, type CompletionContext, type CompletionResult, type CompletionSource, pickedCompletion } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { connectionsQuery } from "~/api/connections";
import { namesQuery, type RelationNames } from "~/api/find";
import { queryClient } from "~/api/queries";
import { schemaObjectQuery, tableUsageQuery } from "~/api/tables";
import { columnsOf } from "./definition-columns";
import { conditions, declaredJoins, type Join, type Joined } from "./joins";
import { KnownNames, quoted, written } from "./known-names";
import { lettersOf, option, ranked, type Option } from "./ranked";
import { placeIn, type Place, type Source } from "./reader/place";
import { READ_MAX, statementAt, statementsOf } from "./reader/statements";
import { tokensOf, typedIn } from "./reader/tokens";
import { wordsOf } from "./words";

export interface CompletedSchema {
  workspace: string;
  connection: string;
  /** Whether joins that statements were seen to make may be asked for. */
  seesTraffic?: boolean;
}

/** Columns of more tables than this are not offered at once. */
const TABLES_MAX = 8;
const NONE: readonly RelationNames[] = [];
/** The list of tables does not wait longer for what would only be nice to know. */
const PATIENCE_MS = 500;
/** Behind ON the conditions are what one waits for; they are read once. */
const CONDITIONS_PATIENCE_MS = 5_000;
const DAY_MS = 86_400_000;
const SEEN_DAYS = 30;

/** What is typed: where it begins, what it says, and what it hangs on. */
interface Typed {
  from: number;
  to: number | undefined;
  text: string;
  isQuoted: boolean;
  owners: readonly string[];
}

const PATH = /((?:(?:[\p{L}_][\p{L}\p{N}_$]*|"[^"]*"|`[^`]*`)\.)*)([\p{L}\p{N}_$]*|"[^"]*|`[^`]*)$/u;
/** As far back as a name with its schema reaches. */
const NAME_MAX = 300;

function typedAt({ state, pos }: CompletionContext, engine: string): Typed | undefined {
  const [, path = "", text = ""] = PATH.exec(state.sliceDoc(Math.max(0, pos - NAME_MAX), pos)) ?? [];
  const mark = /^["`]/.exec(text)?.[0];
  if (mark === '"' && engine === "mysql") {
    return undefined;
  }
  const owners = [...path.matchAll(/"([^"]*)"|`([^`]*)`|([^."`]+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  const isClosed = mark !== undefined && state.sliceDoc(pos, pos + 1) === mark;
  return { from: pos - text.length, to: isClosed ? pos + 1 : undefined, text: mark === undefined ? text : text.slice(1), isQuoted: mark !== undefined, owners };
}

/** Completes what the schema and the text know; without a schema the words and functions of the engine. */
export function sqlCompletion(engine: string, schema: CompletedSchema | undefined): CompletionSource {
  const names = schema === undefined ? new Schema(engine) : new Schema(engine, schema);
  return async (context) => {
    const typed = typedAt(context, engine);
    const isAsked = context.explicit || (typed !== undefined && (typed.text !== "" || typed.owners.length > 0 || typed.isQuoted));
    if (typed === undefined || /^\d/.test(typed.text)) {
      return null;
    }
    const all = await names.known();
    const place = placeOf(context, engine, all);
    if (place === undefined || place.expects === "name" || (!isAsked && !(place.expects === "join" && /\s$/.test(context.state.sliceDoc(context.pos - 1, context.pos))))) {
      return null;
    }
    return resultOf(typed, await offered(typed, place, names, all), engine);
  };
}

/** As long as the same word goes on nothing is read anew: its letters only choose. */
function resultOf(typed: Typed, lists: readonly (readonly Option[])[], engine: string): CompletionResult | null {
  const found = ranked(lists, typed.text);
  const options = typed.isQuoted ? found.map((one) => ({ ...one, apply: quoted(one.label, engine === "mysql") })) : found;
  const result: CompletionResult = {
    from: typed.from,
    options,
    filter: false,
    getMatch: (one: Completion) => lettersOf(one, typed.text),
    update: (_current, _from, _to, context) => {
      const now = typedAt(context, engine);
      const isSame = now !== undefined && now.from === typed.from && now.isQuoted === typed.isQuoted && now.owners.join(".") === typed.owners.join(".") && now.text !== "";
      return isSame ? resultOf(now, lists, engine) : null;
    },
  };
  return options.length === 0 ? null : typed.to === undefined ? result : { ...result, to: typed.to };
}

/** What is known where one types; nothing within strings and comments. */
function placeOf({ state, pos }: CompletionContext, engine: string, all: KnownNames): Place | undefined {
  const text = state.doc.toString();
  const empty: Place = { sources: [], outer: [], withs: [], outputs: [], expects: "expression", clause: "" };
  if (text.length > READ_MAX) {
    return empty;
  }
  const spans = statementsOf(text, engine);
  const mine = statementAt(spans, text, pos);
  if (mine === undefined || pos < mine.from) {
    return typedIn(tokensOf(text, engine), pos)?.kind === "comment" ? undefined : empty;
  }
  const end = spans.find((one) => one.from > mine.from)?.from ?? text.length;
  const isBehind = /;/.test(text.slice(mine.to, pos));
  const statement = text.slice(mine.from, Math.max(mine.to, Math.min(end, pos)));
  const within = typedIn(tokensOf(statement, engine), pos - mine.from);
  if (within?.kind === "comment" || within?.kind === "string") {
    return undefined;
  }
  const lookup = (schema: string | undefined, name: string) => all.meant({ schema, name })[0]?.columns;
  return isBehind ? empty : placeIn(statement, pos - mine.from, engine, lookup);
}

async function offered(typed: Typed, place: Place, names: Schema, all: KnownNames): Promise<readonly (readonly Option[])[]> {
  const sources = [...place.sources, ...place.outer];
  if (typed.owners.length > 0) {
    return [owned(typed.owners, sources, names, all)];
  }
  const withs = place.withs.map((one) => option({ label: one.name, apply: written(one.name, all.isMysql), type: "class", detail: "WITH query", boost: 4 }));
  if (place.expects === "relation") {
    return [withs, await names.related(place.sources), all.tables, all.schemas];
  }
  const { words, functions } = names.words;
  const joins = place.expects === "join" ? await names.conditions(place.sources) : [];
  const isListed = ["order", "group", "having"].includes(place.clause);
  const outputs = isListed ? place.outputs.map((name) => option({ label: name, apply: written(name, all.isMysql), type: "property", detail: "of this SELECT", boost: 3 })) : [];
  return [joins, outputs, columnOptions(sources.slice(0, TABLES_MAX), names, all), aliases(sources, all), typed.isQuoted ? [] : words, typed.isQuoted ? [] : functions.map(call), withs, all.tables, all.schemas];
}

/** Columns of what stands before the dot, or the tables of that schema. */
function owned(owners: readonly string[], sources: readonly Source[], names: Schema, all: KnownNames): readonly Option[] {
  const name = owners.at(-1) ?? "";
  const schema = owners.at(-2);
  const source = schema === undefined ? sources.find((one) => one.alias.toLowerCase() === name.toLowerCase()) : undefined;
  // One without columns may be the beginning of a name: `sales.` in FROM.
  if (source !== undefined && source.columns.length > 0) {
    return source.columns.map((column) => names.column(source, column, written(column, all.isMysql)));
  }
  const [relation] = all.meant({ schema, name });
  return relation === undefined ? all.inSchema(name) : relation.columns.map((column) => names.column({ alias: relation.name, schema: relation.schema, name: relation.name, columns: relation.columns, kind: "table", from: 0 }, column, written(column, all.isMysql)));
}

/** Columns of the tables in reach; one that several have is asked of one of them. */
function columnOptions(sources: readonly Source[], names: Schema, all: KnownNames): Option[] {
  const count = new Map<string, number>();
  for (const column of sources.flatMap((one) => one.columns)) {
    count.set(column, (count.get(column) ?? 0) + 1);
  }
  return sources.flatMap((source) =>
    source.columns.map((column) => {
      const name = written(column, all.isMysql);
      return names.column(source, column, (count.get(column) ?? 0) > 1 ? `${written(source.alias, all.isMysql)}.${name}` : name);
    }),
  );
}

const aliases = (sources: readonly Source[], all: KnownNames): Option[] =>
  sources.filter((one) => one.kind !== "table" || one.alias !== one.name).map((one) => option({ label: one.alias, apply: written(one.alias, all.isMysql), type: "variable", detail: one.kind === "table" ? `alias of ${one.name ?? ""}` : one.kind, boost: 2 }));

/** A function is put there with its parentheses, and the cursor between them. */
function call(one: Option): Option {
  return {
    ...one,
    apply: (view: EditorView, completion: Completion, from: number, to: number) => {
      const insert = view.state.sliceDoc(to, to + 1) === "(" ? completion.label : `${completion.label}()`;
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + completion.label.length + 1 }, userEvent: "input.complete", annotations: pickedCompletion.of(completion) });
    },
  };
}

const inTime = <T>(promise: Promise<T>, otherwise: T, patience = PATIENCE_MS): Promise<T> => Promise.race([promise.catch(() => otherwise), new Promise<T>((resolve) => setTimeout(() => resolve(otherwise), patience))]);

/** What a connection's snapshot and its traffic tell. */
class Schema {
  private read: readonly RelationNames[] = NONE;
  private names: KnownNames;

  constructor(
    private readonly engine: string,
    private readonly of?: CompletedSchema,
  ) {
    this.names = new KnownNames(NONE, engine === "mysql");
  }

  get words() {
    return wordsOf(this.engine);
  }

  async known(): Promise<KnownNames> {
    if (this.of === undefined) {
      return this.names;
    }
    const { workspace, connection } = this.of;
    // A schema that nobody has read has no names: they are not asked for.
    const about = (await queryClient.ensureQueryData(connectionsQuery(workspace)).catch(() => [])).find((one) => one.id === connection);
    if (!about?.last_snapshot) {
      return this.names;
    }
    // What was read stays good enough while it is read again.
    const now = await queryClient.ensureQueryData({ ...namesQuery(workspace, connection), revalidateIfStale: true }).catch(() => NONE);
    if (now !== this.read) {
      this.read = now;
      this.names = new KnownNames(now, this.engine === "mysql");
    }
    return this.names;
  }

  column(source: Source, column: string, apply: string): Option {
    const relation = this.relationOf(source);
    return option({ label: column, apply, type: "property", detail: source.alias, boost: 5, ...(relation ? { info: () => this.typeOf(relation, column) } : {}) });
  }

  private relationOf(source: Source): RelationNames | undefined {
    return source.name === undefined ? undefined : this.names.meant({ schema: source.schema, name: source.name })[0];
  }

  private async typeOf(relation: RelationNames, column: string): Promise<Node | null> {
    const type = columnsOf((await this.object(relation))?.definition).find((one) => one.name === column)?.type;
    return type === undefined ? null : document.createTextNode(type);
  }

  private async object(relation: RelationNames) {
    return this.of === undefined ? undefined : queryClient.ensureQueryData(schemaObjectQuery(this.of.workspace, this.of.connection, relation.key)).catch(() => undefined);
  }

  private async joinsOf(source: Source): Promise<Joined> {
    const relation = this.relationOf(source);
    if (relation === undefined || this.of === undefined) {
      return { ...source, relation, joins: [] };
    }
    const declared = this.object(relation).then((found) => declaredJoins(found?.definition));
    const [keys, seen] = await Promise.all([declared, this.seen(relation).catch(() => [])]);
    return { ...source, relation, joins: [...keys, ...seen] };
  }

  private async seen(relation: RelationNames): Promise<Join[]> {
    if (!this.of?.seesTraffic) {
      return [];
    }
    const until = Math.ceil(Date.now() / DAY_MS) * DAY_MS;
    const range = { from: new Date(until - SEEN_DAYS * DAY_MS).toISOString(), until: new Date(until).toISOString() };
    const usage = await queryClient.ensureQueryData({ ...tableUsageQuery(this.of.workspace, this.of.connection, relation.key, range), staleTime: DAY_MS });
    return usage.joins.map((one) => ({ column: one.column, schema: one.with_schema ?? undefined, table: one.with_table, withColumn: one.with_column, calls: one.calls }));
  }

  /** Conditions that join the last table to those before it. */
  async conditions(sources: readonly Source[]): Promise<Option[]> {
    const [target, ...others] = [...sources].slice(-TABLES_MAX).reverse();
    if (target === undefined || others.length === 0) {
      return [];
    }
    const [first, ...rest] = await inTime(Promise.all([target, ...others].map((one) => this.joinsOf(one))), [], CONDITIONS_PATIENCE_MS);
    const isMysql = this.engine === "mysql";
    const name = (one: string) => written(one, isMysql);
    return (first === undefined ? [] : conditions(first, rest)).map((one) => {
      const label = `${name(one.left)}.${name(one.leftColumn)} = ${name(one.right)}.${name(one.rightColumn)}`;
      return option({ label, type: "text", detail: one.reason, boost: one.weight });
    });
  }

  /** Tables that those named so far are joined with. */
  async related(sources: readonly Source[]): Promise<Option[]> {
    const joined = sources.length === 0 ? [] : await inTime(Promise.all(sources.slice(-TABLES_MAX).map((one) => this.joinsOf(one))), []);
    const found = new Map<string, Option>();
    for (const one of joined) {
      for (const join of one.joins) {
        const isThere = sources.some((source) => source.name?.toLowerCase() === join.table.toLowerCase());
        if (!isThere && !found.has(join.table)) {
          found.set(join.table, option({ label: join.table, apply: name(join, this.engine), type: "class", detail: `joined with ${one.alias}`, boost: 5 }));
        }
      }
    }
    return [...found.values()];
  }
}

const name = (join: Join, engine: string): string => {
  const isMysql = engine === "mysql";
  const isPlain = join.schema === undefined || join.schema === "public" || isMysql;
  return isPlain ? written(join.table, isMysql) : `${written(join.schema ?? "", isMysql)}.${written(join.table, isMysql)}`;
};
