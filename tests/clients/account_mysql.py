"""Runs statements as PyMySQL and MySQL's own connector send them. Prints the mark and the ending of each."""

import os
import random
import sys

import mysql.connector
import pymysql
from pymysql.constants import CLIENT

client, rounds = int(sys.argv[1]), int(sys.argv[2])
rolled = random.Random(client)
where = {"host": "127.0.0.1", "port": int(os.environ["MYSQL_PORT"]), "password": os.environ["MYSQL_PASSWORD"]}


class Marks:
    def __init__(self, of):
        self.of, self.number = of, 0

    def __call__(self):
        self.number += 1
        return f"m{self.of:02d}x{self.number:05d}"


def tell(name, ending="ok"):
    print(name, ending)


def texts(marks, rounds):
    connection = pymysql.connect(
        **where, user="app", database="shop", client_flag=CLIENT.MULTI_STATEMENTS, program_name=f"pymysql {client}"
    )

    def run(statement, *names):
        cursor = connection.cursor()
        cursor.execute(statement)
        while cursor.nextset():
            pass
        for name in names:
            tell(name)

    def fails(statement, name):
        try:
            connection.cursor().execute(statement)
        except pymysql.MySQLError as error:
            tell(name, {1146: "42S02", 1064: "42000", 1062: "23000"}[error.args[0]])
            return
        raise SystemExit(f"{statement} did not fail")

    first = marks()
    run(f"SELECT 1 AS {first}", first)
    for _ in range(rounds):
        one, two, three, four, five = (marks() for _ in range(5))
        run(f"SELECT 'a' AS {one}; SELECT 'b' AS {two}", one, two)
        run(f"INSERT INTO load_rows (owner, n) SELECT {client}, 1 AS {three}", three)
        rolled.choice([connection.commit, connection.rollback])()
        fails(f"SELECT * FROM {four}", four)
        fails(f"SELEC 1 AS {five}", five)
    connection.close()


def prepared(marks, rounds):
    connection = mysql.connector.connect(
        **where, user="bob", database="shop", autocommit=True, conn_attrs={"program_name": f"connector {client}"}
    )
    cursor = connection.cursor()
    first = marks()
    cursor.execute(f"SELECT 1 AS {first}")
    cursor.fetchall()
    tell(first)
    for _ in range(rounds):
        one, two = marks(), marks()
        cursor = connection.cursor(prepared=True)
        for n in range(rolled.randrange(1, 4)):
            cursor.execute(f"SELECT name AS {one} FROM customers WHERE id = ? AND city <> 'x'", (n,))
            cursor.fetchall()
            tell(one)
        try:
            cursor.execute(f"INSERT INTO customers (id, name) SELECT ?, 'x' AS {two}", (1,))
        except mysql.connector.Error as error:
            tell(two, error.sqlstate)
        cursor.close()
    connection.close()


texts(Marks(client), rounds)
prepared(Marks(client + 1), rounds)
