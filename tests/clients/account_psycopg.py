"""Runs statements as psycopg 3 sends them. Prints the mark and the ending of each: `MARK ok`."""

import os
import random
import sys

import psycopg
from psycopg import ClientCursor

client, rounds = int(sys.argv[1]), int(sys.argv[2])
rolled = random.Random(client)
number = 0


def mark():
    global number
    number += 1
    return f"m{client:02d}x{number:05d}"


def tell(name, ending="ok"):
    print(name, ending)


def fails(connection, name, statement, values=None):
    try:
        connection.execute(statement, values)
    except psycopg.Error as error:
        tell(name, error.sqlstate)
        return
    raise SystemExit(f"{statement} did not fail")


def prepared(connection):
    name = mark()
    for n in range(rolled.randrange(2, 5)):
        connection.execute(f"SELECT %s::int AS {name}", [n], prepare=True).fetchall()
        tell(name)


def pipeline(connection):
    with connection.pipeline():
        names = [mark() for _ in range(rolled.randrange(2, 9))]
        for name in names:
            connection.execute(f"INSERT INTO load AS {name} (owner, n) VALUES (%s, %s)", [client, 1])
    for name in names:
        tell(name)


def broken_pipeline(connection):
    first, second, third = mark(), mark(), mark()
    try:
        with connection.pipeline():
            connection.execute(f"SELECT 1 AS {first}")
            connection.execute(f"SELECT %s::text::int AS {second}", [f"no number {second}"])
            connection.execute(f"INSERT INTO load AS {third} (owner) VALUES (1)")
    except psycopg.Error as error:
        tell(first)
        tell(second, error.sqlstate)


def transaction(connection):
    name, lost = mark(), mark()
    try:
        with connection.transaction():
            connection.execute(f"UPDATE load AS {name} SET n = n + 1 WHERE owner = %s", [client])
            tell(name)
            fails(connection, lost, f"SELECT 1 FROM {lost}")
            raise psycopg.Rollback
    except psycopg.Error:
        pass


def several(connection):
    names = [mark() for _ in range(3)]
    ClientCursor(connection).execute("; ".join(f"SELECT {n} AS {name}" for n, name in enumerate(names)))
    for name in names:
        tell(name)


def copies(connection):
    name = mark()
    connection.execute(f"CREATE TEMP TABLE {name} (id int, label text)")
    tell(name)
    with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for n in range(20):
            copy.write_row((n, "row"))
    tell(name)
    with connection.cursor().copy(f"COPY (SELECT * FROM {name}) TO STDOUT (FORMAT binary)") as copy:
        for _ in copy:
            pass
    tell(name)




def cursor(connection):
    name = mark()
    with connection.transaction():
        with connection.cursor(name) as rows:
            rows.execute("SELECT generate_series(1, %s)", [10])
            rows.fetchmany(4)
            rows.fetchall()
    # DECLARE, FETCH, FETCH and CLOSE: each names the cursor.
    for _ in range(4):
        tell(name)


def many(connection):
    name = mark()
    connection.cursor().executemany(
        f"INSERT INTO load AS {name} (owner, n) VALUES (%s, %s)", [(client, n) for n in range(5)]
    )
    for _ in range(5):
        tell(name)


def errors(connection):
    for statement, values in [
        ("SELECT {}", None),
        ("SELEC 1 AS {}", None),
        ("INSERT INTO keys AS {0} VALUES ('{0}'), ('{0}')", None),
        ("SELECT %s::text::int AS {}", ["no number"]),
    ]:
        name = mark()
        fails(connection, name, statement.format(name), values)


KINDS = [prepared, pipeline, broken_pipeline, transaction, several, copies, cursor, many, errors]

with psycopg.connect("", autocommit=True) as connection:
    for _ in range(rounds):
        rolled.choice(KINDS)(connection)
