"""Prepared statements of MySQL's own connector, with a value of each type it knows."""

import datetime
import os
from decimal import Decimal

import mysql.connector

connection = mysql.connector.connect(
    host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="app", password=os.environ["MYSQL_PASSWORD"],
    database="shop", use_pure=True, connection_timeout=15, charset="utf8mb4", collation="utf8mb4_general_ci",
)
cursor = connection.cursor(prepared=True)
values = (
    1, -2, 300, -70_000, 2**40, 2**64 - 1, 1.5, Decimal("12.30"), "it's ü", b"\x00\xff", None,
    datetime.datetime(2026, 11, 21, 20, 5, 6, 7), datetime.date(2026, 11, 21), datetime.timedelta(hours=26),
)
cursor.execute("SELECT " + ", ".join(["%s"] * len(values)), values)
cursor.fetchall()
connection.close()
