"""Which answers does Django's object mapper get? Prints everything a program could see, in order."""

import datetime
import decimal
import io
import uuid

import django
from django.conf import settings

from seen import NONSENSE, READS, place, show

HOST, PORT, USER, PASSWORD, DATABASE = place()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql", "HOST": HOST, "PORT": PORT, "USER": USER, "PASSWORD": PASSWORD, "NAME": DATABASE,
        # Its tables are in a schema of their own; `server_side_binding` asks by prepared statements.
        "OPTIONS": {"options": "-c search_path=django,public"},
        "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": None,
    },
}
DATABASES["bound"] = {**DATABASES["default"], "OPTIONS": {"options": "-c search_path=django,public", "server_side_binding": True}}
settings.configure(
    DATABASES=DATABASES, USE_TZ=True, TIME_ZONE="Europe/Oslo", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.postgres", "bookshop"],
)
django.setup()

from bookshop.models import Author, Book, Shelf  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import IntegrityError, connection, connections, models, transaction  # noqa: E402
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, Subquery, Sum, Window  # noqa: E402
from django.db.models.functions import RowNumber, TruncMonth, Upper  # noqa: E402
from django.db.utils import DatabaseError  # noqa: E402

UTC = datetime.timezone.utc


def commanded(*words, **more):
    out = io.StringIO()
    call_command(*words, stdout=out, stderr=out, no_color=True, **more)
    show(" ".join(words), out.getvalue())


def refused(title, act):
    try:
        with transaction.atomic():
            show(title + " returned", act())
    except DatabaseError as error:
        cause = error.__cause__
        show(title, type(error).__name__, getattr(cause, "sqlstate", None), str(error))


def migrated():
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS django CASCADE")
        cursor.execute("CREATE SCHEMA django")
    commanded("migrate", verbosity=1)
    commanded("migrate", "bookshop", "0001", verbosity=1)
    commanded("migrate", "bookshop", verbosity=1)
    commanded("sqlmigrate", "bookshop", "0002")
    commanded("makemigrations", "--check", "--dry-run")


def written():
    authors = Author.objects.bulk_create([Author(name=f"author {n}", born=datetime.date(1900, 1, 1) + datetime.timedelta(n), tags=["a", f"t{n % 3}"], detail={"n": n, "deep": {"er": [n]}}) for n in range(600)], batch_size=250)
    show("bulk", authors[0].pk, authors[-1].pk)
    books = [Book(author=authors[n % 50], title=f"Title {n}", price=decimal.Decimal(n) / 4, printed=datetime.datetime(2024, 1 + n % 12, 1, tzinfo=UTC), cover=bytes([n % 256]), number=uuid.UUID(int=n), length=datetime.timedelta(minutes=n)) for n in range(300)]
    Book.objects.bulk_create(books)
    Book.objects.bulk_create([Book(author=authors[0], title="Title 0", price=9), Book(author=authors[0], title="Fresh")], update_conflicts=True, unique_fields=["author", "title"], update_fields=["price"])
    for book in books[:40]:
        book.price = decimal.Decimal("1.00")
    show("bulk update", Book.objects.bulk_update(books[:40], ["price"]))
    show("update", Book.objects.filter(price__lt=5).update(price=F("price") + 1), Book.objects.filter(title="Fresh").delete())
    show("made", Author.objects.update_or_create(name="author 3", defaults={"detail": {"found": True}})[1], Author.objects.get_or_create(name="unheard")[1])
    shelf = Shelf.objects.create(label="fiction")
    shelf.books.add(*books[:20])
    shelf.books.remove(books[3])
    shelf.books.set(books[5:25])
    show("shelf", shelf.books.count())
    with transaction.atomic():
        Author.objects.filter(pk=1).update(name="changed")
        try:
            with transaction.atomic():
                Author.objects.create(name="author 5")
        except IntegrityError as error:
            show("in a savepoint", error.__cause__.sqlstate, str(error))
        transaction.on_commit(lambda: show("committed", Author.objects.get(pk=1).name))
        show("locked", [one.pk for one in Author.objects.select_for_update(skip_locked=True).filter(pk__lt=4)])
    try:
        with transaction.atomic():
            Author.objects.all().delete()
            raise KeyError("given up")
    except KeyError:
        show("given up", Author.objects.count())
    refused("nameless", lambda: Author.objects.create(name=""))
    refused("nobody's", lambda: Book.objects.create(author_id=99_999, title="x") and transaction.get_connection().check_constraints())


