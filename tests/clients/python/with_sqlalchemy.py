"""Which answers does SQLAlchemy 2 get, with psycopg and with asyncpg? Prints everything a program could see, in order."""

import asyncio
import datetime
import decimal
import enum
import sys

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine

from seen import NONSENSE, READS, place, show


class Mood(enum.Enum):
    low = 1
    high = 2


class Base(orm.DeclarativeBase):
    metadata = sa.MetaData(schema="alchemy", naming_convention={"ix": "ix_%(column_0_label)s", "fk": "fk_%(table_name)s_%(column_0_name)s"})


class Author(Base):
    __tablename__ = "authors"
    __table_args__ = (sa.CheckConstraint("length(name) > 0", name="named"), {"comment": "who writes"})
    id: orm.Mapped[int] = orm.mapped_column(sa.Identity(), primary_key=True)
    name: orm.Mapped[str] = orm.mapped_column(sa.String(80), unique=True, comment="as printed")
    mood: orm.Mapped[Mood | None] = orm.mapped_column(sa.Enum(Mood, name="mood", schema="alchemy", metadata=Base.metadata))
    tags: orm.Mapped[list[str] | None] = orm.mapped_column(postgresql.ARRAY(sa.Text))
    detail: orm.Mapped[dict | None] = orm.mapped_column(postgresql.JSONB)
    shout: orm.Mapped[str] = orm.mapped_column(sa.Text, sa.Computed("upper(name)", persisted=True))
    books: orm.Mapped[list["Book"]] = orm.relationship(back_populates="author", cascade="all, delete-orphan", order_by="Book.id")


class Book(Base):
    __tablename__ = "books"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    author_id: orm.Mapped[int] = orm.mapped_column(sa.ForeignKey("alchemy.authors.id", ondelete="CASCADE"), index=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.Text)
    price: orm.Mapped[decimal.Decimal | None] = orm.mapped_column(sa.Numeric(10, 2))
    printed: orm.Mapped[datetime.datetime | None] = orm.mapped_column(sa.DateTime(timezone=True), server_default=sa.text("'2024-01-01 00:00Z'"))
    sold: orm.Mapped[datetime.timedelta | None] = orm.mapped_column(sa.Interval)
    when: orm.Mapped[postgresql.Range[datetime.date] | None] = orm.mapped_column(postgresql.DATERANGE)
    author: orm.Mapped[Author] = orm.relationship(back_populates="books")
    __table_args__ = (sa.Index("titles", sa.text("lower(title)"), postgresql_where=sa.text("price > 1")), sa.UniqueConstraint("author_id", "title"))


def refused(connection, title, act):
    try:
        with connection.begin_nested():
            act()
            show(title + " passed")
    except sa.exc.DBAPIError as error:
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
        show(title, type(error).__name__, type(error.orig).__name__, code, str(error.orig), error.statement)


def made(connection):
    connection.execute(sa.text("DROP SCHEMA IF EXISTS alchemy CASCADE"))
    connection.execute(sa.schema.CreateSchema("alchemy"))
    Base.metadata.create_all(connection)
    connection.execute(sa.text("CREATE VIEW alchemy.titles_of AS SELECT a.name, b.title FROM alchemy.authors a JOIN alchemy.books b ON b.author_id = a.id"))
    connection.execute(sa.text("CREATE MATERIALIZED VIEW alchemy.counted AS SELECT count(*) FROM alchemy.books"))
    connection.execute(sa.text("CREATE DOMAIN alchemy.positive AS int CHECK (VALUE > 0)"))
    connection.execute(sa.text("CREATE SEQUENCE alchemy.numbers"))
    connection.commit()


