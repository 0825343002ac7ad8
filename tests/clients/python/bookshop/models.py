"""Which tables does the application have?"""

from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower


class Author(models.Model):
    name = models.CharField(max_length=80, unique=True)
    born = models.DateField(null=True)
    tags = ArrayField(models.TextField(), default=list)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="named")]
        indexes = [GinIndex(fields=["detail"], name="by_detail")]


class Shelf(models.Model):
    label = models.SlugField(unique=True)


class Book(models.Model):
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    shelves = models.ManyToManyField(Shelf, related_name="books")
    title = models.TextField()
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    printed = models.DateTimeField(null=True)
    lent = DateTimeRangeField(null=True)
    cover = models.BinaryField(null=True)
    number = models.UUIDField(null=True)
    length = models.DurationField(null=True)

    class Meta:
        ordering = ["id"]
        unique_together = [("author", "title")]
        indexes = [models.Index(Lower("title"), name="by_title")]
