"""How endpoints perform: calls as they are counted, figures of sources, and what tables show."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.functions import Now

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

    `details` holds by metric: source, window, percentile, samples, as_of (ISO) and definition; p95,
    trend (of Measured) and origin where they are known. A metric with details and without a figure
    had too few samples, or is made up: `beside` is then the value, which no order or filter sees as
    long as there are real figures of the metric. Kept by `telemetry.live.renew_live_rows`.
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


class CallOrigin(models.TextChoices):
    """Who made the calls that a series counts. Demo calls are made up, and marked everywhere."""

    TRAFFIC = "traffic", "own traffic"
    PROBE = "probe", "probes"
    PLAYGROUND = "playground", "playground"
    PROMETHEUS = "prometheus", "Prometheus"
    DEMO = "demo", "demo"


class Series(models.Model):
    """What calls are counted under: the words of their sender for the provider and the model.

    `endpoint` is what these words mean in the catalog, looked up again with every version of it,
    or an editor's choice.
    """

    origin = models.CharField(max_length=10, choices=CallOrigin)
    provider_name = models.CharField(max_length=200, blank=True)
    model_name = models.CharField(max_length=300)
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.SET_NULL, null=True, blank=True, related_name="series"
    )
    is_chosen = models.BooleanField(default=False)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                fields=("origin", "provider_name", "model_name"), name="one_series_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_name} at {self.provider_name or 'no provider'} ({self.origin})"


class InboxRow(models.Model):
    """The calls of one accepted request, as packed numbers: see telemetry.packing.

    Written before the answer, and deleted by the transaction that counts it.
    """

    origin = models.CharField(max_length=10, choices=CallOrigin)
    at = models.DateTimeField(db_default=Now())
    packed = models.BinaryField()

    def __str__(self) -> str:
        return f"calls received at {self.at}"


class SeenBody(models.Model):
    """The digest of an accepted body: the same body within ten minutes counts once."""

    digest = models.BinaryField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "seen bodies"

    def __str__(self) -> str:
        return f"a body seen at {self.at}"


class FoldState(models.Model):
    """What the fold keeps beside the counts, in one row.

    `named_version` is the version of the catalog in which all series were last looked up. Series
    that were dropped because too many were without an endpoint are counted, with their calls.
    """

    named_version = models.CharField(max_length=100, blank=True, db_default="")
    dropped_series = models.BigIntegerField(db_default=0)
    dropped_calls = models.BigIntegerField(db_default=0)
    dropped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "what the fold keeps"


class CumulativePoint(models.Model):
    """The last state of a stream of a metric that its sender only ever adds to.

    `digest` is of the resource, the metric and its attributes; `scale` and `histogram` are None for
    a metric with explicit buckets. Streams that are not renewed are dropped.
    """

    digest = models.BinaryField(primary_key=True)
    started = models.BigIntegerField()
    at = models.FloatField()
    count = models.BigIntegerField()
    sum = models.FloatField()
    scale = models.SmallIntegerField(null=True)
    histogram = models.BinaryField(null=True)
    renewed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a stream as of {self.renewed_at}"


class RealField(models.FloatField):  # type: ignore[type-arg]
    """Four bytes: seven digits, where an estimate of a histogram knows three."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "real"


class Rollup(models.Model):
    """The calls of a series in one step of time, by when they began.

    Uptime is succeeded / (succeeded + failed); `refused` (429, and 4xx of the caller's making) is
    in neither. Latency is seconds to the first token, throughput output tokens a second after it.
    P50 and P95 are nearest ranks out of the histogram, None without samples. `latency_unplaced` and
    its sum are of latencies that no histogram has, because their source states explicit buckets or
    they came when it was gone; they serve the mean. None are kept as null, which takes no space.
    """

    pk = models.CompositePrimaryKey("series_id", "start")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="+", db_index=False)
    start = models.DateTimeField()
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    latency_samples = models.BigIntegerField(default=0)
    latency_p50 = RealField(null=True)
    latency_p95 = RealField(null=True)
    latency_unplaced = models.BigIntegerField(null=True)
    latency_unplaced_sum = models.FloatField(null=True)
    latency_histogram = models.BinaryField(null=True)
    throughput_samples = models.BigIntegerField(default=0)
    throughput_p50 = RealField(null=True)
    throughput_p95 = RealField(null=True)
    throughput_histogram = models.BinaryField(null=True)

    class Meta:
        abstract = True


class Slot(Rollup):
    """Five minutes; kept for 48 hours."""

    def __str__(self) -> str:
        return f"five minutes from {self.start}"


class Hour(Rollup):
    """An hour; kept for 90 days."""

    def __str__(self) -> str:
        return f"the hour from {self.start}"


class Day(Rollup):
    """A day in UTC; kept for ever."""

    def __str__(self) -> str:
        return f"the day of {self.start}"