def inserted(connection):
    """Many rows in one INSERT … RETURNING, in order of the parameters, in parts of 1,000."""
    many = [{"name": f"author {n}", "mood": Mood.low if n % 2 else None, "tags": ["a", None], "detail": {"n": [n]}} for n in range(1500)]
    insert = sa.insert(Author).returning(Author.id, Author.shout, sort_by_parameter_order=True)
    found = connection.execute(insert, many).all()
    show("many values", len(found), [tuple(row) for row in found[:2]], tuple(found[-1]))
    plain = connection.execute(sa.insert(Book), [{"author_id": 1 + n % 7, "title": f"title {n}", "price": n} for n in range(400)])
    show("executemany", plain.rowcount)
    changed = connection.execute(sa.update(Book).where(Book.id == sa.bindparam("at")).values(price=sa.bindparam("new")), [{"at": n, "new": n * 2} for n in range(1, 30)])
    show("updated", changed.rowcount)
    upsert = postgresql.insert(Author).values(name="author 3", mood=Mood.high)
    upsert = upsert.on_conflict_do_update(index_elements=["name"], set_={"mood": upsert.excluded.mood}).returning(Author.id, Author.mood)
    show("upserted", connection.execute(upsert).all())
    refused(connection, "twice", lambda: connection.execute(sa.insert(Author), [{"name": "unheard"}, {"name": "author 3"}]))
    refused(connection, "nobody's", lambda: connection.execute(sa.insert(Book), {"author_id": 99_999, "title": "x"}))
    refused(connection, "nameless", lambda: connection.execute(sa.insert(Author), {"name": ""}))
    connection.commit()


def mapped(connection):
    with orm.Session(connection, join_transaction_mode="create_savepoint") as session:
        session.add(Author(name="new", books=[Book(title=f"of new {n}", sold=datetime.timedelta(days=n), when=postgresql.Range(datetime.date(2024, 1, 1), None)) for n in range(5)]))
        session.flush()
        with session.begin_nested() as savepoint:
            session.add(Author(name="author 5"))
            try:
                session.flush()
            except sa.exc.IntegrityError as error:
                show("in a savepoint", type(error.orig).__name__)
                savepoint.rollback()
        session.execute(sa.delete(Book).where(Book.title == "of new 1"))
        session.expire_all()
        new = session.scalars(sa.select(Author).where(Author.name == "new")).one()
        show("mapped", new.shout, [(book.title, book.sold, book.when, book.printed) for book in new.books])
        new.books.pop()
        session.flush()
        show("left", session.scalar(sa.select(sa.func.count()).select_from(Book).where(Book.author == new)))
        session.commit()
    connection.commit()


def queried(connection):
    with orm.Session(connection) as session:
        authors = session.scalars(sa.select(Author).options(orm.selectinload(Author.books)).where(Author.id < 6).order_by(Author.id)).all()
        show("loaded", [(one.name, one.mood, one.tags, one.detail, len(one.books)) for one in authors])
        joined = sa.select(Author.name, sa.func.sum(Book.price), sa.func.array_agg(postgresql.aggregate_order_by(Book.id, Book.id.desc()))).join(Book).group_by(Author.name).order_by(Author.name)
        show("grouped", [tuple(row) for row in session.execute(joined.limit(3))])
        ranked = sa.select(Book.title, sa.func.rank().over(partition_by=Book.author_id, order_by=Book.price.desc().nulls_last()).label("rank")).subquery()
        show("ranked", [tuple(row) for row in session.execute(sa.select(ranked).where(ranked.c.rank == 1).order_by(ranked.c.title).limit(4))])
        show("in", session.scalars(sa.select(Author.id).where(Author.name.in_([f"author {n}" for n in range(40)])).order_by(Author.id)).all()[-1])
        tagged = sa.select(sa.func.count()).where(Author.tags.contains(["a"]), Author.detail["n"][0].as_integer() > 7)
        show("contained", session.scalar(tagged))
    for n in range(8):
        row = connection.execute(sa.text("SELECT id, name, balance, born FROM customers WHERE id = :id"), {"id": n + 1}).one()
        show("text", tuple(row))
    connection.rollback()


def streamed(connection):
    ordered = sa.select(Author.id, Author.name).order_by(Author.id)
    result = connection.execute(ordered, execution_options={"stream_results": True, "yield_per": 64})
    show("server side", sum(len(part) for part in result.partitions()), result.keys())
    numbers = sa.text("SELECT n FROM generate_series(1, 500) AS n")
    result = connection.execute(numbers, execution_options={"stream_results": True, "max_row_buffer": 10})
    show("buffered", result.fetchmany(3), result.fetchone())
    result.close()
    connection.rollback()


