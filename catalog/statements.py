"""What is stated of the catalog: sources' claims, editors' overrides and relinks.

See docs/decisions/0001.
"""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.claim_dates import began


class Claims(models.Model):
    """What one source states of one subject: each entry of `facts` is a claim.

    The claims of a source on a subject come and go together, so they share a row. `stated_at` is
    the date of the data that first had them all; older claims have a date of their own in `since`,
    by the names of `catalog.claim_dates`. `evidence` is by field: [address, date of the
    check]; that of a rate is under `rate.<meter>`.
    """

    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT)
    facts = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    since = models.JSONField(default=dict)
    stated_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True, blank=True)
    digest = models.BinaryField(max_length=16)

    class Meta:
        abstract = True

    def dated(self, claim: str) -> datetime:
        return began(claim, stated_at=self.stated_at, since=self.since, evidence=self.evidence)


class ProviderClaims(Claims):
    provider = models.ForeignKey(
        "catalog.Provider", on_delete=models.CASCADE, related_name="claims"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("provider", "source"), name="one_claims_row_a_provider")
        ]
        verbose_name_plural = "provider claims"

    def __str__(self) -> str:
        return f"{self.source} on {self.provider}"


class ModelClaims(Claims):
    """One source on one model, whichever provider serves it."""

    model = models.ForeignKey("catalog.Model", on_delete=models.CASCADE, related_name="claims")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("model", "source"), name="one_claims_row_a_model")
        ]
        verbose_name_plural = "model claims"

    def __str__(self) -> str:
        return f"{self.source} on {self.model}"


class EndpointClaims(Claims):
    """One source on one endpoint. `rates` is its rate card: pricing.rates.StatedRate as JSON.

    `by_rule`: a rule of the source covers this id, and the source lists no such endpoint.
    `by_pattern`: that rule was made for another id and covers this one too.
    """

    endpoint = models.ForeignKey(
        "catalog.Endpoint", on_delete=models.CASCADE, related_name="claims"
    )
    rates = models.JSONField(default=list)
    by_pattern = models.BooleanField(default=False)
    by_rule = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("endpoint", "source"), name="one_claims_row_an_endpoint"
            )
        ]
        verbose_name_plural = "endpoint claims"

    def __str__(self) -> str:
        return f"{self.source} on {self.endpoint}"


class OverrideQuerySet(models.QuerySet["Override"]):
    def standing(self) -> "OverrideQuerySet":
        return self.filter(withdrawn_at__isnull=True)


class Override(models.Model):
    """An editor's statement of one fact. It beats every claim until an editor withdraws it."""

    model = models.ForeignKey(
        "catalog.Model", on_delete=models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    provider = models.ForeignKey(
        "catalog.Provider",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
    )
    endpoint = models.ForeignKey(
        "catalog.Endpoint",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
    )
    field = models.CharField(max_length=50)
    value = models.JSONField(null=True)
    before = models.JSONField("value before", null=True, editable=False)
    # As `catalog.stated_then` compares it.
    stated_then = models.JSONField("what sources stated then", null=True, editable=False)
    # As `catalog.decisions` writes them; None for none.
    decisions = models.JSONField(null=True, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=500)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ("-at",)
        constraints = [
            models.CheckConstraint(
                condition=Q(model__isnull=False, provider__isnull=True, endpoint__isnull=True)
                | Q(model__isnull=True, provider__isnull=False, endpoint__isnull=True)
                | Q(model__isnull=True, provider__isnull=True, endpoint__isnull=False),
                name="override_has_one_subject",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="override_says_why"),
            *(
                models.UniqueConstraint(
                    fields=(subject, "field"),
                    condition=Q(withdrawn_at__isnull=True, **{f"{subject}__isnull": False}),
                    name=f"one_standing_override_a_{subject}_field",
                )
                for subject in ("model", "provider", "endpoint")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.model or self.provider or self.endpoint}"


class Relink(models.Model):
    """An endpoint that an editor moved to another model; no other way changes a decided link."""

    endpoint = models.ForeignKey(
        "catalog.Endpoint", on_delete=models.CASCADE, related_name="relinks"
    )
    from_model = models.ForeignKey("catalog.Model", on_delete=models.CASCADE, related_name="+")
    to_model = models.ForeignKey("catalog.Model", on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=500)

    class Meta:
        ordering = ("-at",)
        constraints = [models.CheckConstraint(condition=~Q(why=""), name="relink_says_why")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.from_model} → {self.to_model}"
