"""Which answers does asyncpg get? Prints everything a program could see, in order."""

import asyncio
import datetime
import decimal
import io
import json

import asyncpg

from seen import NONSENSE, READS, show

SCHEMA = """
DROP SCHEMA IF EXISTS apg CASCADE;
CREATE SCHEMA apg;
CREATE TYPE apg.mood AS ENUM ('low', 'so so', 'high');
CREATE TYPE apg.place AS (street text, floor int, mood apg.mood);
CREATE TYPE apg.hours AS RANGE (subtype = float8);
CREATE DOMAIN apg.positive AS int CHECK (VALUE > 0);
CREATE TABLE apg.kept (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text UNIQUE, mood apg.mood, places apg.place[], hours apg.hours, size apg.positive, born timestamptz, detail jsonb);
INSERT INTO apg.kept (label, mood, places, hours, size, born, detail)
  SELECT 'label ' || n, 'high', ARRAY[ROW('Main', n, 'low')::apg.place], '[1,2.5)', n, TIMESTAMPTZ '2024-01-01 00:00Z' + n * interval '1 day', '{"n": 1}' FROM generate_series(1, 30) AS n;
"""


async def refused(title, act):
    try:
        show(title + " returned", await act)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncio.TimeoutError) as error:
        show(title, type(error).__name__, str(error), getattr(error, "as_dict", dict)())


def rows(records):
    return [list(record.items()) for record in records]


def attributes(statement):
    named = lambda kind: (kind.name, kind.kind, kind.schema)
    return [named(one) for one in statement.get_parameters()], [(one.name, named(one.type)) for one in statement.get_attributes()]


async def settings(connection):
    told = connection.get_settings()
    names = ["server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only",
             "is_superuser", "session_authorization", "DateStyle", "TimeZone", "standard_conforming_strings", "search_path"]
    show("settings", [(name, getattr(told, name, None)) for name in names])
    show("version", connection.get_server_version().major, connection.is_in_transaction())


async def prepared(connection):
    statement = await connection.prepare("SELECT id, name, born, balance, note FROM customers WHERE id = ANY($1) AND city <> $2 ORDER BY id")
    show("prepared", attributes(statement), statement.get_statusmsg(), statement.get_name().startswith("__asyncpg"))
    for ids in ([1, 2, 3], [], [499, 500]):
        show("fetched", rows(await statement.fetch(ids, "Lima")), statement.get_statusmsg())
    show("value", await statement.fetchval([7], "", column=1), await statement.fetchrow([0], ""))
    show("explained", type(await statement.explain([1], "x")).__name__)
    cached = [await connection.fetchval("SELECT $1::int + $2", n, n) for n in range(8)]
    names = await connection.fetch("SELECT statement, parameter_types::text FROM pg_prepared_statements ORDER BY statement")
    show("cached", cached, len(names), sorted({str(record["parameter_types"]) for record in names}))
    show("unnamed", rows(await connection.fetch("SELECT $1::text AS t", "x")), await connection.execute("SELECT 1; SELECT 2"))


async def kinds(connection):
    given = [
        ("int", 5), ("numeric", decimal.Decimal("12.50")), ("text", "naïve ✓"), ("bytea", b"\x00\xff"), ("float8", float("inf")),
        ("timestamptz", datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)), ("date", datetime.date(1, 1, 1)),
        ("interval", datetime.timedelta(days=40, seconds=1)), ("int[]", [[1, 2], [3, None]]), ("jsonb", '{"a": [1]}'),
        ("daterange", asyncpg.Range(datetime.date(2024, 1, 1), None)), ("int4multirange", [asyncpg.Range(1, 3)]),
        ("apg.mood", "so so"), ("apg.place", ("Main", 3, "low")), ("apg.hours", asyncpg.Range(1.5, 2.5)), ("apg.positive", 3),
        ("apg.place[]", [("Side", 1, None)]), ("box", asyncpg.Box((2, 2), (1, 1))), ("bit(3)", asyncpg.BitString("101")),
    ]
    for kind, value in given:
        show("kind", kind, await connection.fetchval(f"SELECT $1::{kind}", value))
    statement = await connection.prepare("SELECT mood, places, hours, size FROM apg.kept WHERE id < 3 ORDER BY id")
    show("own", attributes(statement)[1], rows(await statement.fetch()))
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    show("codec", await connection.fetchval("SELECT $1::jsonb", {"deep": [1, {"er": None}]}))
    await connection.reset_type_codec("jsonb", schema="pg_catalog")
    await connection.reload_schema_state()
    show("after reload", await connection.fetchval("SELECT $1::apg.mood[]", ["low", None]))
    await refused("no such mood", connection.fetchval("SELECT $1::apg.mood", "none"))
    await refused("wrong type", connection.fetchval("SELECT $1::int", "text"))