def reflected(connection):
    inspector = sa.inspect(connection)
    show("schemas", inspector.get_schema_names(), inspector.default_schema_name)
    for schema in (None, "alchemy"):
        show("names", sorted(inspector.get_table_names(schema=schema)), sorted(inspector.get_view_names(schema=schema)), sorted(inspector.get_materialized_view_names(schema=schema)), inspector.get_sequence_names(schema=schema))
        for table in sorted(inspector.get_table_names(schema=schema)):
            show("table", table, inspector.get_table_comment(table, schema=schema), inspector.get_table_options(table, schema=schema))
            show("columns", [{key: str(value) for key, value in sorted(column.items())} for column in inspector.get_columns(table, schema=schema)])
            show("keys", inspector.get_pk_constraint(table, schema=schema), inspector.get_foreign_keys(table, schema=schema))
            show("constraints", inspector.get_check_constraints(table, schema=schema), inspector.get_unique_constraints(table, schema=schema), inspector.get_indexes(table, schema=schema))
    show("view", inspector.get_view_definition("titles_of", schema="alchemy"))
    show("types", inspector.get_enums(schema="alchemy"), [(one["name"], one["type"].__class__.__name__, one["constraints"]) for one in inspector.get_domains(schema="alchemy")])
    read = sa.MetaData()
    read.reflect(connection, schema="alchemy", views=True)
    read.reflect(connection)
    for table in sorted(read.tables.values(), key=lambda table: table.fullname):
        show("read", table.fullname, [(column.name, str(column.type), column.nullable) for column in table.columns])
    show("exists", inspector.has_table("books", schema="alchemy"), inspector.has_table("none"), inspector.has_schema("alchemy"))
    connection.rollback()


def failed(connection):
    for text in ("SELECT 1/0", "SELECT no_such", "SELECT * FROM no_such", "SELECT CAST('x' AS int)", *NONSENSE):
        refused(connection, text, lambda: connection.execute(sa.text(text)))
    show("usable", connection.scalar(sa.text("SELECT 42")))
    connection.rollback()


PARTS = [queried, streamed, reflected, failed] if READS else [made, inserted, mapped, queried, streamed, reflected, failed]


def levels(engine):
    for level in ("SERIALIZABLE", "REPEATABLE READ", "READ COMMITTED"):
        with engine.connect().execution_options(isolation_level=level, postgresql_readonly=True) as connection:
            show("level", connection.scalar(sa.text("SHOW transaction_isolation")), connection.scalar(sa.text("SHOW transaction_read_only")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        show("by itself", connection.scalar(sa.text("SELECT pg_current_xact_id_if_assigned()")), connection.get_isolation_level())


def with_psycopg(url):
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=2)
    with engine.connect() as connection:
        show("dialect", engine.dialect.server_version_info, connection.get_isolation_level(), engine.dialect.default_schema_name)
        for part in PARTS:
            part(connection)
    levels(engine)
    if not READS:
        with engine.connect() as connection:
            for end in ("commit", "rollback"):
                transaction = connection.begin_twophase(f"of {end}")
                connection.execute(sa.insert(Author), {"name": f"two phases {end}"})
                transaction.prepare()
                with engine.connect() as other:
                    show("prepared", other.recover_twophase())
                getattr(transaction, end)()
            show("two phases", connection.scalars(sa.select(Author.name).where(Author.name.like("two%"))).all())
    show("pool", engine.pool.checkedin(), engine.pool.checkedout())
    engine.dispose()


async def with_asyncpg(url):
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), pool_pre_ping=True, pool_size=2)
    async with engine.connect() as connection:
        for part in PARTS:
            await connection.run_sync(part)
        stream = await connection.stream(sa.text("SELECT n FROM generate_series(1, 900) AS n"), execution_options={"yield_per": 77})
        show("streamed", sum([row.n async for row in stream]))
        await connection.rollback()
        show("again", [tuple(row) for row in await connection.execute(sa.text("SELECT 1, :v ::text"), {"v": "x"})])
    await engine.dispose()


def main():
    host, port, user, password, database = place()
    url = sa.URL.create("postgresql", user, password, host, int(port), database)
    if sys.argv[1:] == ["asyncpg"]:
        asyncio.run(with_asyncpg(url.update_query_dict({"ssl": "disable"})))
    else:
        with_psycopg(url)


main()
