"""Which answers does MySQL's own connector for Python get? Prints everything a program could see, in
order."""

import datetime
import decimal
import os

import mysql.connector


def show(title, *values):
    print(title, *[repr(value) for value in values], sep=" | ")


def connect(**more):
    options = dict(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="app", password=os.environ["MYSQL_PASSWORD"],
        database="shop", use_pure=True, ssl_disabled=True, connection_timeout=15, allow_local_infile=True,
        auth_plugin="mysql_native_password", charset="utf8mb4", collation="utf8mb4_general_ci",
    )
    return mysql.connector.connect(**(options | more))


def fails(title, act):
    try:
        show(title + " returned", act())
    except mysql.connector.Error as error:
        show(title, type(error).__name__, error.errno, error.sqlstate, error.msg)


def prepared(connection):
    cursor = connection.cursor(prepared=True)
    cursor.execute("SELECT id, name, city, born, balance FROM customers WHERE id < %s ORDER BY id", (6,))
    show("prepared", cursor.column_names, cursor.fetchall())
    # The same statement again, with other types.
    cursor.execute("SELECT id, name, city, born, balance FROM customers WHERE id < %s ORDER BY id", ("3",))
    show("again", cursor.fetchall())
    values = (1, -2.5, "naïve ✓", b"\x00\xff", None, decimal.Decimal("12.50"), datetime.date(2024, 2, 29))
    cursor.execute("SELECT %s, %s, %s, %s, %s, %s, %s", values)
    show("kinds", cursor.fetchall())
    cursor.execute("INSERT INTO scratch (label, amount) VALUES (%s, %s)", ("prepared", 1.5))
    show("inserted", cursor.rowcount, cursor.lastrowid > 0)
    fails("no such", lambda: cursor.execute("SELECT no_such FROM customers WHERE id = %s", (1,)))
    fails("not SQL", lambda: cursor.execute("SELEC %s", (1,)))
    # Longer than a packet, by COM_STMT_SEND_LONG_DATA where the driver uses it.
    cursor.execute("SELECT LENGTH(%s), MD5(%s)", (b"\xfe" * 300_000, b"\xfb" * 20_000_000))
    show("long", cursor.fetchall())
    cursor.close()


def texts(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM customers WHERE id IN (%s, %s)", (5, 10))
    show("rows", cursor.column_names, cursor.fetchall(), cursor.rowcount)
    cursor.execute("UPDATE customers SET balance = balance + 1 WHERE id < 10")
    show("updated", cursor.rowcount, connection.in_transaction)
    connection.rollback()
    cursor.callproc("three_results")
    show("results", [result.fetchall() for result in cursor.stored_results()])
    fails("signal", lambda: cursor.callproc("fails"))
    connection.reset_session()
    cursor = connection.cursor(dictionary=True)
    cursor.execute("SHOW COLUMNS FROM customers")
    show("columns", cursor.fetchall())
    cursor.close()


def sessions(connection):
    cursor = connection.cursor()
    cursor.execute("SET @kept = 7")
    show("id", connection.connection_id > 0)
    connection.cmd_change_user("bob", os.environ["MYSQL_PASSWORD"], "other")
    cursor = connection.cursor()
    cursor.execute("SELECT CURRENT_USER(), DATABASE(), @kept")
    show("changed", cursor.fetchall())
    connection.cmd_reset_connection()
    cursor = connection.cursor()
    cursor.execute("SELECT CURRENT_USER(), DATABASE()")
    show("reset", cursor.fetchall())
    show("ping", connection.ping())


def main():
    connection = connect()
    show("server", connection.server_info)
    for part in [prepared, texts, sessions]:
        print("---", part.__name__)
        part(connection)
    fails("change", lambda: connection.cmd_change_user("bob", "wrong", "other"))
    fails("wrong", lambda: connect(password="wrong"))
    connection = connect()
    cursor = connection.cursor()
    cursor.execute("TRUNCATE shop.scratch")
    connection.close()


main()
