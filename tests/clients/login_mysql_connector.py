"""Can MySQL's own connector log in? Prints what a query returns, or the error."""

import os

import mysql.connector

try:
    connection = mysql.connector.connect(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user="app", password=os.environ["MYSQL_PASSWORD"],
        use_pure=True, ssl_disabled=os.environ["MYSQL_TLS"] == "no", connection_timeout=15,
    )
    cursor = connection.cursor()
    cursor.execute("SELECT 7 AS a")
    print("in", cursor.fetchall(), connection.is_secure)
    connection.close()
except mysql.connector.Error as error:
    print("error", error.errno, error.sqlstate, error.msg)
