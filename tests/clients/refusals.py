"""Is a refused statement an error like any other for psycopg?

REFUSED is a text that fails with the SQLSTATE in SQLSTATE: the gateway refuses it, or, run
directly, the server does not understand it. Everything else has to be the same.
"""

import os

import psycopg
from psycopg import pq

REFUSED = os.environ["REFUSED"]
SQLSTATE = os.environ["SQLSTATE"]


def refuse(connection, **options):
    try:
        connection.execute(REFUSED, **options)
    except psycopg.Error as error:
        assert error.sqlstate == SQLSTATE, (error.sqlstate, error)
    else:
        raise AssertionError("the statement ran")


def status(connection):
    return pq.TransactionStatus(connection.info.transaction_status).name


def alone():
    with psycopg.connect("", autocommit=True) as connection:
        for prepare in (None, True, False, None):
            refuse(connection, prepare=prepare)
            print("alone", status(connection), connection.execute("SELECT %s::int", [7]).fetchone())


def in_transactions():
    with psycopg.connect("") as connection:
        connection.execute("INSERT INTO scratch (id) VALUES (%s)", [1])
        refuse(connection)
        print("in a transaction", status(connection))
        try:
            connection.execute("SELECT 1")
        except psycopg.errors.InFailedSqlTransaction as error:
            print("afterwards", error.sqlstate)
        connection.rollback()
        print("rolled back", status(connection), connection.execute("SELECT count(*) FROM scratch").fetchone())
        connection.commit()
        with connection.transaction():
            connection.execute("INSERT INTO scratch (id) VALUES (2)")
            try:
                with connection.transaction():
                    connection.execute("INSERT INTO scratch (id) VALUES (3)")
                    refuse(connection)
                    print("in a savepoint", status(connection))
                    raise psycopg.Rollback
            except psycopg.Error as error:
                print("out of the savepoint", error)
            print("back in the transaction", status(connection))
        print("committed", connection.execute("SELECT array_agg(id) FROM scratch").fetchone())
        connection.execute("TRUNCATE scratch")


def pipelined(texts, syncs):
    """Sends everything before the first answer is read; `syncs` after how many texts there is a Sync."""
    connection = pq.PGconn.connect(b"")
    assert connection.status == pq.ConnStatus.OK, connection.get_error_message()
    connection.enter_pipeline_mode()
    for number, text in enumerate(texts):
        connection.send_query_params(text.encode(), None)
        if (number + 1) % syncs == 0:
            connection.pipeline_sync()
    answers = []
    expected = len(texts) + len(texts) // syncs
    while len(answers) < expected:
        while result := connection.get_result():
            if result.status == pq.ExecStatus.TUPLES_OK:
                answers.append(result.get_value(0, 0).decode())
            elif result.status == pq.ExecStatus.FATAL_ERROR:
                state = result.error_field(pq.DiagnosticField.SQLSTATE).decode()
                answers.append("refused" if state == SQLSTATE else state)
            else:
                answers.append(pq.ExecStatus(result.status).name)
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                break
    connection.exit_pipeline_mode()
    print(answers, pq.TransactionStatus(connection.transaction_status).name)
    connection.finish()


alone()
in_transactions()
pipelined(["SELECT 1", REFUSED, "SELECT 3"], 3)
pipelined([REFUSED if number % 4 == 1 else f"SELECT {number}" for number in range(20)], 5)
pipelined([REFUSED if number % 4 == 1 else f"SELECT {number}" for number in range(20)], 1)