class Measured(models.Model):
    """What calls of one origin show of an endpoint now: the last hour, and uptime over 24 hours.

    `details` holds by metric what else is known of a figure: its `definition` in words, and `low`
    and `high`, the bounds of the bucket of a P50 that is estimated from a histogram's buckets
    (`high` is null where there is none). `trend` holds a list of the last 24 hours by metric,
    oldest first, null where nothing was measured. `newest_at` is when the newest call began.
    Renewed once a minute.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="measured")
    origin = models.CharField(max_length=10, choices=CallOrigin)
    latency = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    latency_p95 = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    latency_samples = models.BigIntegerField(default=0)
    throughput = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    throughput_p95 = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    throughput_samples = models.BigIntegerField(default=0)
    uptime = models.DecimalField(max_digits=16, decimal_places=6, null=True)
    uptime_samples = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    trend = models.JSONField(default=dict)
    details = models.JSONField(default=dict, db_default={})
    newest_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "measured"
        constraints = [
            models.UniqueConstraint(fields=("endpoint", "origin"), name="one_row_of_an_origin")
        ]

    def __str__(self) -> str:
        return f"{self.origin} of {self.endpoint}"


class ProbeRun(models.Model):
    """A probe: a call of an endpoint by this program, what it showed and what it cost.

    `held` is the most that it can cost, in USD; `spent` is what it did, None until it is settled. A
    run without an outcome is running, or was killed. `status` is that of HTTP; `first` and
    `first_answer` are seconds to the first token of any kind, and to the first of the answer.
    """

    class Ending(models.TextChoices):
        OK = "ok", "answered"
        FAILED = "failed", "failed"
        REFUSED = "refused", "refused"
        UNREACHED = "unreached", "no connection, not counted"

    provider = models.ForeignKey(
        "catalog.Provider", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.SET_NULL, null=True, related_name="probe_runs"
    )
    began_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Ending, blank=True)
    sentence = models.CharField(max_length=400, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    held = models.DecimalField(max_digits=24, decimal_places=12)
    spent = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    first = models.FloatField(null=True)
    first_answer = models.FloatField(null=True)
    throughput = models.FloatField(null=True)
    input_tokens = models.BigIntegerField(null=True)
    output_tokens = models.BigIntegerField(null=True)

    class Meta:
        ordering = ("-began_at",)
        indexes = [models.Index("provider", "began_at", name="probe_run_by_provider")]

    def __str__(self) -> str:
        return f"probe of {self.endpoint} at {self.began_at}"


# The figures that a query of an exporter gives.
QUERIES = (
    *("latency", "token_time", "succeeded", "failed", "refused"),
    *("input_tokens", "output_tokens"),
)


class PrometheusExporter(models.Model):
    """The queries in PromQL that read the metrics of one kind of exporter, as an editor left them.

    `$window` stands for a duration. A query gives the increase in it, by the labels that name the
    model and its provider: of the buckets of a histogram (classic, by `le`, or native) for latency
    and the time per output token, of counters for the rest. An empty query is not asked. Where one
    name comes from several exporters, the first in `place` counts.
    `slots_until` and its like are the ends of what has been read; `error` is the sentence of the
    last run, if it failed, and `left_out` counts what its answers had and could not be kept.
    """

    name = models.CharField(max_length=100, unique=True)
    is_enabled = models.BooleanField("enabled", default=True)
    place = models.PositiveSmallIntegerField(default=100)
    provider_labels = models.CharField(
        max_length=300, blank=True, help_text="The first that is not empty counts."
    )
    provider_name = models.CharField(
        max_length=200, blank=True, help_text="Where no label names the provider."
    )
    model_labels = models.CharField(
        max_length=300, blank=True, help_text="The first that is not empty counts."
    )
    model_name = models.CharField(
        max_length=300, blank=True, help_text="Where no label names the model."
    )
    latency = models.TextField(
        max_length=2000, blank=True, help_text="A histogram of seconds to the first token."
    )
    latency_definition = models.CharField(max_length=300, blank=True)
    token_time = models.TextField(
        "time per output token",
        max_length=2000,
        blank=True,
        help_text="A histogram of seconds per output token, after the first.",
    )
    throughput_definition = models.CharField(max_length=300, blank=True)
    succeeded = models.TextField(max_length=2000, blank=True, help_text="A counter of calls.")
    failed = models.TextField(
        max_length=2000, blank=True, help_text="Calls that failed by the provider's fault."
    )
    refused = models.TextField(
        max_length=2000, blank=True, help_text="429, and 4xx of the caller's making."
    )
    input_tokens = models.TextField(max_length=2000, blank=True)
    output_tokens = models.TextField(max_length=2000, blank=True)
    note = models.TextField(blank=True)
    slots_until = models.DateTimeField(null=True, editable=False)
    hours_until = models.DateTimeField(null=True, editable=False)
    days_until = models.DateTimeField(null=True, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    error = models.CharField(max_length=500, blank=True, editable=False)
    left_out = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ("place", "name")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        for figure in QUERIES:
            query = self.query(figure)
            if query and "$window" not in query:
                raise ValidationError({figure: "Name the duration of the increase: $window."})
        if bool(self.succeeded) != bool(self.failed):
            raise ValidationError("An uptime needs both the succeeded and the failed calls.")

    def query(self, figure: str) -> str:
        """The query of a figure, one of QUERIES; "" where there is none."""
        return str(getattr(self, figure)).strip()