async def cursors(connection):
    await refused("outside of a transaction", fetch_one(connection))
    async with connection.transaction(readonly=True, isolation="repeatable_read"):
        show("iterated", sum([record["n"] async for record in connection.cursor("SELECT n FROM generate_series(1, 777) AS n", prefetch=50)]))
        cursor = await connection.cursor("SELECT id, name FROM customers ORDER BY id")
        show("cursor", rows(await cursor.fetch(3)), await cursor.forward(100), rows([await cursor.fetchrow()]), len(await cursor.fetch(1000)))
        statement = await connection.prepare("SELECT n FROM generate_series(1, $1::int) AS n")
        one, other = await statement.cursor(9), await statement.cursor(5)
        show("two", rows(await one.fetch(2)), rows(await other.fetch(4)), rows(await one.fetch(2)), rows(await other.fetch(4)))


async def fetch_one(connection):
    return await (await connection.cursor("SELECT 1")).fetchrow()


async def copies_out(connection):
    out = io.BytesIO()
    show("copied", await connection.copy_from_table("customers", output=out, columns=["id", "name"], format="csv", header=True), out.getvalue()[:200])
    out = io.BytesIO()
    show("copied", await connection.copy_from_query("SELECT id, note FROM customers WHERE id < $1 ORDER BY id", 9, output=out, format="binary"), out.getvalue())


async def copies_in(connection):
    source = io.BytesIO("".join(f"{n},label {n},{n / 8}\n" for n in range(5000)).encode())
    show("copied in", await connection.copy_to_table("scratch", source=source, format="csv"))
    records = [(n, None if n % 5 else "five", 0.5) for n in range(2000)]
    show("records in", await connection.copy_records_to_table("scratch", records=records))
    show("counted", rows(await connection.fetch("SELECT count(*), count(label), sum(id) FROM scratch")))
    await refused("bad", connection.copy_to_table("scratch", source=io.BytesIO(b"x\n"), columns=["id"]))
    show("deleted", await connection.execute("DELETE FROM scratch"))


async def writes(connection):
    await connection.executemany("INSERT INTO scratch (id, label) VALUES ($1, $2)", [(n, f"many {n}") for n in range(1200)])
    show("many", await connection.fetchval("SELECT count(*) FROM scratch"))
    await refused("one of many", connection.executemany("INSERT INTO apg.kept (label) VALUES ($1)", [("new",), ("label 3",)]))
    show("returned", rows(await connection.fetchmany("INSERT INTO scratch (id) VALUES ($1) RETURNING id", [(1,), (2,)])))
    async with connection.transaction():
        await connection.execute("UPDATE scratch SET amount = 1")
        try:
            async with connection.transaction():
                await connection.execute("DELETE FROM scratch")
                await connection.execute("SELECT 1/0")
        except asyncpg.DivisionByZeroError as error:
            show("savepoint", error.as_dict())
        show("kept", rows(await connection.fetch("SELECT count(*), sum(amount) FROM scratch")))
    await connection.execute("DELETE FROM scratch")
    notices = []
    connection.add_log_listener(lambda _, notice: notices.append(notice.as_dict()))
    await connection.execute("SELECT warn_and_add(1, 2)")
    show("notices", notices)
    heard = asyncio.Queue()
    hear = lambda connection, pid, channel, payload: heard.put_nowait((channel, payload, pid == connection.get_server_pid()))
    await connection.add_listener("Bell 3", hear)
    await connection.execute("""SELECT pg_notify('Bell 3', 'rung ' || n) FROM generate_series(1, 4) AS n""")
    show("heard", [await asyncio.wait_for(heard.get(), 15) for _ in range(4)])
    await connection.remove_listener("Bell 3", hear)


async def errors(connection):
    for text in ["SELECT 1/0", "SELECT no_such", "SELECT 'x'::int", "SELECT * FROM no_such", *NONSENSE]:
        await refused(text, connection.fetch(text))
        await refused(text + " with a value", connection.fetch(text + " -- $1"))
    # A time that runs out is a request to cancel on a connection of its own.
    await refused("out of time", connection.fetch("SELECT pg_sleep(60)", timeout=0.3))
    show("usable", await connection.fetchval("SELECT 1"), connection.is_in_transaction())


async def pools():
    async def prepare(connection):
        await connection.execute("SET application_name = 'of a pool'")

    async with asyncpg.create_pool(min_size=2, max_size=4, setup=prepare, max_queries=7, ssl=False) as pool:
        async def one(n):
            async with pool.acquire() as connection:
                await connection.execute("SET statement_timeout = 30000")
                async with connection.transaction():
                    return await connection.fetchval("SELECT $1::int * 2", n)

        show("pool", sum(await asyncio.gather(*[one(n) for n in range(40)])), pool.get_max_size())
        async with pool.acquire() as connection:
            # What the one before set is gone.
            show("reset", await connection.fetchval("SELECT current_setting('statement_timeout')"), await connection.fetchval("SHOW application_name"))
            await refused("in the pool", connection.fetch("SELECT 1/0"))
        await pool.expire_connections()
        show("fetched", await pool.fetchval("SELECT 7"))


async def main():
    connection = await asyncpg.connect(ssl=False)
    await settings(connection)
    if not READS:
        await connection.execute(SCHEMA)
    for part in (prepared, kinds, cursors, copies_out):
        await part(connection)
    if not READS:
        await copies_in(connection)
        await writes(connection)
    await errors(connection)
    await connection.reset()
    await settings(connection)
    await connection.close()
    await pools()
    await refused("no such database", asyncpg.connect(database="nowhere", ssl=False))


asyncio.run(main())
