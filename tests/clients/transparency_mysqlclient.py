"""Which answers does mysqlclient (MariaDB's C library) get? Prints everything a program could see, in order."""

import os

import MySQLdb
from MySQLdb.constants import CLIENT
from MySQLdb.cursors import DictCursor, SSCursor


def show(title, *values):
    print(title, *[repr(value) for value in values], sep=" | ")


def connect(**more):
    options = dict(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="app", password=os.environ["MYSQL_PASSWORD"],
        database="shop", charset="utf8mb4", client_flag=CLIENT.MULTI_STATEMENTS, connect_timeout=15,
    )
    return MySQLdb.connect(**(options | more))


def fails(title, act):
    try:
        show(title + " returned", act())
    except MySQLdb.MySQLError as error:
        show(title, type(error).__name__, error.args)


def sets(cursor):
    while True:
        show("set", cursor.description, cursor.rowcount, cursor.lastrowid, cursor.fetchall())
        if not cursor.nextset():
            break


def values(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM customers WHERE id < %s ORDER BY id", [6])
    sets(cursor)
    cursor.execute("SELECT 1 AS a; INSERT INTO scratch (label) VALUES ('x'), ('y'); SELECT 2, 3")
    sets(cursor)
    cursor.execute("CALL three_results()")
    sets(cursor)
    cursor.callproc("doubled", [21, 0])
    cursor.execute("SELECT @_doubled_1")
    sets(cursor)
    cursor.executemany("INSERT INTO scratch (label, amount) VALUES (%s, %s)", [(f"many {n}", n) for n in range(40)])
    show("many", cursor.rowcount, connection.affected_rows(), connection.info())
    cursor.execute("SELECT REPEAT('x', 300), NULL, HEX(%s), %s", [b"\x00\xff\xfe", "naïve ✓"])
    sets(cursor)
    cursor.execute("INSERT IGNORE INTO customers (id, name) VALUES (1, 'again')")
    show("warnings", cursor.rowcount, connection.warning_count(), connection.show_warnings())
    connection.rollback()
    cursor = connection.cursor(DictCursor)
    cursor.execute("SELECT id, city FROM customers WHERE city IS NULL ORDER BY id LIMIT 3")
    show("as names", cursor.fetchall())


def failures(connection):
    cursor = connection.cursor()
    for text in ["SELEC", "SELECT no_such", "SELECT * FROM no_such", "INSERT INTO customers VALUES (1)", "CALL fails()"]:
        fails(text, lambda: (cursor.execute(text), cursor.fetchall(), cursor.nextset()))
        fails("rest of " + text, lambda: cursor.fetchall())
        cursor.close()
        cursor = connection.cursor()
    show("alive", connection.ping(), connection.errno(), connection.error())


def transactions(connection):
    cursor = connection.cursor()
    for text in ["BEGIN", "SELECT 1", "INSERT INTO scratch (label) VALUES ('undone')", "ROLLBACK", "SELECT COUNT(*) FROM scratch"]:
        cursor.execute(text)
        show(text, cursor.rowcount, cursor.fetchall())
    connection.autocommit(True)
    show("autocommit", connection.get_autocommit())
    connection.autocommit(False)


def streams(connection):
    cursor = connection.cursor(SSCursor)
    cursor.execute("SELECT seq, REPEAT('z', seq % 100) FROM seq_1_to_5000")
    show("first", cursor.fetchone(), cursor.fetchmany(2))
    show("rest", sum(len(row[1]) for row in cursor.fetchall()))
    cursor.close()


def others(connection):
    show("character set", connection.character_set_name(), connection.get_character_set_info())
    connection.set_character_set("latin1")
    cursor = connection.cursor()
    cursor.execute("SELECT @@character_set_client, %s", ["grüße"])
    show("latin1", cursor.fetchall())
    connection.select_db("other")
    cursor.execute("SELECT DATABASE()")
    show("database", cursor.fetchall())
    fails("no database", lambda: connection.select_db("no_such"))
    show("statistics", connection.stat()[:7])
    connection.change_user("bob", os.environ["MYSQL_PASSWORD"], "shop")
    cursor.execute("SELECT CURRENT_USER(), DATABASE()")
    show("another", cursor.fetchall())
    fails("wrong", lambda: connection.change_user("bob", "wrong", "shop"))


def main():
    connection = connect()
    show("server", connection.get_server_info(), connection.get_proto_info())
    for part in [values, failures, transactions, streams, others]:
        print("---", part.__name__)
        part(connection)
    fails("wrong password", lambda: connect(password="wrong"))
    fails("no such database", lambda: connect(database="no_such"))
    again = connect()
    cursor = again.cursor()
    cursor.execute("TRUNCATE shop.scratch")
    again.close()


main()
