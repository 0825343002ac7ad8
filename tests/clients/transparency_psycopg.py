"""Which answers does psycopg 3 get? Prints everything a program could see, in order."""

import psycopg
from psycopg import ClientCursor, pq, sql


def show(title, *values):
    print(title, *[repr(value) for value in values], sep=" | ")


def diagnostics(error):
    names = [name for name in dir(error.diag) if not name.startswith("_")]
    return {name: getattr(error.diag, name) for name in names if getattr(error.diag, name) is not None}


def fails(title, act):
    try:
        show(title + " returned", act())
    except psycopg.Error as error:
        show(title, type(error).__name__, error.sqlstate, diagnostics(error))


def description(cursor):
    return [(c.name, c.type_code, c.internal_size, c.precision, c.scale) for c in cursor.description or []]


PARAMETERS = [
    "server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only",
    "in_hot_standby", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone",
    "integer_datetimes", "standard_conforming_strings", "search_path", "scram_iterations",
]


def parameters(connection):
    show("parameters", [(name, connection.info.parameter_status(name)) for name in PARAMETERS])


def values(connection):
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            cursor.execute("SELECT * FROM customers WHERE id < %s ORDER BY id", [6])
            show("rows", binary, description(cursor), cursor.statusmessage, cursor.rowcount, cursor.fetchall())
            cursor.execute(
                "SELECT %s::int, %s::text, %s::bytea, %s::float8, %s::numeric, %s::jsonb, %s::int[], %s::date",
                [1, "naïve ✓", b"\x00\xff", 1.5, "12.50", '{"a": [1]}', [1, None], None], binary=binary,
            )
            show("kinds", binary, description(cursor), cursor.fetchall())
    cursor = ClientCursor(connection)
    cursor.execute("SELECT 1 AS a; SELECT 2 AS b, 3 AS c; INSERT INTO scratch VALUES (1), (2); SELECT WHERE false")
    while True:
        show("set", cursor.statusmessage, description(cursor), cursor.rowcount)
        if not cursor.nextset():
            break
    connection.rollback()


def pipelines(connection):
    with connection.pipeline() as pipeline:
        cursors = [connection.execute("SELECT %s::int * generate_series(1, %s)", [n, n % 5]) for n in range(60)]
        pipeline.sync()
        more = [connection.execute("SELECT name FROM customers WHERE id = %s", [n]) for n in range(1, 30)]
    show("pipeline", [cursor.fetchall() for cursor in cursors], [cursor.fetchall() for cursor in more])
    connection.rollback()

    def broken():
        with connection.pipeline() as pipeline:
            connection.execute("SELECT 1")
            connection.execute("SELECT 1/%s::int", [0])
            connection.execute("SELECT 3")
            pipeline.sync()

    fails("an error in a pipeline", broken)
    connection.rollback()
    with connection.pipeline():
        with connection.transaction():
            for n in range(20):
                connection.execute("INSERT INTO scratch VALUES (%s, %s)", [n, f"label {n}"])
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO scratch (id) VALUES (%s)", [(n,) for n in range(50)])
                show("executemany in a pipeline", cursor.rowcount)
    show("written", connection.execute("SELECT count(*), sum(id) FROM scratch").fetchall())
    connection.execute("TRUNCATE scratch")
    connection.commit()


def cursors(connection):
    with connection.cursor(name="paged") as cursor:
        cursor.itersize = 37
        cursor.execute("SELECT id, name FROM customers ORDER BY id")
        show("paged", description(cursor), cursor.fetchmany(3), len(cursor.fetchall()))
    with connection.cursor(name="moved", scrollable=True) as cursor:
        cursor.execute("SELECT id FROM customers ORDER BY id")
        cursor.scroll(100)
        show("moved", cursor.fetchone(), cursor.scroll(-50), cursor.fetchmany(2))
    connection.commit()
    with connection.cursor(name="held", withhold=True) as cursor:
        cursor.execute("SELECT id FROM customers ORDER BY id LIMIT 10")
        connection.commit()
        show("held", cursor.fetchall())
    connection.commit()
    with connection.cursor() as cursor:
        show("stream", sum(row[0] for row in cursor.stream("SELECT n FROM generate_series(1, 3000) AS n")))
    connection.commit()


