"""Ratings of models by leaderboards, each under the name that the leaderboard rates."""

from django.db import models
from django.db.models import F, Q


class Rating(models.Model):
    """What people preferred on a board, in one category; `low` and `high` are its interval
    as the leaderboard states it.

    A model may be rated more than once in a category: as of several snapshots or efforts.
    """

    model = models.ForeignKey("catalog.Model", on_delete=models.CASCADE, related_name="ratings")
    board = models.CharField(max_length=20)
    category = models.CharField(max_length=40)
    name = models.CharField(max_length=200, help_text="As the leaderboard names what it rates.")
    effort = models.CharField(max_length=20, blank=True)
    rating = models.DecimalField(max_digits=7, decimal_places=1)
    low = models.DecimalField(max_digits=7, decimal_places=1)
    high = models.DecimalField(max_digits=7, decimal_places=1)
    votes = models.PositiveIntegerField()
    rank = models.PositiveIntegerField()
    as_of = models.DateField()
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("board", "category", "-rating")
        constraints = [
            models.UniqueConstraint(
                fields=("model", "board", "category", "name", "source"), name="one_rating_a_name"
            ),
            models.CheckConstraint(
                condition=Q(low__lte=F("rating"), high__gte=F("rating")),
                name="rating_is_in_its_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.rating} ({self.board}, {self.category})"
