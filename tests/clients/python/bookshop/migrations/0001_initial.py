"""The tables at first."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40)),
                ("born", models.DateField(null=True)),
                ("tags", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")), ("label", models.SlugField(unique=True))],
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.TextField()),
                ("price", models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ("printed", models.DateTimeField(null=True)),
                ("author", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="books", to="bookshop.author")),
                ("shelves", models.ManyToManyField(related_name="books", to="bookshop.shelf")),
            ],
            options={"ordering": ["id"]},
        ),
    ]
