"""Which answers does a program get through psqlODBC? Prints everything it could see, in order."""

import os

import pyodbc

SETTINGS = {
    "DRIVER": "{PostgreSQL Unicode}",
    "SERVER": os.environ["PGHOST"],
    "PORT": os.environ["PGPORT"],
    "UID": os.environ["PGUSER"],
    "PWD": os.environ["PGPASSWORD"],
    "DATABASE": os.environ["PGDATABASE"],
    "SSLmode": "disable",
}


def connected(**more):
    pairs = {**SETTINGS, **more}
    return pyodbc.connect(";".join(f"{name}={value}" for name, value in pairs.items()), autocommit=False)


def shown(cursor):
    columns = [(column[0], column[1].__name__, column[3:]) for column in cursor.description or []]
    print("  columns", columns)
    for row in cursor.fetchall() if cursor.description else []:
        print("  row", tuple(row))


def catalog(connection):
    """What tools ask ODBC itself; each is a query of the driver's own."""
    cursor = connection.cursor()
    for title, ask in {
        "tables": lambda: cursor.tables(),
        "tables of a schema": lambda: cursor.tables(schema="public", tableType="TABLE"),
        "views": lambda: cursor.tables(schema="reports", tableType="VIEW"),
        "catalogs": lambda: cursor.tables(catalog="%", schema="", table=""),
        "schemas": lambda: cursor.tables(catalog="", schema="%", table=""),
        "columns": lambda: cursor.columns(schema="public", table="customers"),
        "columns of odd names": lambda: cursor.columns(schema="public", table="drop table"),
        "primary keys": lambda: cursor.primaryKeys("lines", schema="public"),
        "foreign keys to": lambda: cursor.foreignKeys(table="customers", schema="public"),
        "foreign keys from": lambda: cursor.foreignKeys(foreignTable="lines", foreignSchema="public"),
        "statistics": lambda: cursor.statistics("products", schema="public"),
        "row ids": lambda: cursor.rowIdColumns("customers", schema="public"),
        "row versions": lambda: cursor.rowVerColumns("customers", schema="public"),
        "procedures": lambda: cursor.procedures(schema="public", procedure="net%"),
        "parameters": lambda: cursor.procedureColumns(schema="public", procedure="net_price"),
        "types": lambda: cursor.getTypeInfo(),
    }.items():
        print(title)
        ask()
        shown(cursor)
    connection.commit()


def queries(connection):
    cursor = connection.cursor()
    for text, values in [
        ("SELECT id, name, born, mood, settings FROM customers ORDER BY id LIMIT 7", ()),
        ("SELECT id, name FROM customers WHERE id = ? OR name = ?", (3, "customer 5")),
        ("SELECT CAST(? AS numeric), CAST(? AS text), CAST(? AS date)", ("1.50", None, "2024-02-29")),
        ("SELECT n, repeat('x', n) FROM generate_series(1, 1000) AS n", ()),
        ("SELECT WHERE false", ()),
        ('SELECT "customers"."mood"::text, COUNT(1) AS "cnt:ok" FROM "public"."customers" "customers" GROUP BY 1 ORDER BY 1', ()),
    ]:
        print(text)
        cursor.execute(text, *values)
        shown(cursor)
    # Left in the middle: with cursors the server has rows left.
    cursor.execute("SELECT generate_series(1, 5000)")
    print("first", [tuple(row) for row in cursor.fetchmany(3)])
    cursor.close()
    connection.commit()
    another = connection.cursor()
    for n in range(12):
        another.execute("SELECT name FROM customers WHERE id = ?", n)
        print("prepared", another.fetchall())
    connection.rollback()


def failures(connection):
    cursor = connection.cursor()
    for text in ["SELECT 1/0", "SELECT no_such", "SELECT CAST('x' AS int)"]:
        try:
            cursor.execute(text)
            shown(cursor)
        except pyodbc.Error as error:
            print(text, "|", error.args)
        # After a failure: with savepoints the transaction goes on, without it does not.
        try:
            cursor.execute("SELECT 1 AS after_it")
            shown(cursor)
        except pyodbc.Error as error:
            print("after it |", error.args)
            connection.rollback()
    connection.rollback()


for more in [{}, {"UseDeclareFetch": "1", "Fetch": "100", "Protocol": "7.4-2"}, {"UseServerSidePrepare": "0", "Protocol": "7.4-0"}]:
    print("settings", more)
    connection = connected(ApplicationName="odbc", **more)
    for name in (pyodbc.SQL_DBMS_NAME, pyodbc.SQL_DBMS_VER, pyodbc.SQL_DRIVER_VER, pyodbc.SQL_TXN_CAPABLE):
        print("information", connection.getinfo(name))
    if not more:
        catalog(connection)
    queries(connection)
    failures(connection)
    connection.close()
