"""Can a program log in at all? Everything else is said by libpq's environment variables."""

import psycopg

with psycopg.connect("") as connection:
    connection.execute("SELECT 1")
    print("logged in with TLS" if connection.pgconn.ssl_in_use else "logged in without TLS")
