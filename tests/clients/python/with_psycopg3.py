"""Which answers does psycopg 3 get in its pipelines, of its types, and when it is asynchronous?

What else it does is in `transparency_psycopg.py`. Prints everything a program could see, in order.
"""

import asyncio
import threading

import psycopg
from psycopg import pq
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo
from psycopg.types.multirange import MultirangeInfo
from psycopg.types.range import RangeInfo

from seen import READS, fails, show

SCHEMA = """
DROP SCHEMA IF EXISTS three CASCADE;
CREATE SCHEMA three;
CREATE TYPE three.mood AS ENUM ('low', 'so so', 'high');
CREATE TYPE three.place AS (street text, floor int, moods three.mood[]);
CREATE TYPE three.hours AS RANGE (subtype = float8);
CREATE DOMAIN three.positive AS int CHECK (VALUE > 0);
CREATE TABLE three.kept (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text UNIQUE, mood three.mood, place three.place, hours three.hours);
"""


def refused(title, act):
    fails(psycopg.Error, title, act)


def pipelines(connection):
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::int, repeat('y', %s)", [n, n % 90]) for n in range(1500)]
    show("many", sum(cursor.fetchone()[0] for cursor in cursors))
    # Prepared from the sixth time on, in the middle of a pipeline.
    with connection.pipeline() as pipeline:
        for turn in range(3):
            same = [connection.execute("SELECT name FROM customers WHERE id = %s", [n]) for n in range(1, 9)]
            pipeline.sync()
            show("prepared on the way", turn, [cursor.fetchall() for cursor in same])
    with connection.pipeline(), connection.cursor() as cursor:
        cursor.execute("SELECT generate_series(1, 3)")
        # Asking for a result sends what was gathered, without a sync.
        show("fetched within", cursor.fetchall())
        with connection.pipeline():
            cursor.execute("SELECT 'nested'")
        show("nested", cursor.fetchall(), cursor.statusmessage)
    connection.rollback()


def broken_pipelines(connection):

    def broken():
        with connection.pipeline() as pipeline:
            connection.execute("SELECT 'before'")
            connection.execute("SELECT no_such")
            connection.execute("SELECT 'behind'")
            pipeline.sync()

    refused("broken", broken)
    show("behind it", connection.info.transaction_status)
    connection.rollback()

    def goes_on():
        with connection.pipeline() as pipeline:
            for bad in (False, True, False):
                try:
                    with connection.transaction():
                        cursor = connection.execute("SELECT 1 / %s::int", [0 if bad else 1])
                        pipeline.sync()
                    show("in a transaction", cursor.fetchall())
                except psycopg.errors.DivisionByZero as error:
                    show("left it", error.sqlstate)
        return "usable"

    refused("goes on", goes_on)
    connection.rollback()
    refused("copies", lambda: copies_in_a_pipeline(connection))
    connection.rollback()


def copies_in_a_pipeline(connection):
    with connection.pipeline(), connection.cursor() as cursor, cursor.copy("COPY customers TO STDOUT") as copy:
        return list(copy)


def written_pipelines(connection):
    with connection.pipeline(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO three.kept (label, mood) VALUES (%s, %s) RETURNING id",
            [(f"row {n}", "high" if n % 2 else "low") for n in range(300)], returning=True,
        )
        numbers = [cursor.fetchone()[0]]
        while cursor.nextset():
            numbers.append(cursor.fetchone()[0])
        show("returned", len(numbers), numbers[:3], numbers[-1])
    connection.commit()

    def twice():
        with connection.pipeline(), connection.cursor() as cursor:
            cursor.executemany("INSERT INTO three.kept (label) VALUES (%s)", [("new",), ("row 3",), ("newer",)])

    refused("twice", twice)
    connection.rollback()
    show("kept", connection.execute("SELECT count(*), max(id) FROM three.kept").fetchall())
    connection.rollback()


def raw_pipeline(connection):
    """libpq's own calls: flush requests, several syncs under way, results in order."""
    raw = connection.pgconn
    raw.enter_pipeline_mode()
    raw.send_query_params(b"SELECT $1::int + 1", [b"41"])
    raw.send_flush_request()
    raw.flush()
    show_results(raw, 1)
    raw.send_prepare(b"p", b"SELECT $1::text || '!'")
    raw.send_query_prepared(b"p", [b"bound"])
    raw.send_describe_prepared(b"p")
    raw.pipeline_sync()
    raw.send_query_params(b"SELECT 1/0", [])
    raw.send_query_params(b"SELECT 'never'", [])
    raw.pipeline_sync()
    raw.send_query_prepared(b"p", [b"again"], result_format=1)
    raw.send_query_params(b"SELECT n FROM generate_series(1, 3) AS n", [], result_format=1)
    raw.pipeline_sync()
    raw.flush()
    show_results(raw, 10)
    raw.exit_pipeline_mode()
    show("left", raw.pipeline_status, raw.transaction_status)
    raw.exec_(b"DEALLOCATE p")


