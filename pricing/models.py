"""What it costs: rates with their history, and the headline of each model."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Concat

from catalog.models import Endpoint, Model, Source
from pricing.meters import meter
from pricing.rates import STATES


class RateQuerySet(models.QuerySet["Rate"]):
    def published(self) -> "RateQuerySet":
        return self.filter(held=False)

    def waiting(self) -> "RateQuerySet":
        """Held for an editor, and not decided."""
        return self.filter(held=True, by=None).exclude(origin=Rate.Origin.WITHDRAWN)

    def rejected(self) -> "RateQuerySet":
        """Held, and an editor left them so: their prices do not wait again."""
        return self.filter(held=True, by__isnull=False).exclude(origin=Rate.Origin.WITHDRAWN)

    def begun(self, source: Source, at: datetime) -> "RateQuerySet":
        """Announced prices of a source that have begun: valid if it still states them."""
        return self.filter(source=source, announced=True, valid_from__lte=at)

    def base(self) -> "RateQuerySet":
        return self.filter(terms={})

    def for_endpoints(self, ids: Iterable[int]) -> "RateQuerySet":
        return self.filter(endpoint__among=ids)


class Rate(models.Model):
    """The price of one meter at one endpoint under stated terms, over `[valid_from, valid_to)`.

    `amount` buys `per` units. `valid_from` is None where the source states no start.
    """

    class Origin(models.TextChoices):
        FIRST = "first", "first seen"
        CHANGE = "change", "the provider changed it"
        CORRECTION = "correction", "the source was wrong"
        # Of a refresh that was rolled back: held too, so that nothing reads it as a price.
        WITHDRAWN = "withdrawn", "taken back"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="rates")
    meter = models.CharField(max_length=40)
    amount = models.DecimalField(max_digits=24, decimal_places=12, null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    per = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=12, choices=[(state, state.replace("_", " ")) for state in STATES]
    )
    terms = models.JSONField(default=dict, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    observed_at = models.DateTimeField()
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.FIRST)
    announced = models.BooleanField(
        default=False, help_text="Stated for the future, not yet seen to hold."
    )
    held = models.BooleanField(default=False, help_text="Kept back until an editor publishes it.")
    content_billed_as_input = models.BooleanField(
        null=True,
        blank=True,
        help_text="Of a search: whether the content that it finds is billed as input too. "
        "Unknown is not stated.",
    )
    evidence = models.URLField(
        blank=True, help_text="The change that made this price, where one is recorded."
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.CharField(max_length=500, blank=True)
    # When an editor published or rejected it, after it was held.
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Of an editor's price: what each source stated then, as `catalog.stated_then` compares it.
    stated_then = models.JSONField(null=True, blank=True, editable=False)
    # Of an editor's price: as `catalog.decisions` writes them; None for none.
    decisions = models.JSONField(null=True, blank=True, editable=False)
    # The refreshes that wrote this row and that ended it, as long as their records are kept.
    refresh = models.ForeignKey(
        "sources.Refresh",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )
    ended_by = models.ForeignKey(
        "sources.Refresh",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
    )

    # What must not overlap in time: an endpoint's meter under the same terms, as one number.
    series = models.GeneratedField(
        expression=Func(
            Concat(
                "endpoint_id",
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

    objects = RateQuerySet.as_manager()

    class Meta:
        ordering = ("endpoint", "meter", "valid_from")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="rate_state_is_known"),
            models.CheckConstraint(
                # An absent amount makes a comparison NULL, and PostgreSQL lets a NULL condition
                # pass.
                condition=Q(state="priced", amount__isnull=False, amount__gt=0)
                | Q(state="free", amount__isnull=False, amount=0)
                | (~Q(state__in=("priced", "free")) & Q(amount__isnull=True)),
                name="rate_amount_fits_its_state",
            ),
            models.CheckConstraint(condition=Q(per__gt=0), name="rate_is_per_something"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="rate_ends_after_it_begins",
            ),
            # No two published rates of one meter under the same terms overlap in time. Ranges need
            # no extension, so the series is written as a range too.
            ExclusionConstraint(
                name="rates_do_not_overlap",
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
                condition=Q(held=False),
            ),
        ]
        indexes = [
            models.Index("endpoint", "meter", condition=Q(valid_to=None), name="rate_current"),
            models.Index("refresh", condition=Q(refresh__isnull=False), name="rate_by_refresh"),
            models.Index("ended_by", condition=Q(ended_by__isnull=False), name="rate_by_its_end"),
        ]

    def __str__(self) -> str:
        return f"{self.meter} of {self.endpoint}"

    @property
    def unit(self) -> str:
        return meter(self.meter).unit


class PriceRow(models.Model):
    """One endpoint's row as lists show it: prices at standard terms, now, in USD.

    `input`, `output` and `cache_read` are per million tokens; `own_amount` is for as many units as
    the meter `own_meter` is quoted for, where a price of input or output is missing. `place` is its
    place among the endpoints of its model by `pricing.headline`, `cheap_place` among those that are
    sold by use, at once and to everybody. Kept by `find_headlines()`.
    """

    endpoint = models.OneToOneField(
        Endpoint, on_delete=models.CASCADE, primary_key=True, related_name="price_row"
    )
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="price_rows")
    place = models.PositiveIntegerField()
    cheap_place = models.PositiveIntegerField(null=True)
    standing = models.CharField(max_length=12)
    blend = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    input = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    input_state = models.CharField(max_length=12)
    output = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    output_state = models.CharField(max_length=12)
    cache_read = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    cache_read_state = models.CharField(max_length=12)
    own_meter = models.CharField(max_length=40, blank=True)
    own_amount = models.DecimalField(max_digits=24, decimal_places=12, null=True)

    class Meta:
        indexes = [models.Index("model", "place", name="price_row_by_place")]

    def __str__(self) -> str:
        return f"{self.endpoint} as {self.standing}"


class Headline(models.Model):
    """The endpoint whose row stands for a model, and a cheaper one elsewhere.

    `cheapest` has the least `cheap_place`; it is the headline's where none is sold.
    `lower_amount` and `lower_ratio` are of the meter `lower_meter`. `folded` is why a list leaves
    the model out until it is unfolded, and `top` its place in the order Top. Kept by
    `find_headlines()`.
    """

    class Folded(models.TextChoices):
        RETIRED = "retired", "retired"
        FLOATING = "floating", "floating ids"
        FINE_TUNE = "fine-tune", "fine-tunes"
        PRICE = "price", "without a price"
        GATEWAY = "gateway", "at a single gateway"

    model = models.OneToOneField(
        Model, on_delete=models.CASCADE, primary_key=True, related_name="headline"
    )
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+")
    standing = models.CharField(max_length=12)
    cheapest = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    lower_endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, null=True, related_name="+"
    )
    lower_meter = models.CharField(max_length=40, blank=True)
    lower_amount = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    lower_ratio = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    folded = models.CharField(max_length=12, blank=True, choices=Folded, db_default="")
    top = models.PositiveIntegerField(db_default=0)

    class Meta:
        indexes = [models.Index("top", name="headline_by_top")]

    def __str__(self) -> str:
        return f"{self.model} at {self.endpoint}"
