"""What does MySQL's own connector for Python get in a compressed connection? Prints everything a program could
see, in order. MYSQL_PURE says whether its own code speaks the protocol or Oracle's C library does."""

import os
import tempfile

if os.environ["MYSQL_PURE"] == "no":
    # First, because it needs a newer OpenSSL than the one Python has, and comes with it.
    import _mysql_connector  # noqa: F401

import mysql.connector


def show(title, *values):
    print(title, *[repr(value) for value in values], sep=" | ")


def connect(**more):
    options = dict(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="app", password=os.environ["MYSQL_PASSWORD"],
        database="shop", use_pure=os.environ["MYSQL_PURE"] == "yes", ssl_disabled=True, connection_timeout=15,
        allow_local_infile=True, compress=True, charset="utf8mb4", collation="utf8mb4_general_ci",
    )
    return mysql.connector.connect(**(options | more))


def fails(title, act):
    try:
        show(title + " returned", act())
    except mysql.connector.Error as error:
        show(title, type(error).__name__, error.errno, error.sqlstate, error.msg)


def main():
    connection = connect()
    cursor = connection.cursor()

    def ask(text, *values):
        cursor.execute(text, values)
        return cursor.fetchall()

    show("short", ask("SELECT 1"))
    show("rows", ask("SELECT * FROM customers ORDER BY id"))
    if os.environ["MYSQL_PURE"] == "no":
        # Its own code reads no packet header that lies in two frames, and no packet in more than two: it fails
        # with these before a server as well.
        cursor.execute("SELECT seq, REPEAT(CHAR(65 + seq MOD 26 USING ascii), 20) FROM seq_1_to_300000")
        rows = sums = 0
        for seq, letters in cursor:
            rows, sums = rows + 1, (sums * 31 + seq + ord(letters[7])) % 1_000_003
        show("many", rows, sums)
        (large,), = ask("SELECT REPEAT(MD5(7), 655360)")
        show("large", len(large), large[:40], large[-40:])
    show("text of several frames", ask("SELECT LENGTH(%s), MD5(%s)", "naïve ✓" * 200_000, "x" * 3_000_000))
    fails("error", lambda: ask("SELECT no_such"))
    show("after it", ask("SELECT 2"))
    cursor.callproc("three_results")
    show("results", [result.fetchall() for result in cursor.stored_results()])
    prepared = connection.cursor(prepared=True)
    for number in range(3):
        prepared.execute("SELECT id, name, born FROM customers WHERE id < %s ORDER BY id", (number * 3,))
        show("prepared", prepared.fetchall())
    prepared.close()
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.writelines(f"{number},label {number}\n" for number in range(1, 60_001))
        file.flush()
        cursor.execute("TRUNCATE scratch")
        cursor.execute(f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE scratch FIELDS TERMINATED BY ',' (id, label)")
        show("loaded", cursor.rowcount)
    show("sum", ask("SELECT COUNT(*), SUM(id), MAX(label) FROM scratch"))
    cursor.execute("TRUNCATE scratch")
    connection.close()


main()
