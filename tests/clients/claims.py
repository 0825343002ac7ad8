"""Statements with a comment in the manner of sqlcommenter: with parameters, and as plain text."""

import psycopg

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

with psycopg.connect("", autocommit=True) as connection:
    tags = f"/*on_behalf_of='ada',traceparent='{PARENT}'*/"
    print(connection.execute("SELECT %s::int " + tags, [1], prepare=True).fetchone())
    tags = tags.replace("ada", "bob")
    print(psycopg.ClientCursor(connection).execute("SELECT %s " + tags, [2]).fetchone())
