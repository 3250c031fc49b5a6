"""The ledger: what each call holds and what it cost, by person, team, key and provider."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Key, Team
from catalog.models import Endpoint


class LedgerEntry(models.Model):
    """One call of an endpoint: of the playground's page, or of the address for programs.

    `held` is the most that it can cost, in USD, and counts until `spent`, its exact price, is
    known. An entry that is never settled, because its process was killed, counts with its hold.
    `lines` are the priced meters: meter, quantity, amount, as strings. `first` is seconds to the
    first token of any kind, `throughput` output tokens a second after it. Prompt and answer are
    nowhere.
    """

    class Way(models.TextChoices):
        PAGE = "page", "playground"
        API = "api", "address for programs"

    class Outcome(models.TextChoices):
        OK = "ok", "answered"
        FAILED = "failed", "failed"
        REFUSED = "refused", "refused"
        STOPPED = "stopped", "ended by the caller"

    class Counted(models.TextChoices):
        PROVIDER = "provider", "by the provider"
        RATECARD = "ratecard", "by Ratecard"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="+")
    key = models.ForeignKey(Key, on_delete=models.SET_NULL, null=True, related_name="+")
    # The subject of an OIDC token, such as a repository's pipeline.
    subject = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=10, choices=Way)
    provider = models.ForeignKey(
        "catalog.Provider", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    endpoint = models.ForeignKey(Endpoint, on_delete=models.SET_NULL, null=True, related_name="+")
    provider_slug = models.CharField(max_length=100)
    model_slug = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    held = models.DecimalField(max_digits=24, decimal_places=12)
    spent = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    sentence = models.CharField(max_length=400, blank=True)
    counted_by = models.CharField(max_length=10, choices=Counted, blank=True)
    input_tokens = models.BigIntegerField(null=True)
    cached_tokens = models.BigIntegerField(null=True)
    output_tokens = models.BigIntegerField(null=True)
    reasoning_tokens = models.BigIntegerField(null=True)
    lines = models.JSONField(default=list)
    first = models.FloatField(null=True)
    throughput = models.FloatField(null=True)
    duration = models.FloatField(null=True)

    class Meta:
        ordering = ("-began_at",)
        verbose_name_plural = "ledger entries"
        indexes = [
            models.Index("user", "began_at", name="ledger_by_user"),
            models.Index("team", "began_at", name="ledger_by_team"),
            models.Index("key", "began_at", name="ledger_by_key"),
            models.Index("provider", "began_at", name="ledger_by_provider"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(held__gte=0), name="ledger_holds_no_less_than_0"),
            models.CheckConstraint(
                condition=Q(spent=None) | Q(spent__gte=0, spent__lte=models.F("held")),
                name="ledger_spends_within_its_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_slug} at {self.provider_slug}, {self.began_at:%Y-%m-%d %H:%M}"
