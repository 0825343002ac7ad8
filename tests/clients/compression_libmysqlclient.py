"""What does Oracle's C library get in a connection compressed by MYSQL_ALGORITHMS? Prints everything it could see, in
order.

The connector for Python holds the library and has no setting for zstd, so the library is called itself."""

import ctypes
import os
import pathlib

import _mysql_connector

library = ctypes.CDLL(_mysql_connector.__file__)
MYSQL_SET_CHARSET_NAME, MYSQL_OPT_LOCAL_INFILE, MYSQL_PLUGIN_DIR, MYSQL_OPT_SSL_MODE = 7, 8, 16, 35
MYSQL_OPT_COMPRESSION_ALGORITHMS, MYSQL_OPT_ZSTD_COMPRESSION_LEVEL = 41, 42
SSL_MODE_DISABLED = 1

pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_ulong
for name, returns, takes in [
    ("mysql_init", pointer, [pointer]),
    ("mysql_options", ctypes.c_int, [pointer, ctypes.c_int, pointer]),
    ("mysql_real_connect", pointer, [pointer, text, text, text, text, ctypes.c_uint, text, number]),
    ("mysql_real_query", ctypes.c_int, [pointer, text, number]),
    ("mysql_store_result", pointer, [pointer]),
    ("mysql_use_result", pointer, [pointer]),
    ("mysql_free_result", None, [pointer]),
    ("mysql_num_fields", ctypes.c_uint, [pointer]),
    ("mysql_fetch_row", ctypes.POINTER(pointer), [pointer]),
    ("mysql_fetch_lengths", ctypes.POINTER(number), [pointer]),
    ("mysql_affected_rows", ctypes.c_ulonglong, [pointer]),
    ("mysql_next_result", ctypes.c_int, [pointer]),
    ("mysql_errno", ctypes.c_uint, [pointer]),
    ("mysql_error", text, [pointer]),
    ("mysql_close", None, [pointer]),
]:
    function = getattr(library, name)
    function.restype, function.argtypes = returns, takes


def option(connection, which, value):
    assert library.mysql_options(connection, which, ctypes.cast(value, pointer)) == 0, which


def connect():
    connection = library.mysql_init(None)
    plugins = pathlib.Path(_mysql_connector.__file__).parent / "mysql" / "vendor" / "plugin"
    option(connection, MYSQL_PLUGIN_DIR, ctypes.c_char_p(str(plugins).encode()))
    option(connection, MYSQL_OPT_SSL_MODE, ctypes.byref(ctypes.c_uint(SSL_MODE_DISABLED)))
    option(connection, MYSQL_SET_CHARSET_NAME, ctypes.c_char_p(b"utf8mb4"))
    option(connection, MYSQL_OPT_COMPRESSION_ALGORITHMS, ctypes.c_char_p(os.environ["MYSQL_ALGORITHMS"].encode()))
    option(connection, MYSQL_OPT_ZSTD_COMPRESSION_LEVEL, ctypes.byref(ctypes.c_uint(int(os.environ["MYSQL_LEVEL"]))))
    MULTI_STATEMENTS, password = 1 << 16, os.environ["MYSQL_PASSWORD"].encode()
    port = int(os.environ["MYSQL_PORT"])
    if not library.mysql_real_connect(connection, b"127.0.0.1", b"app", password, b"shop", port, None, MULTI_STATEMENTS):
        raise SystemExit(f"not connected: {library.mysql_errno(connection)} {library.mysql_error(connection)}")
    return connection


def rows(connection, result):
    columns = library.mysql_num_fields(result)
    while row := library.mysql_fetch_row(result):
        lengths = library.mysql_fetch_lengths(result)
        yield [ctypes.string_at(row[at], lengths[at]) if row[at] else None for at in range(columns)]


def ask(connection, sql):
    """All results, each as its rows or as how many were changed; an error at its place."""
    results = []
    failed = library.mysql_real_query(connection, sql, len(sql))
    while not failed:
        result = library.mysql_store_result(connection)
        if result:
            results.append(list(rows(connection, result)))
            library.mysql_free_result(result)
        elif library.mysql_errno(connection):
            break
        else:
            results.append(library.mysql_affected_rows(connection))
        failed = library.mysql_next_result(connection)
    if library.mysql_errno(connection):
        results.append((library.mysql_errno(connection), library.mysql_error(connection)))
    return results


def main():
    connection = connect()
    for sql in [
        b"SELECT 1",
        b"SELECT * FROM customers ORDER BY id",
        b"SELECT 1; INSERT INTO scratch (label) VALUES ('x'), ('y'); SELECT 2, NULL; SELECT no_such; SELECT 3",
        b"CALL three_results()",
        b"SELECT LENGTH('" + b"x" * 500_000 + b"')",
        b"SELECT SUM(seq) FROM seq_1_to_1000",
    ]:
        print(sql[:60], ask(connection, sql))
    for sql in [
        b"SELECT seq, REPEAT(CHAR(65 + seq MOD 26), 20) FROM seq_1_to_300000",
        b"SELECT REPEAT(MD5(7), 655360)",
    ]:
        assert library.mysql_real_query(connection, sql, len(sql)) == 0
        result = library.mysql_use_result(connection)
        count = length = check = 0
        for row in rows(connection, result):
            count, length = count + 1, length + sum(map(len, row))
            check = (check * 31 + row[-1][7]) % 1_000_003
        library.mysql_free_result(result)
        print(sql[:60], count, length, check)
    print(ask(connection, b"TRUNCATE scratch"))
    library.mysql_close(connection)


main()
