"""How endpoints perform: figures that sources state, and the ones that tables show."""

from django.db import models
from django.db.models import Q

from catalog.models import Endpoint, Source


class Metric(models.TextChoices):
    """Latency in seconds to the first token, throughput in tokens a second, uptime as a ratio."""

    LATENCY = "latency", "latency"
    THROUGHPUT = "throughput", "throughput"
    UPTIME = "uptime", "uptime"


class KeptFigure(models.Model):
    """A live figure as a source states it, kept as that source's and never merged with others.

    `percentile` is None for a ratio. `window` is what it is taken over: 5m, 30m, 1h, 1d, or "" for
    a current value. A gateway measures its own traffic: `served_by` is the endpoint that the route
    leads to, where the catalog knows one; `route` is the gateway's name of it.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="figures")
    route = models.CharField(max_length=200, blank=True)
    served_by = models.ForeignKey(
        Endpoint, on_delete=models.SET_NULL, null=True, related_name="figures_of_gateways"
    )
    metric = models.CharField(max_length=10, choices=Metric)
    percentile = models.PositiveSmallIntegerField(null=True)
    window = models.CharField(max_length=10, blank=True)
    value = models.DecimalField(max_digits=16, decimal_places=6)
    samples = models.PositiveIntegerField(null=True)
    definition = models.CharField(max_length=300, blank=True)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("source", "endpoint", "route", "metric", "percentile", "window"),
                name="one_figure_of_a_kind",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(metric=Metric.UPTIME, value__gte=0, value__lte=1)
                | (~Q(metric=Metric.UPTIME) & Q(value__gt=0)),
                name="figure_is_possible",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.endpoint} by {self.source}"


class LiveRow(models.Model):
    """The figures that tables show of an endpoint: medians, and the uptime.

    `details` holds of each figure by metric: source, window, percentile, samples, as_of (ISO) and
    definition. Kept by `telemetry.live.renew_live_rows`.
    """

    endpoint = models.OneToOneField(
        Endpoint, on_delete=models.CASCADE, primary_key=True, related_name="live"
    )
    latency = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    throughput = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    uptime = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    details = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"live figures of {self.endpoint}"
