"""Can MySQL's own connector log in? Prints what a query returns, or the error.

MYSQL_C=yes takes Oracle's library in C instead of the driver's own Python.
"""

import os

IN_C = os.environ.get("MYSQL_C") == "yes"
if IN_C:
    # Ahead of everything that loads the system's TLS library, which may be older than the one it needs.
    import _mysql_connector  # noqa: F401

import mysql.connector

secrets = {"password": os.environ["MYSQL_PASSWORD"]}
if "MYSQL_PASSWORD_2" in os.environ:
    secrets = {"password1": os.environ["MYSQL_PASSWORD"], "password2": os.environ["MYSQL_PASSWORD_2"]}
try:
    connection = mysql.connector.connect(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user=os.environ.get("MYSQL_USER", "app"), **secrets,
        use_pure=not IN_C, ssl_disabled=os.environ["MYSQL_TLS"] == "no", connection_timeout=15,
    )
    cursor = connection.cursor()
    cursor.execute("SELECT 7 AS a")
    print("in", cursor.fetchall(), connection.is_secure)
    connection.close()
except mysql.connector.Error as error:
    print("error", error.errno, error.sqlstate, error.msg)