def copies(connection):
    with connection.cursor() as cursor:
        with cursor.copy("COPY (SELECT * FROM customers ORDER BY id LIMIT 40) TO STDOUT") as copy:
            show("copied out", [bytes(piece) for piece in copy])
        with cursor.copy("COPY (SELECT id, balance FROM customers ORDER BY id LIMIT 9) TO STDOUT (FORMAT binary)") as copy:
            copy.set_types(["int4", "numeric"])
            show("binary out", list(copy.rows()))
        with cursor.copy("COPY scratch FROM STDIN") as copy:
            for n in range(3000):
                copy.write_row((n, f"label {n}" if n % 3 else None, n / 7))
        show("copied in", cursor.statusmessage, cursor.rowcount)
        with cursor.copy("COPY scratch FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "text", "float8"])
            copy.write_row((1, "binary", 0.5))
        show("binary in", cursor.statusmessage)
        cursor.execute("SELECT count(*), sum(id), count(label), sum(amount) FROM scratch")
        show("counted", cursor.fetchall())

        def bad_line():
            with cursor.copy("COPY scratch (id) FROM STDIN") as copy:
                copy.write("1\nnot a number\n")

        fails("a bad line", bad_line)
        connection.rollback()

        def given_up():
            with cursor.copy("COPY scratch FROM STDIN"):
                raise KeyError("given up")

        try:
            given_up()
        except KeyError as error:
            show("given up", error, connection.info.transaction_status)
    connection.rollback()


def errors(connection):
    statements = [
        "SELECT 1/0", "SELECT no_such", "SELEC", "INSERT INTO customers VALUES (1, 'x')", "SELECT 'x'::int",
        "INSERT INTO orders VALUES (0, 999999, 1, '2024-01-01')", "SELECT warn_and_add(1, 2, 3)",
        "DO $$ BEGIN RAISE EXCEPTION 'mine' USING DETAIL = 'd', HINT = 'h', ERRCODE = 'P0042'; END $$",
    ]
    for statement in statements:
        fails(statement, lambda: connection.execute(statement))
        show("state", connection.info.transaction_status)
        fails("after", lambda: connection.execute("SELECT 1"))
        connection.rollback()
    fails("too few parameters", lambda: connection.execute(b"SELECT $1::int, $2::int", [1]))
    connection.rollback()


def prepared(connection):
    for n in range(8):
        show("prepared", connection.execute("SELECT name FROM customers WHERE id = %s", [n + 1], prepare=True).fetchall())
    names = "SELECT statement, parameter_types::text, from_sql FROM pg_prepared_statements ORDER BY 1"
    show("names", connection.execute(names).fetchall())
    connection.execute("DEALLOCATE ALL")
    connection.rollback()
    raw = connection.pgconn
    for result in [
        raw.prepare(b"one", b"SELECT $1::int + 1", None),
        raw.describe_prepared(b"one"),
        raw.exec_prepared(b"one", [b"41"]),
        raw.prepare(b"one", b"SELECT 2", None),
        raw.exec_prepared(b"none", []),
        raw.exec_params(b"SELECT $1::text, $2::bytea", [b"a", b"\\x00ff"], result_format=1),
    ]:
        fields = [result.error_field(field) for field in pq.DiagnosticField]
        kinds = [result.ftype(n) for n in range(result.nfields)]
        show("raw", result.status, kinds, result.param_type(0) if result.nparams else None, result.get_value(0, 0) if result.ntuples else None, fields)


def main():
    notices = []
    with psycopg.connect("") as connection:
        connection.add_notice_handler(lambda notice: notices.append(diagnostics(type("N", (), {"diag": notice}))))
        parameters(connection)
        for part in (values, pipelines, cursors, copies, errors, prepared):
            part(connection)
        connection.execute("SELECT warn_and_add(1, 2)")
        connection.execute("DROP TABLE IF EXISTS never_there")
        show("notices", notices)
        connection.execute("SET TIME ZONE 'Asia/Tokyo'")
        connection.execute("SET application_name = 'renamed'")
        parameters(connection)
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier("Bell 1")))
        connection.commit()
        connection.execute("""SELECT pg_notify('Bell 1', 'rung ' || n) FROM generate_series(1, 5) AS n""")
        connection.commit()
        heard = connection.notifies(timeout=10, stop_after=5)
        show("heard", [(n.channel, n.payload, n.pid == connection.info.backend_pid) for n in heard])
    with psycopg.connect("", autocommit=True, options='-c search_path="a\\ b",public -c my.own=x=y') as connection:
        show("options", connection.execute("SHOW search_path").fetchall(), connection.execute("SHOW my.own").fetchall())
        fails("vacuum", lambda: connection.execute("VACUUM scratch").statusmessage)
        with connection.transaction(force_rollback=True):
            connection.execute("INSERT INTO scratch VALUES (1)")
        show("nothing", connection.execute("SELECT count(*) FROM scratch").fetchall())
    fails("no such database", lambda: psycopg.connect("dbname=nowhere"))
    fails("no such parameter", lambda: psycopg.connect("options='-c no_such=1'"))


main()
