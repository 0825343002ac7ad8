"""What MySQL's own connector says beside statements: attributes of queries and of prepared statements.

MYSQL_C=yes takes Oracle's library in C instead of the driver's own Python.
"""

import datetime
import os
from decimal import Decimal

IN_C = os.environ.get("MYSQL_C") == "yes"
if IN_C:
    # Ahead of everything that loads the system's TLS library, which may be older than the one it needs.
    import _mysql_connector  # noqa: F401

import mysql.connector

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

connection = mysql.connector.connect(
    host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="nobody", password="", database="shop",
    use_pure=not IN_C, ssl_disabled=True, connection_timeout=15,
)
cursor = connection.cursor()
cursor.execute("UPDATE t SET a = 1")
cursor.add_attribute("on_behalf_of", "ada@example.org")
cursor.add_attribute("traceparent", PARENT)
cursor.execute("UPDATE t SET a = 2")
cursor.clear_attributes()
# One of each type, and a text of which an attribute looks like a statement.
for name, value in [
    ("text", "DROP TABLE t"), ("long", "x" * 300), ("tiny", 7), ("small", -300), ("integer", 70_000),
    ("large", 2**40), ("float", 1.5), ("decimal", Decimal("12.30")), ("bytes", b"\x00\xff"),
    ("moment", datetime.datetime(2026, 11, 21, 20, 5, 6, 7)), ("day", datetime.date(2026, 11, 21)),
    ("span", datetime.timedelta(hours=-26)), ("on_behalf_of", "bob"),
]:
    cursor.add_attribute(name, value)
cursor.execute("UPDATE t SET a = 3 /*on_behalf_of='eve',traceparent='" + PARENT + "'*/")
# They are the connection's, and stay until they are taken back.
cursor.clear_attributes()
cursor.close()

prepared = connection.cursor(prepared=True)
prepared.execute("UPDATE t SET a = %s", (4,))
prepared.add_attribute("on_behalf_of", "cyd")
prepared.execute("UPDATE t SET a = %s", (5,))
prepared.close()
connection.close()
