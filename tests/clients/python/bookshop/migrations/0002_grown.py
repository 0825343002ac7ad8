"""What was added and changed later: columns, types, constraints, data, and indexes beside running work."""

import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower


def first_shelf(apps, editor):
    apps.get_model("bookshop", "Shelf").objects.get_or_create(label="first")


class Migration(migrations.Migration):
    # An index is made concurrently: outside of a transaction.
    atomic = False
    dependencies = [("bookshop", "0001_initial")]
    operations = [
        migrations.AlterField("author", "name", models.CharField(max_length=80, unique=True)),
        migrations.AddField("author", "detail", models.JSONField(default=dict)),
        migrations.AlterField("book", "price", models.DecimalField(decimal_places=2, max_digits=10, null=True)),
        migrations.AddField("book", "lent", django.contrib.postgres.fields.ranges.DateTimeRangeField(null=True)),
        migrations.AddField("book", "cover", models.BinaryField(null=True)),
        migrations.AddField("book", "number", models.UUIDField(null=True)),
        migrations.AddField("book", "length", models.DurationField(null=True)),
        migrations.AddConstraint("author", models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="named")),
        migrations.AlterUniqueTogether("book", {("author", "title")}),
        AddIndexConcurrently("author", django.contrib.postgres.indexes.GinIndex(fields=["detail"], name="by_detail")),
        AddIndexConcurrently("book", models.Index(Lower("title"), name="by_title")),
        migrations.RunPython(first_shelf, migrations.RunPython.noop),
        migrations.RunSQL("CREATE VIEW titles AS SELECT title FROM bookshop_book", "DROP VIEW titles"),
    ]
