"""Which answers does ActiveRecord get? There is no Ruby here: these are the statements of its PostgreSQL adapter, as the
wire shows them, sent the way it sends them: settings and schema questions by the simple protocol, queries with values
prepared under names `a1`, `a2`, … and run with text parameters.

Prints everything a program could see, in order.
"""

from psycopg import pq

from seen import READS, show


class Adapter:
    """A session of the adapter's: libpq, with a cache of prepared statements."""

    def __init__(self):
        self.raw = pq.PGconn.connect(b"")
        self.names = {}

    def told(self, title, result):
        rows = [[result.get_value(row, column) for column in range(result.nfields)] for row in range(result.ntuples)]
        columns = [(result.fname(column), result.ftype(column) if result.ftype(column) < 10_000 else "own") for column in range(result.nfields)]
        error = {field.name: value for field in pq.DiagnosticField if (value := result.error_field(field)) is not None}
        show(title, pq.ExecStatus(result.status).name, result.command_status, columns, rows, error)
        return rows

    def execute(self, text):
        return self.told(text, self.raw.exec_(text.encode()))

    def query(self, text, *values):
        """As with values: prepared at the first time, and found again after."""
        if text not in self.names:
            name = f"a{len(self.names) + 1}"
            prepared = self.raw.prepare(name.encode(), text.encode())
            if prepared.status != pq.ExecStatus.COMMAND_OK:
                return self.told(text, prepared)
            self.names[text] = name
        given = [None if value is None else str(value).encode() for value in values]
        return self.told(text, self.raw.exec_prepared(self.names[text].encode(), given))

    def forget(self, text):
        name = self.names.pop(text)
        self.execute(f'DEALLOCATE "{name}"' if name[0].isdigit() else f"DEALLOCATE {name}")


# What the adapter reads of types, so that it can tell what a column's values are.
TYPES = """SELECT t.oid, t.typname, t.typelem, t.typdelim, t.typinput, r.rngsubtype, t.typtype, t.typbasetype
FROM pg_type AS t LEFT JOIN pg_range AS r ON oid = rngtypid """
PLAIN = "'int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'text', 'varchar', 'bpchar', 'bytea', 'date', 'timestamp', 'timestamptz', 'time', 'interval', 'json', 'jsonb', 'uuid', 'inet', 'cidr', 'bit', 'varbit', 'point', 'xml', 'money', 'name'"


def connects(adapter):
    for text in (
        "SET client_min_messages TO 'warning'",
        "SHOW client_encoding",
        "SET standard_conforming_strings = on",
        "SET intervalstyle = iso_8601",
        "SET SESSION timezone TO 'UTC'",
        "SHOW max_identifier_length",
        "SELECT t.oid, t.typname FROM pg_type as t WHERE t.typname IN ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'timestamp', 'timestamptz')",
        "SHOW TIME ZONE",
        "SHOW search_path",
        "SELECT current_schema",
        "SELECT current_database()",
        ";",
        "SELECT 1",
    ):
        adapter.execute(text)
    adapter.execute(TYPES + f"WHERE t.typname IN ({PLAIN}) ORDER BY t.oid")
    adapter.execute(TYPES + "WHERE t.typtype IN ('r') AND t.oid < 10000 ORDER BY t.oid")
    adapter.execute(TYPES + "WHERE t.typelem IN (20, 21, 23, 25, 1043) AND t.oid < 10000 ORDER BY t.oid")


COLUMNS = """SELECT a.attname, format_type(a.atttypid, a.atttypmod),
       pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypmod,
       c.collname, col_description(a.attrelid, a.attnum) AS comment,
       attidentity AS identity,
       attgenerated AS attgenerated
  FROM pg_attribute a
  LEFT JOIN pg_attrdef d ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  LEFT JOIN pg_type t ON a.atttypid = t.oid
  LEFT JOIN pg_collation c ON a.attcollation = c.oid AND a.attcollation <> t.typcollation
 WHERE a.attrelid = '"{table}"'::regclass
   AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum"""
INDEXES = """SELECT distinct i.relname, d.indisunique, d.indkey, pg_get_indexdef(d.indexrelid), pg_catalog.obj_description(i.oid, 'pg_class') AS comment, d.indisvalid,
       ARRAY(SELECT pg_get_indexdef(d.indexrelid, k + 1, true) FROM generate_subscripts(d.indkey, 1) AS k ORDER BY k) AS columns
  FROM pg_class t INNER JOIN pg_index d ON t.oid = d.indrelid INNER JOIN pg_class i ON d.indexrelid = i.oid LEFT JOIN pg_namespace n ON n.oid = t.relnamespace
 WHERE i.relkind IN ('i', 'I') AND d.indisprimary = 'f' AND t.relname = '{table}' AND n.nspname = ANY (current_schemas(false)) ORDER BY i.relname"""
