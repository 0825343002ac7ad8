"""Which answers does psycopg 2 get? Prints everything a program could see, in order."""

import decimal
import io
import os
import select
import tempfile
import threading
import uuid

import psycopg2
import psycopg2.extras
from psycopg2 import extensions, sql

from seen import NONSENSE, READS, fails, show

# The object that the first run makes, and the second only reads.
OBJECT = 990_001
NAMES = [
    "server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only",
    "in_hot_standby", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone",
    "integer_datetimes", "standard_conforming_strings", "scram_iterations",
]


# As bytes, which print as they are; a memoryview prints as its address.
BYTES = extensions.new_type((17,), "BYTES", lambda value, cursor: None if value is None else bytes(psycopg2.BINARY(value, cursor)))
extensions.register_type(BYTES)


def columns(cursor):
    return [tuple(column) for column in cursor.description or []]


def refused(title, act):
    fails(psycopg2.Error, title, act)


def parameters(connection):
    show("parameters", [(name, connection.get_parameter_status(name)) for name in NAMES])
    show("connection", connection.server_version, connection.protocol_version, connection.encoding, connection.status)


def values(connection):
    psycopg2.extras.register_uuid(conn_or_curs=connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM customers WHERE id < %s ORDER BY id", [6])
        show("rows", columns(cursor), cursor.statusmessage, cursor.rowcount, cursor.fetchall())
        given = [1, "naïve ✓", b"\x00\xff", 1.5, decimal.Decimal("12.50"), [1, None, 3], None, True, uuid.UUID(int=7)]
        cursor.execute(
            "SELECT %s::int, %s::text, %s::bytea, %s::float8, %s::numeric, %s::int[], %s::date, %s::bool, %s::uuid", given
        )
        show("kinds", columns(cursor), cursor.fetchall())
        cursor.execute("SELECT '[2024-01-01,2024-02-01)'::daterange, '{\"a\": [1]}'::jsonb, now() IS NOT NULL, '3 days'::interval")
        show("adapted", cursor.fetchall())
        cursor.execute("SELECT 1; SELECT 2 AS last")
        show("last of several", columns(cursor), cursor.fetchall())
        show("mogrified", cursor.mogrify("SELECT %s, %s", ["it's", None]))
    for factory in (psycopg2.extras.RealDictCursor, psycopg2.extras.NamedTupleCursor):
        with connection.cursor(cursor_factory=factory) as cursor:
            cursor.execute("SELECT id, name FROM customers WHERE id < 4 ORDER BY id")
            show("factory", [list(row.values()) if isinstance(row, dict) else row for row in cursor.fetchall()])
    connection.rollback()


def cursors(connection):
    with connection.cursor(name="paged") as cursor:
        cursor.itersize = 37
        cursor.execute("SELECT id, name FROM customers ORDER BY id")
        show("paged", cursor.fetchmany(3), sum(1 for _ in cursor), columns(cursor))
    with connection.cursor(name="moved", scrollable=True) as cursor:
        cursor.execute("SELECT id FROM customers ORDER BY id")
        cursor.scroll(100)
        show("moved", cursor.fetchone(), cursor.scroll(-50), cursor.fetchmany(2), cursor.rownumber)
        refused("beyond", lambda: cursor.scroll(-500))
    connection.rollback()
    cursor = connection.cursor(name="held", withhold=True)
    cursor.execute("SELECT id FROM customers ORDER BY id LIMIT 10")
    connection.commit()
    show("held", cursor.fetchall())
    cursor.close()
    connection.commit()


def copies_out(connection):
    with connection.cursor() as cursor:
        out = io.StringIO()
        cursor.copy_to(out, "customers", columns=("id", "name", "city"))
        show("copied out", len(out.getvalue()), out.getvalue()[:300], cursor.rowcount)
        out = io.BytesIO()
        cursor.copy_expert("COPY (SELECT id, balance FROM customers ORDER BY id LIMIT 9) TO STDOUT (FORMAT binary)", out)
        show("binary out", out.getvalue())
    connection.rollback()


def copies_in(connection):
    with connection.cursor() as cursor:
        cursor.copy_from(io.StringIO("".join(f"{n}\tlabel {n}\t{n / 4}\n" for n in range(3000))), "scratch")
        show("copied in", cursor.statusmessage, cursor.rowcount)
        cursor.execute("SELECT count(*), sum(id), max(label) FROM scratch")
        show("counted", cursor.fetchall())
        bad = io.StringIO("1\nnot a number\n")
        refused("a bad line", lambda: cursor.copy_expert("COPY scratch (id) FROM STDIN", bad))
    connection.rollback()


def objects(connection):
    """Large objects: libpq calls their functions by number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = %s", [OBJECT])
    one = connection.lobject(0, "wb", OBJECT)
    show("made", one.oid, one.mode, one.closed)
    show("written", one.write(b"0123456789" * 20_000), one.tell(), one.seek(-10, 2), one.write(b"the end."), one.tell())
    one.truncate(199_998)
    one.close()
    again = connection.lobject(OBJECT, "rwb")
    show("read", again.read(12), again.seek(199_985), again.read(), again.seek(0, 2), again.write(b"!"), again.tell())
    again.close()
    connection.commit()
    with tempfile.TemporaryDirectory() as folder:
        brought = os.path.join(folder, "brought")
        with open(brought, "wb") as file:
            file.write(bytes(range(256)) * 1000)
        imported = connection.lobject(0, "rwb", 0, brought)
        show("imported", imported.seek(0, 2))
        taken = os.path.join(folder, "taken")
        imported.export(taken)
        with open(brought, "rb") as left, open(taken, "rb") as right:
            show("exported", left.read() == right.read())
        imported.unlink()
    connection.commit()
    unnamed = connection.lobject(0, "wt")
    show("text", unnamed.write("naïve"), unnamed.seek(0), unnamed.mode)
    connection.rollback()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_largeobject_metadata WHERE oid = %s", [unnamed.oid])
        show("rolled back", cursor.fetchall())
    connection.rollback()
    refused("taken", lambda: connection.lobject(0, "wb", OBJECT))
    connection.rollback()


def objects_read(connection):
    one = connection.lobject(OBJECT, "rb")
    show("an object", one.read(12), one.seek(199_985), one.read(), one.tell(), one.seek(0), len(one.read()))
    one.close()
    refused("no such object", lambda: connection.lobject(990_009))
    show("in an error", connection.info.transaction_status)
    connection.rollback()
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(lo_get(%s)), loid, count(*) FROM pg_largeobject WHERE loid = %s GROUP BY 2", [OBJECT, OBJECT])
        show("by SQL", cursor.fetchall())
    connection.rollback()


def errors(connection):
    for statement in [
        "SELECT 1/0", "SELECT no_such", "SELECT 'x'::int", "SELECT * FROM no_such_table", *NONSENSE,
    ]:
        with connection.cursor() as cursor:
            refused(statement, lambda: cursor.execute(statement))
            show("state", connection.info.transaction_status)
            refused("after", lambda: cursor.execute("SELECT 1"))
        connection.rollback()


def written_errors(connection):
    for statement in [
        "INSERT INTO customers VALUES (1, 'x')", "INSERT INTO orders VALUES (0, 999999, 1, '2024-01-01')",
        "UPDATE orders SET amount = -1", "INSERT INTO customers (id) VALUES (-1)", "SELECT no_such(1)",
    ]:
        with connection.cursor() as cursor:
            refused(statement, lambda: cursor.execute(statement))
        connection.rollback()


def writes(connection):
    with connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, "INSERT INTO scratch (id, label) VALUES %s RETURNING id", [(n, f"v {n}") for n in range(250)])
        show("values", cursor.rowcount, len(cursor.fetchall()))
        psycopg2.extras.execute_batch(cursor, "UPDATE scratch SET amount = %s WHERE id = %s", [(n / 2, n) for n in range(250)])
        cursor.executemany("DELETE FROM scratch WHERE id = %s", [(n,) for n in range(0, 250, 7)])
        cursor.execute("SELECT count(*), sum(amount) FROM scratch")
        show("written", cursor.fetchall())
        cursor.execute("SAVEPOINT one")
        refused("in a savepoint", lambda: cursor.execute("SELECT 1/0"))
        cursor.execute("ROLLBACK TO one")
        cursor.execute("DROP TABLE IF EXISTS never_there")
        cursor.execute("SELECT warn_and_add(1, 2)")
        show("notices", cursor.fetchall(), connection.notices)
    connection.rollback()
    xid = connection.xid(42, "global", "branch")
    connection.tpc_begin(xid)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO scratch (id) VALUES (77)")
    connection.tpc_prepare()
    with psycopg2.connect("") as other:
        show("prepared", [str(one) for one in other.tpc_recover()])
    connection.tpc_commit()
    connection.tpc_begin(connection.xid(42, "global", "other"))
    connection.tpc_rollback()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM scratch RETURNING *")
        show("two phases", cursor.fetchall())
    connection.commit()


def notifies(connection):
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("LISTEN {}").format(sql.Identifier("Bell 2")))
        cursor.execute("SELECT pg_notify('Bell 2', 'rung ' || n) FROM generate_series(1, 5) AS n")
        cursor.execute("UNLISTEN *")
    connection.poll()
    show("heard", [(one.channel, one.payload, one.pid == connection.info.backend_pid) for one in connection.notifies])
    connection.autocommit = False


def sessions(connection):
    connection.set_session(isolation_level="SERIALIZABLE", readonly=True, deferrable=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_setting('transaction_deferrable')")
        show("set session", cursor.fetchall())
    connection.rollback()
    connection.set_session(isolation_level="DEFAULT", readonly="DEFAULT", deferrable="DEFAULT")
    connection.set_client_encoding("LATIN1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s, convert_to('é', 'LATIN1')", ["é"])
        show("latin", connection.encoding, cursor.fetchall())
    connection.rollback()
    connection.reset()
    show("reset", connection.encoding, connection.isolation_level, connection.readonly)
    parameters(connection)


def cancelled(connection):
    """Ends a statement of `connection` from another thread, as soon as the server runs it."""
    pid = connection.info.backend_pid

    def when_it_runs():
        with psycopg2.connect("") as other, other.cursor() as cursor:
            ask = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
            while True:
                cursor.execute(ask, [pid])
                if cursor.fetchone()[0]:
                    break
                other.rollback()
        connection.cancel()

    thread = threading.Thread(target=when_it_runs)
    thread.start()
    with connection.cursor() as cursor:
        refused("cancelled", lambda: cursor.execute("SELECT pg_sleep(60)"))
    thread.join()
    connection.rollback()


def asynchronous():
    connection = psycopg2.connect("", async_=True)

    def wait():
        while (state := connection.poll()) != extensions.POLL_OK:
            if state == extensions.POLL_READ:
                select.select([connection], [], [], 10)
            else:
                select.select([], [connection], [], 10)

    wait()
    cursor = connection.cursor()
    for statement in ("SELECT n, repeat('x', n) FROM generate_series(1, 40) AS n", "SELECT 42 AS answer"):
        cursor.execute(statement)
        wait()
        show("asynchronous", columns(cursor), cursor.fetchall())
    cursor.execute("SELECT 1/0")
    refused("asynchronously", wait)
    connection.close()


def large_objects_refused():
    """What a reader may not do with large objects: shows each error and that the session goes on."""
    connection = psycopg2.connect("")
    opened = []

    def for_writing():
        # Kept until the transaction is over: what is dropped before would be closed in it.
        opened.append(connection.lobject(OBJECT, "wb"))
        return opened[-1]

    tries = {
        "make": lambda: connection.lobject(),
        "make with a number": lambda: connection.lobject(0, "wb", 990_002),
        "write": lambda: for_writing().write(b"overwritten"),
        "cut": lambda: for_writing().truncate(1),
        "unlink": lambda: connection.lobject(OBJECT, "n").unlink(),
        "import": lambda: connection.lobject(0, "rb", 0, __file__),
    }
    for title, act in tries.items():
        refused(title, act)
        show("state", connection.info.transaction_status)
        with connection.cursor() as cursor:
            refused("after", lambda: cursor.execute("SELECT 1"))
        connection.rollback()
        show("goes on", connection.lobject(OBJECT, "rb").read(5))
        connection.rollback()
    connection.close()


def main():
    if os.environ.get("CLIENT_MODE") == "refused":
        return large_objects_refused()
    connection = psycopg2.connect("")
    parameters(connection)
    values(connection)
    cursors(connection)
    copies_out(connection)
    if not READS:
        copies_in(connection)
        objects(connection)
        written_errors(connection)
        writes(connection)
        notifies(connection)
    objects_read(connection)
    errors(connection)
    cancelled(connection)
    sessions(connection)
    connection.close()
    asynchronous()


main()