def show_results(raw, wanted):
    for _ in range(wanted):
        while (result := raw.get_result()) is not None:
            rows = [[result.get_value(row, column) for column in range(result.nfields)] for row in range(result.ntuples)]
            show("result", pq.ExecStatus(result.status).name, rows, result.error_field(pq.DiagnosticField.SQLSTATE))
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                break


def kinds(connection):
    mood = EnumInfo.fetch(connection, "three.mood")
    hours = RangeInfo.fetch(connection, "three.hours")
    many = MultirangeInfo.fetch(connection, "three.hours_multirange") if connection.info.server_version >= 140000 else None
    place = CompositeInfo.fetch(connection, "three.place")
    show("fetched", mood.name, mood.labels, hours.name, hours.subtype_oid, many and many.name, place.name, place.field_names)
    register_composite(place, connection)
    cursor = connection.execute("SELECT ROW('Main', 3, '{low,\"so so\"}')::three.place, '[1,2)'::three.hours::text, 5::three.positive")
    show("composite", cursor.fetchall())
    show("nothing", CompositeInfo.fetch(connection, "three.none"))
    cursor = connection.execute("SELECT '{[1,3),[5,9)}'::int4multirange, '12:30+02'::timetz, '10.1.0.0/16'::cidr, '\\xff'::bytea, 1e300::numeric, 'NaN'::float8", binary=True)
    show("values", [str(value) for value in cursor.fetchone()])
    connection.rollback()


def streams(connection):
    for size in (1, 100):
        with connection.cursor() as cursor:
            try:
                total = sum(row[0] for row in cursor.stream("SELECT n FROM generate_series(1, 2000) AS n", size=size))
            except psycopg.NotSupportedError:
                total = "this libpq has no chunks"
            show("streamed", size, total)
    # Left early, a stream is cancelled: far from its end, so that the cancel comes before it.
    with connection.cursor() as cursor:
        for row in cursor.stream("SELECT n, repeat('x', 100) FROM generate_series(1, 10000000) AS n"):
            if row[0] == 5:
                break
    show("left early", connection.info.transaction_status)
    connection.rollback()
    show("usable", connection.execute("SELECT 'usable'").fetchall())
    connection.rollback()


def cancelled(connection):
    pid = connection.info.backend_pid

    def when_it_runs(cancel):
        with psycopg.connect("", autocommit=True) as other:
            ask = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
            while not other.execute(ask, [pid]).fetchone()[0]:
                pass
        cancel()

    for cancel in (connection.cancel, connection.cancel_safe):
        thread = threading.Thread(target=when_it_runs, args=[cancel])
        thread.start()
        refused("cancelled", lambda: connection.execute("SELECT pg_sleep(60)"))
        thread.join()
        connection.rollback()


async def asynchronous():
    async with await psycopg.AsyncConnection.connect("") as connection:
        async with connection.pipeline() as pipeline:
            cursors = [await connection.execute("SELECT %s::int * 2", [n]) for n in range(200)]
            await pipeline.sync()
            show("asynchronous", sum([(await cursor.fetchone())[0] for cursor in cursors]))
        async with connection.cursor(name="server side") as cursor:
            await cursor.execute("SELECT id, name FROM customers ORDER BY id")
            show("server side", await cursor.fetchmany(2), len(await cursor.fetchall()))
        async with connection.cursor() as cursor, cursor.copy("COPY (SELECT id FROM customers ORDER BY id) TO STDOUT") as copy:
            show("copied", len([row async for row in copy]))
        await connection.rollback()


def main():
    with psycopg.connect("") as connection:
        if not READS:
            connection.execute(SCHEMA)
            connection.commit()
        pipelines(connection)
        broken_pipelines(connection)
        raw_pipeline(connection)
        if not READS:
            written_pipelines(connection)
        kinds(connection)
        streams(connection)
        cancelled(connection)
    asyncio.run(asynchronous())


main()
