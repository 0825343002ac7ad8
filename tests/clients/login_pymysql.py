"""Can PyMySQL log in? Prints what a query returns, or the error."""

import os
import ssl

import pymysql

tls = None
if os.environ["MYSQL_TLS"] == "yes":
    tls = ssl.create_default_context()
    tls.check_hostname = False
    tls.verify_mode = ssl.CERT_NONE
try:
    connection = pymysql.connect(
        host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]), user=os.environ.get("MYSQL_USER", "app"),
        password=os.environ["MYSQL_PASSWORD"], ssl=tls, connect_timeout=15,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT 7 AS a")
        print("in", cursor.fetchall())
    connection.close()
except pymysql.err.Error as error:
    print("error", *error.args)
except RuntimeError as error:
    # It needs another package for RSA, and says so.
    print("cannot", error)
