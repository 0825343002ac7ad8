"""Which answers does PyMySQL get? Prints everything a program could see, in order."""

import os
import tempfile

import pymysql
from pymysql.constants import CLIENT
from pymysql.cursors import SSCursor


def show(title, *values):
    print(title, *[repr(value) for value in values], sep=" | ")


def connect(**more):
    options = dict(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="app", password=os.environ["MYSQL_PASSWORD"],
        database="shop", local_infile=True, client_flag=CLIENT.MULTI_STATEMENTS, program_name="pymysql",
        ssl_disabled=True, connect_timeout=15, read_timeout=60,
    )
    return pymysql.connect(**(options | more))


def fails(title, act):
    try:
        show(title + " returned", act())
    except pymysql.MySQLError as error:
        show(title, type(error).__name__, error.args)


def sets(cursor):
    while True:
        show("set", cursor.description, cursor.rowcount, cursor.lastrowid, cursor.fetchall())
        if not cursor.nextset():
            break


def values(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM customers WHERE id < %s ORDER BY id", [6])
        sets(cursor)
        cursor.execute("SELECT 1 AS a; INSERT INTO scratch (label) VALUES ('x'), ('y'); SELECT 2, 3; SELECT 1 WHERE FALSE")
        sets(cursor)
        cursor.execute("CALL three_results()")
        sets(cursor)
        cursor.callproc("doubled", [21, 0])
        cursor.execute("SELECT @_doubled_1")
        sets(cursor)
        cursor.execute("SELECT REPEAT('x', 300), NULL, %s, %s", [b"\x00\xff\xfe", "naïve ✓"])
        sets(cursor)
        cursor.execute("INSERT IGNORE INTO customers (id, name) VALUES (1, 'again')")
        show("warnings", cursor.rowcount, connection.show_warnings())
    connection.rollback()


def failures(connection):
    with connection.cursor() as cursor:
        for text in [
            "SELEC", "SELECT no_such", "SELECT * FROM no_such", "INSERT INTO customers VALUES (1)", "CALL fails()",
            "SELECT 1; SELECT no_such; SELECT 3",
        ]:
            fails(text, lambda: cursor.execute(text))
            fails("rest of " + text, lambda: (cursor.nextset(), cursor.fetchall()))
    show("alive", connection.ping(reconnect=False), connection.server_status)


def transactions(connection):
    with connection.cursor() as cursor:
        for text in ["BEGIN", "SELECT 1", "INSERT INTO scratch (label) VALUES ('undone')", "ROLLBACK", "SET autocommit = 0",
                     "SELECT COUNT(*) FROM scratch", "COMMIT", "SET autocommit = 1"]:
            cursor.execute(text)
            show(text, connection.server_status & 0x2003, cursor.fetchall())


def streams(connection):
    cursor = SSCursor(connection)
    cursor.execute("SELECT seq, REPEAT('z', seq % 100) FROM seq_1_to_5000")
    show("first", cursor.fetchone(), cursor.fetchmany(2))
    show("rest", sum(len(row[1]) for row in cursor.fetchall_unbuffered()))
    cursor.close()


def files(connection):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("".join(f"{n},label {n},{n}.5\n" for n in range(1, 501)))
        file.flush()
        with connection.cursor() as cursor:
            load = f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE scratch FIELDS TERMINATED BY ',' (id, label, amount)"
            show("loaded", cursor.execute(load))
            cursor.execute("SELECT COUNT(*), SUM(amount) FROM scratch")
            show("sum", cursor.fetchall())
            cursor.execute("TRUNCATE scratch")
            # An empty file is one empty packet.
            file.truncate(0)
            show("empty", cursor.execute(load))
            fails("missing", lambda: cursor.execute(load.replace(file.name, "/nonexistent/file")))
            fails("no table", lambda: cursor.execute(load.replace("scratch", "no_such")))
            show("after", cursor.execute("SELECT 1"), cursor.fetchall())


def sizes(connection):
    """Statements and values around the longest packet: what is longer comes in two."""
    with connection.cursor() as cursor:
        for total in [16_777_213, 16_777_214, 16_777_215, 16_777_216, 2 * 16_777_215 - 1, 2 * 16_777_215]:
            # The command's byte counts.
            head, tail = "SELECT LENGTH('", "')"
            text = head + "x" * (total - 1 - len(head) - len(tail)) + tail
            cursor.execute(text)
            show("asked", total, cursor.fetchall())
        for total in [16_777_210, 16_777_211, 16_777_212, 16_777_215, 33_554_430]:
            cursor.execute(f"SELECT REPEAT('y', {total}), 1")
            row = cursor.fetchone()
            show("answered", total, len(row[0]), row[1])


def others(connection):
    show("ping", connection.ping(reconnect=False))
    connection._execute_command(0x04, b"customers\0%")
    columns = []
    while not (packet := connection._read_packet()).is_eof_packet():
        columns.append(packet.get_all_data()[:40])
    show("columns", columns)
    show("database", connection.select_db("other"))
    fails("no database", lambda: connection.select_db("no_such"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT DATABASE(), @@character_set_client")
        show("now", cursor.fetchall())
    # COM_STATISTICS, COM_SET_OPTION, COM_DEBUG and COM_PROCESS_KILL of nobody, COM_RESET_CONNECTION.
    connection._execute_command(0x09, b"")
    show("statistics", connection._read_packet().get_all_data()[:7])
    connection._execute_command(0x1b, b"\1\0")
    show("one statement", connection._read_packet().is_eof_packet())
    with connection.cursor() as cursor:
        fails("two statements", lambda: cursor.execute("SELECT 1; SELECT 2"))
    connection._execute_command(0x0c, b"\xff\xff\xff\x7f")
    fails("kill nobody", connection._read_packet)
    connection._execute_command(0x1f, b"")
    show("reset", connection._read_packet().is_ok_packet())
    with connection.cursor() as cursor:
        cursor.execute("SELECT DATABASE(), @x")
        show("after reset", cursor.fetchall())


def main():
    connection = connect()
    show("server", connection.get_server_info(), connection.server_charset, connection.protocol_version)
    for part in [values, failures, transactions, streams, files, sizes, others]:
        print("---", part.__name__)
        part(connection)
    other = connect()
    with connection.cursor() as cursor:
        # Connection ids pass as they are.
        cursor.execute(f"KILL {other.thread_id()}")
        show("killed", cursor.rowcount)
    fails("victim", lambda: other.cursor().execute("SELECT 1"))
    fails("wrong password", lambda: connect(password="wrong"))
    fails("no such database", lambda: connect(database="no_such"))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE shop.scratch")
    connection.close()


main()
