"""Does a session that a pool resets and hands out again still only read? Prints what each user of it could do."""

import os

import mysql.connector
from mysql.connector.pooling import MySQLConnectionPool

pool = MySQLConnectionPool(
    pool_name="readers", pool_size=1, pool_reset_session=True, host="127.0.0.1", port=int(os.environ["MYSQL_PORT"]),
    user="app", password=os.environ["MYSQL_PASSWORD"], database="shop", use_pure=True, ssl_disabled=True,
    auth_plugin="mysql_native_password", connection_timeout=15,
)
for turn in range(3):
    connection = pool.get_connection()
    cursor = connection.cursor()
    cursor.execute("SELECT @@tx_read_only, @kept, CONNECTION_ID() = %s", (connection.connection_id,))
    print(cursor.fetchall())
    cursor.execute("SET @kept = 7")
    try:
        cursor.execute("INSERT INTO scratch (label) VALUES ('pooled')")
        print("written")
    except mysql.connector.Error as error:
        print(error.errno, error.sqlstate)
    cursor.close()
    # Back into the pool, which says COM_RESET_CONNECTION.
    connection.close()