KEYS = """SELECT a.attname FROM (SELECT indrelid, indkey, generate_subscripts(indkey, 1) idx FROM pg_index WHERE indrelid = '"{table}"'::regclass AND indisprimary) i
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[i.idx] ORDER BY i.idx"""
FOREIGN = """SELECT t2.oid::regclass::text AS to_table, c.conname AS name, c.confupdtype AS on_update, c.confdeltype AS on_delete, c.convalidated AS valid, c.condeferrable AS deferrable, c.condeferred AS deferred, c.conkey, c.confkey
  FROM pg_constraint c JOIN pg_class t1 ON c.conrelid = t1.oid JOIN pg_class t2 ON c.confrelid = t2.oid JOIN pg_namespace n ON c.connamespace = n.oid
 WHERE c.contype = 'f' AND t1.relname = '{table}' AND n.nspname = ANY (current_schemas(false)) ORDER BY c.conname"""
CHECKS = """SELECT conname, pg_get_constraintdef(c.oid, true) AS constraintdef, c.convalidated AS valid FROM pg_constraint c JOIN pg_class t ON c.conrelid = t.oid JOIN pg_namespace n ON n.oid = c.connamespace
 WHERE c.contype = 'c' AND t.relname = '{table}' AND n.nspname = ANY (current_schemas(false)) ORDER BY conname"""
COMMENT = """SELECT pg_catalog.obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = '{table}' AND c.relkind IN ('r','p') AND n.nspname = ANY (current_schemas(false))"""
SEQUENCE = """SELECT attr.attname, nsp.nspname, seq.relname FROM pg_class seq, pg_attribute attr, pg_depend dep, pg_constraint cons, pg_namespace nsp
 WHERE seq.oid = dep.objid AND seq.relkind = 'S' AND attr.attrelid = dep.refobjid AND attr.attnum = dep.refobjsubid AND attr.attrelid = cons.conrelid AND attr.attnum = cons.conkey[1]
   AND seq.relnamespace = nsp.oid AND cons.contype = 'p' AND dep.classid = 'pg_class'::regclass AND dep.refobjid = '"{table}"'::regclass"""


def reflects(adapter):
    for text in (
        "SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r','v','m','p','f') ORDER BY 1",
        "SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r','p') ORDER BY 1",
        "SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY (current_schemas(false)) AND c.relname = 'posts' AND c.relkind IN ('v','m')",
        "SELECT extname, nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace ORDER BY 1",
        "SELECT type.typname AS name, n.nspname AS schema, array_agg(enum.enumlabel ORDER BY enum.enumsortorder) AS value FROM pg_enum AS enum JOIN pg_type AS type ON (type.oid = enum.enumtypid) JOIN pg_namespace n ON type.typnamespace = n.oid WHERE n.nspname = ANY (current_schemas(false)) GROUP BY type.oid, n.nspname, type.typname ORDER BY 1",
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_.*' AND nspname NOT IN ('information_schema') ORDER by nspname",
        "SELECT datname FROM pg_database WHERE datname = current_database()",
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()",
        "SELECT datcollate FROM pg_database WHERE datname = current_database()",
        "SELECT EXISTS (SELECT * FROM pg_proc WHERE proname = 'lower' AND proargtypes = ARRAY['varchar'::regtype]::oidvector) OR EXISTS (SELECT * FROM pg_proc INNER JOIN pg_cast ON ARRAY[casttarget]::oidvector = proargtypes WHERE proname = 'lower' AND castsource = 'varchar'::regtype)",
        "SELECT '\"posts\"'::regtype::text",
        "SELECT data_type, pg_get_serial_sequence('\"posts\"', 'id') FROM information_schema.columns WHERE table_name = 'posts' AND column_name = 'id' AND table_schema = 'rails'",
    ):
        adapter.execute(text)
    for table in ("posts", "comments", "customers", "orders"):
        for text in (COLUMNS, INDEXES, KEYS, FOREIGN, CHECKS, COMMENT, SEQUENCE):
            adapter.execute(text.format(table=table))


def migrates(adapter):
    for text in (
        "DROP SCHEMA IF EXISTS rails CASCADE", "CREATE SCHEMA rails", "SET search_path TO 'rails', 'public'",
        'CREATE TABLE "schema_migrations" ("version" character varying NOT NULL PRIMARY KEY)',
        'CREATE TABLE "ar_internal_metadata" ("key" character varying NOT NULL PRIMARY KEY, "value" character varying, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL)',
        "SELECT pg_try_advisory_lock(4242424242424242)",
        'SELECT "schema_migrations"."version" FROM "schema_migrations" ORDER BY "schema_migrations"."version" ASC',
        "BEGIN",
        "CREATE TYPE \"state\" AS ENUM ('draft', 'printed')",
        'CREATE TABLE "posts" ("id" bigserial primary key, "title" character varying NOT NULL, "body" text, "state" "state" DEFAULT \'draft\', "tags" text[] DEFAULT \'{}\', "meta" jsonb, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL)',
        'CREATE TABLE "comments" ("id" bigserial primary key, "post_id" bigint NOT NULL, "words" text, CONSTRAINT "fk_rails_2fd19c0db7" FOREIGN KEY ("post_id") REFERENCES "posts" ("id"))',
        'CREATE UNIQUE INDEX "index_posts_on_title" ON "posts" ("title")',
        'CREATE INDEX "index_comments_on_post_id" ON "comments" ("post_id")',
        'ALTER TABLE "posts" ADD CONSTRAINT "chk_rails_1" CHECK (length(title) > 0)',
        "COMMENT ON TABLE \"posts\" IS 'what is posted'",
        "INSERT INTO \"schema_migrations\" (\"version\") VALUES ('20240101000000') RETURNING \"version\"",
        "COMMIT",
        'CREATE INDEX CONCURRENTLY "index_posts_on_tags" ON "posts" USING gin ("tags")',
        "SELECT pg_advisory_unlock(4242424242424242)",
    ):
        adapter.execute(text)