def read(using):
    authors, books = Author.objects.using(using), Book.objects.using(using)
    show("some", list(authors.filter(Q(name__icontains="or 1") | Q(tags__contains=["t2"]), born__year=1900).values_list("pk", "name", "tags", "detail")[:5]))
    show("related", [(book.title, book.author.name, book.price, book.printed, bytes(book.cover), book.number, book.length) for book in books.select_related("author").filter(pk__in=[2, 3, 5])])
    shelved = Prefetch("shelves", queryset=Shelf.objects.using(using).order_by("label"))
    show("prefetched", [(book.pk, [shelf.label for shelf in book.shelves.all()]) for book in books.prefetch_related(shelved)[18:22]])
    show("counted", list(authors.annotate(n=Count("books"), worth=Sum("books__price")).filter(n__gt=5).values_list("name", "n", "worth")[:4]))
    latest = Subquery(Book.objects.filter(author=OuterRef("pk")).order_by("-printed", "pk").values("title")[:1])
    show("latest", list(authors.annotate(latest=latest, some=Exists(Book.objects.filter(author=OuterRef("pk")))).values_list("pk", "latest", "some")[48:52]))
    show("numbered", list(books.annotate(at=Window(RowNumber(), partition_by=F("author"), order_by=F("price").desc(nulls_last=True))).values_list("pk", "at")[:4]))
    show("months", list(books.annotate(month=TruncMonth("printed")).values("month").annotate(n=Count("pk")).order_by("month").values_list("month", "n")[:3]))
    show("in json", authors.filter(detail__deep__er__0__gt=590).count(), authors.filter(detail__has_key="found").count(), authors.filter(detail__contains={"n": 7}).get().name)
    show("aggregated", books.aggregate(models.Max("price"), models.Avg("price"), n=Count("author", distinct=True)))
    show("both", list(authors.filter(pk__lt=3).values_list("name").union(Shelf.objects.using(using).values_list("label")).order_by("name")))
    show("in bulk", sorted(authors.in_bulk([1, 7, 9_999])), authors.filter(pk=1).exists(), authors.first().pk, authors.last().pk)
    show("raw", [(one.pk, one.loud) for one in Author.objects.db_manager(using).raw("SELECT id, upper(name) AS loud FROM bookshop_author WHERE id < %s ORDER BY id", [4])])
    show("searched", list(books.annotate(loud=Upper("title")).filter(title__search="title", title__regex=r"\d9$").order_by("pk").values_list("loud", flat=True)[:3]))
    show("explained", books.filter(pk=1).explain(format="text", costs=False).splitlines()[0])
    # A cursor of the server's: with hold outside of a transaction.
    show("iterated", sum(1 for _ in authors.iterator(chunk_size=100)))
    with transaction.atomic(using):
        one, other = authors.iterator(chunk_size=50), books.iterator(chunk_size=30)
        show("two at once", sum(left.pk * right.pk for left, right in zip(one, other)))
        show("left open", next(authors.iterator(chunk_size=2)).pk)
    show("by hand", by_hand(using))


def by_hand(using):
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT id, name FROM customers WHERE id < %s ORDER BY id", [4])
        return [column.name for column in cursor.description], cursor.fetchall()


def introspected():
    with connection.cursor() as cursor:
        tables = connection.introspection.get_table_list(cursor)
        show("tables", sorted(tuple(table) for table in tables))
        for table in ("bookshop_book", "bookshop_author", "customers", "orders"):
            show("table", table, [tuple(column) for column in connection.introspection.get_table_description(cursor, table)])
            show("keys", connection.introspection.get_primary_key_columns(cursor, table), connection.introspection.get_relations(cursor, table), connection.introspection.get_sequences(cursor, table))
            show("constraints", sorted(connection.introspection.get_constraints(cursor, table).items()))
    commanded("inspectdb", "customers", "orders", "spending", "bookshop_book")
    commanded("showmigrations", "bookshop")
    commanded("migrate", "--check", verbosity=0)
    commanded("check", databases=["default", "bound"])
    show("features", connection.features.is_postgresql_15, connection.pg_version // 10_000, connection.get_database_version()[0], connection.is_usable())


def failed():
    for text in ("SELECT 1/0", "SELECT no_such", "SELECT * FROM no_such", *NONSENSE):
        refused(text, lambda: by_text(text))
    show("usable", by_text("SELECT 42"))


def by_text(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall()


def main():
    if not READS:
        migrated()
        written()
    for using in ("default", "bound"):
        read(using)
    introspected()
    failed()
    connection.close()
    show("connected again", by_text("SELECT current_setting('TimeZone'), current_setting('search_path')"))
    commanded("dumpdata", "bookshop.shelf")
    for one in connections.all():
        one.close()


main()
