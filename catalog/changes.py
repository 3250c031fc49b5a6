"""What this install saw become different, but for prices, whose history is `pricing.Rate`."""

from datetime import datetime

from django.db import models
from django.db.models import Q


class ChangeKind(models.TextChoices):
    MODEL = "model", "new model"
    ENDPOINT = "endpoint", "availability"
    LIFECYCLE = "lifecycle", "lifecycle"
    LIMIT = "limit", "limit"
    CAPABILITY = "capability", "capability"
    POLICY = "policy", "data policy"


class ChangeQuerySet(models.QuerySet["Change"]):
    def made_by(self, source_id: int, at: datetime) -> "ChangeQuerySet":
        """Those that the refresh of a source at an instant made."""
        return self.filter(source=source_id, at=at)


class Change(models.Model):
    """One thing of one model, endpoint or provider that differs from what it was before `at`.

    `field` is the column, or the capability; of an endpoint's availability it is *added*, *gone* or
    *back*. `source` is the one that was read then. A `correction` changed what is known, not the
    world. What an editor takes back with its refresh is `withdrawn`, and never shown.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=ChangeKind)
    model = models.ForeignKey(
        "catalog.Model", on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    endpoint = models.ForeignKey(
        "catalog.Endpoint", on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    provider = models.ForeignKey(
        "catalog.Provider", on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    field = models.CharField(max_length=60, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    correction = models.BooleanField(default=False)
    source = models.ForeignKey(
        "catalog.Source", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn = models.BooleanField(default=False)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        constraints = [
            models.CheckConstraint(
                condition=Q(model__isnull=False, endpoint__isnull=True, provider__isnull=True)
                | Q(model__isnull=True, endpoint__isnull=False, provider__isnull=True)
                | Q(model__isnull=True, endpoint__isnull=True, provider__isnull=False),
                name="change_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(ChangeKind)), name="change_kind_is_known"
            ),
        ]
        indexes = [models.Index("source", "at", name="change_by_refresh")]

    def __str__(self) -> str:
        return f"{self.kind} {self.field} at {self.at:%Y-%m-%d %H:%M}"
