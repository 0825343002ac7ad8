// What can a rule speak of? The words of docs/policies.md; a test holds this against it.

export type Shape = "words" | "truth" | "number" | "time";

/** Where values are known from: what was seen, or a fixed list. */
export type Source = "user" | "database" | "application" | "table" | "schema" | "fingerprint" | "listener";

export interface Condition {
  key: string;
  /** "where …": what it holds for. */
  about: string;
  shape: Shape;
  example: string;
  /** All there are. */
  values?: readonly string[];
  source?: Source;
  /** Known when a session opens: all that a `[[session]]` may ask. */
  isOfSession?: true;
}

export const CLASSES = ["read", "write", "ddl", "privilege", "session", "transaction", "maintenance", "code", "unknown"] as const;
const ACCESS = ["read", "insert", "update", "delete", "truncate", "define", "lock"] as const;

export const MARKS = [
  "literals_decide",
  "every_row",
  "limited",
  "filtered",
  "locks_rows",
  "locks_table",
  "locks_advisory",
  "unknown_function",
  "writing_function",
  "administers",
  "server_file",
  "server_program",
  "runs_text",
  "notifies",
  "sleeps",
  "temporary",
  "undoes_read_only",
  "resets_settings",
  "changes_role",
  "changes_path",
  "changes_reading",
  "changes_setting",
  "changes_stored_setting",
  "reads_catalog",
  "reads_secrets",
  "explains",
  "takes_data",
  "returns_rows",
  "all_columns",
  "begins_read_only",
  "uses_name",
  "marks_transaction",
  "replicates",
  "since_16",
  "since_17",
  "disputed",
  "shadows_catalog",
] as const;

export const CONDITIONS: readonly Condition[] = [
  { key: "user", about: "the role of the login", shape: "words", example: "app_*", source: "user", isOfSession: true },
  { key: "role", about: "the role statements run as now", shape: "words", example: "owner", source: "user" },
  { key: "database", about: "the database of the login; in MySQL the current one, which bounds nothing", shape: "words", example: "shop", source: "database", isOfSession: true },
  { key: "application", about: "application_name now; the client says it, so it proves nothing", shape: "words", example: "psql", source: "application", isOfSession: true },
  { key: "address", about: "where the client connects from", shape: "words", example: "10.0.0.0/8", values: ["unix", "127.0.0.1", "10.0.0.0/8", "192.168.0.0/16"], isOfSession: true },
  { key: "tls", about: "the client's encryption", shape: "words", example: "TLSv1.3", values: ["none", "any", "TLSv1.2", "TLSv1.3"], isOfSession: true },
  { key: "certificate", about: "a name in the client's certificate", shape: "words", example: "*.jobs.internal", isOfSession: true },
  { key: "listener", about: "the listener's name", shape: "words", example: "*-replica", source: "listener", isOfSession: true },
  { key: "environment", about: "the listener's environment", shape: "words", example: "production", values: ["development", "staging", "production"], isOfSession: true },
  { key: "class", about: "the gravest of what the statement does", shape: "words", example: "ddl", values: CLASSES },
  { key: "verb", about: "the command, in lower case", shape: "words", example: "create *", values: ["select", "insert", "update", "delete", "merge", "truncate", "copy", "create *", "alter *", "drop *", "grant", "revoke", "call", "do", "set", "vacuum"] },
  { key: "schema", about: "the schema of a table it uses", shape: "words", example: "staff", source: "schema" },
  { key: "table", about: "a table, view or other relation it uses", shape: "words", example: "sales.*", source: "table" },
  { key: "access", about: "what it does to a table", shape: "words", example: "delete", values: ACCESS },
  { key: "column", about: "a column it uses, in whatever place", shape: "words", example: "employees.salary" },
  { key: "function", about: "a function it calls", shape: "words", example: "pg_sleep*" },
  { key: "setting", about: "a setting that SET, RESET or set_config is about", shape: "words", example: "search_path" },
  { key: "fingerprint", about: "the statement's shape", shape: "words", example: "1-1a3fe5b2f5be0904", source: "fingerprint" },
  { key: "mark", about: "something that is so of the statement", shape: "words", example: "locks_rows", values: MARKS },
  { key: "kind", about: "how it came", shape: "words", example: "run", values: ["run", "prepare", "execute", "function", "command"] },
  { key: "transaction", about: "the transaction it would run in", shape: "words", example: "idle", values: ["idle", "open", "failed"] },
  { key: "where", about: "whether its outermost query has a WHERE that looks at a row", shape: "truth", example: "false" },
  { key: "limit", about: "whether its outermost query has a LIMIT", shape: "truth", example: "false" },
  { key: "rows_over", about: "it returns rows, and its own LIMIT, if any, is larger", shape: "number", example: "1000" },
  { key: "every_row", about: "whether an UPDATE or DELETE in it has no condition", shape: "truth", example: "true" },
  { key: "unjudged", about: "whether it could not be judged", shape: "truth", example: "true" },
  { key: "time", about: "days and hours", shape: "time", example: "mon to fri, 08:00 to 18:00" },
];

const BY_KEY = new Map(CONDITIONS.map((one) => [one.key, one]));
export const conditionOf = (key: string): Condition | undefined => BY_KEY.get(key);

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export const DECISIONS = [
  { value: "allow", label: "allow", note: "it passes, where no refusal or hold speaks of it" },
  { value: "refuse", label: "refuse", note: "the client gets an error with your words" },
  { value: "hold", label: "hold", note: "it waits for approval; for now it is refused, and says so" },
  { value: "limit", label: "limit", note: "it passes, and is bound in rows, bytes, seconds or pace" },
  { value: "note", label: "note", note: "nothing changes; the rule stands in the record" },
] as const;

export const KEPT = ["text", "parameters", "hashes", "error"] as const;
export const PACED_BY = ["user", "address", "application"] as const;

/** The keys a rule may have, for the editor. */
export const RULE_KEYS = ["name", "when", "unless", "decision", "overridable", "reason", "message", "hint", "limit", "dry_run", "record"] as const;