INSERT = 'INSERT INTO "posts" ("title", "body", "created_at", "updated_at") VALUES ($1, $2, $3, $4) RETURNING "id"'
FIND = 'SELECT "posts"."id", "posts"."title", "posts"."state", "posts"."tags", "posts"."meta" FROM "posts" WHERE "posts"."id" = $1 LIMIT $2'
NOW = "2024-02-29 12:00:00.123456"


def writes(adapter):
    for n in range(6):
        adapter.execute("BEGIN")
        adapter.query('SELECT 1 AS one FROM "posts" WHERE "posts"."title" = $1 LIMIT $2', f"post {n}", 1)
        adapter.query(INSERT, f"post {n}", None if n % 2 else "naïve ✓", NOW, NOW)
        adapter.execute("SAVEPOINT active_record_1")
        adapter.query('INSERT INTO "comments" ("post_id", "words") VALUES ($1, $2) RETURNING "id"', n + 1 if n != 3 else 999, f"on {n}")
        adapter.execute("ROLLBACK TO SAVEPOINT active_record_1" if n == 3 else "RELEASE SAVEPOINT active_record_1")
        adapter.execute("COMMIT")
    adapter.query(INSERT, "post 1", None, NOW, NOW)
    adapter.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    adapter.query('UPDATE "posts" SET "meta" = $1, "updated_at" = $2 WHERE "posts"."id" = $3', '{"a":[1]}', NOW, 2)
    adapter.query('SELECT "posts".* FROM "posts" WHERE "posts"."id" = $1 LIMIT $2 FOR UPDATE', 2, 1)
    adapter.query('DELETE FROM "posts" WHERE "posts"."id" = $1', 999)
    adapter.execute("COMMIT")
    adapter.execute("INSERT INTO \"posts\" (\"title\",\"created_at\",\"updated_at\") VALUES ('post 2', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP), ('post 9', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP) ON CONFLICT (\"title\") DO UPDATE SET \"body\" = 'again' RETURNING \"id\"")


def reads(adapter):
    adapter.execute("SET search_path TO 'rails', 'public'")
    for n in (1, 2, 3, 1, 999):
        adapter.query(FIND, n, 1)
    adapter.query('SELECT "posts"."title", COUNT("comments"."id") AS count FROM "posts" LEFT OUTER JOIN "comments" ON "comments"."post_id" = "posts"."id" WHERE "posts"."title" LIKE $1 GROUP BY "posts"."title" ORDER BY "posts"."title" ASC LIMIT $2 OFFSET $3', "post%", 3, 1)
    adapter.execute('SELECT "comments".* FROM "comments" WHERE "comments"."post_id" IN (1, 2, 3) ORDER BY "comments"."id" ASC')
    adapter.execute('SELECT "posts"."id" AS cursor_id FROM "posts" WHERE ("posts"."id" > 2) ORDER BY "posts"."id" ASC LIMIT 1000')
    adapter.query('SELECT COUNT(*) FROM "posts" WHERE "posts"."tags" @> $1', "{}")
    adapter.execute('EXPLAIN (COSTS OFF) SELECT "posts".* FROM "posts" WHERE "posts"."id" = 1')
    adapter.query('SELECT "posts"."no_such" FROM "posts" WHERE "posts"."id" = $1', 1)
    adapter.query(FIND, "no number", 1)
    adapter.query(FIND, 1, 1)
    adapter.forget(FIND)
    adapter.query(FIND, 1, 1)
    adapter.execute("BEGIN READ ONLY")
    adapter.query(FIND, 2, 1)
    adapter.execute("SELECT 1/0")
    adapter.query(FIND, 2, 1)
    adapter.execute("ROLLBACK")


def resets(adapter):
    """What the pool does with a session before another thread gets it."""
    adapter.execute("DISCARD ALL")
    adapter.names.clear()
    adapter.execute("SET client_min_messages TO 'warning'")
    adapter.execute("SHOW search_path")


def main():
    adapter = Adapter()
    connects(adapter)
    if not READS:
        migrates(adapter)
        writes(adapter)
    reads(adapter)
    reflects(adapter)
    resets(adapter)
    connects(adapter)
    adapter.raw.finish()


main()
