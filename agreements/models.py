"""What was agreed with providers: private providers, endpoints and rates.

They have tables of their own, so that a page, file, feed or count reads them only where it means
to. Only people with the permission to view them are shown any.
"""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from catalog.models import Endpoint, Model, Provider
from pricing.meters import meter


class PrivateProvider(models.Model):
    """A provider that no public page names: a deployment of one's own, or a partner."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    note = models.TextField(blank=True, help_text="Region, contact, contract number.")

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class PrivateEndpoint(models.Model):
    """One model at a private provider, or at a public one that serves it to this customer alone."""

    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="private_endpoints")
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    private_provider = models.ForeignKey(
        PrivateProvider, on_delete=models.CASCADE, null=True, blank=True, related_name="endpoints"
    )
    upstream_id = models.CharField("id at the provider", max_length=300)
    context_window = models.PositiveBigIntegerField(null=True, blank=True)
    max_output = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("model", "upstream_id")
        constraints = [
            models.CheckConstraint(
                condition=Q(provider__isnull=True, private_provider__isnull=False)
                | Q(provider__isnull=False, private_provider__isnull=True),
                name="private_endpoint_has_one_provider",
                violation_error_message="Choose one provider: a public or a private one.",
            ),
            models.UniqueConstraint(
                "model",
                Coalesce("provider", 0),
                Coalesce("private_provider", 0),
                "upstream_id",
                name="private_endpoint_is_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} at {self.provider_name} ({self.upstream_id})"

    @property
    def provider_name(self) -> str:
        return str(self.provider or self.private_provider)


class PrivateRate(models.Model):
    """An agreed price of one meter, over `[valid_from, valid_to)`: at a private endpoint, or at a
    public one beside its list price.

    `amount` buys as many units as the meter is quoted for. Without a start it holds since ever.
    """

    class AgreedState(models.TextChoices):
        PRICED = "priced", "priced"
        FREE = "free", "free"
        INCLUDED = "included", "included in a plan"

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, null=True, blank=True, related_name="private_rates"
    )
    private_endpoint = models.ForeignKey(
        PrivateEndpoint, on_delete=models.CASCADE, null=True, blank=True, related_name="rates"
    )
    meter = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=AgreedState, default=AgreedState.PRICED)
    amount = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    terms = models.JSONField(default=dict, blank=True)
    valid_from = models.DateTimeField("contract begins", null=True, blank=True)
    valid_to = models.DateTimeField("contract ends", null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False
    )
    at = models.DateTimeField(default=timezone.now, editable=False)
    why = models.CharField("contract or reason", max_length=500)

    # What must not overlap in time: an endpoint's meter under the same terms, as one number.
    series = models.GeneratedField(
        expression=Func(
            Concat(
                Coalesce(F("endpoint_id"), Value(0)),
                Value(" "),
                Coalesce(F("private_endpoint_id"), Value(0)),
                Value(" "),
                "meter",
                Cast("terms", models.TextField()),
                output_field=models.TextField(),
            ),
            Value(0),
            function="hashtextextended",
            output_field=models.BigIntegerField(),
        ),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        ordering = ("endpoint", "private_endpoint", "meter", "valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(endpoint__isnull=True, private_endpoint__isnull=False)
                | Q(endpoint__isnull=False, private_endpoint__isnull=True),
                name="private_rate_has_one_endpoint",
                violation_error_message="Choose one endpoint: a public or a private one.",
            ),
            models.CheckConstraint(
                # A comparison with an absent amount is NULL, which PostgreSQL lets pass.
                condition=Q(state="priced", amount__isnull=False, amount__gt=0)
                | Q(state="free", amount__isnull=False, amount=0)
                | Q(state="included", amount__isnull=True),
                name="private_rate_amount_fits_its_state",
                violation_error_message=(
                    "A price is above zero; what is free costs zero; what a plan includes has no"
                    " amount."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gt=F("valid_from")),
                name="private_rate_ends_after_it_begins",
                violation_error_message="A contract ends after it begins.",
            ),
            ExclusionConstraint(
                name="private_rates_do_not_overlap",
                expressions=[
                    (
                        Func(F("series"), F("series"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("valid_from"), F("valid_to"), function="tstzrange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=(
                    "Another agreed price of this meter holds in that time: end it first."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter} of {self.endpoint or self.private_endpoint}"

    @property
    def unit(self) -> str:
        return meter(self.meter).unit
