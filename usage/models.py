"""Usage logs that were uploaded."""

from django.db import models


class UsageLog(models.Model):
    """An uploaded usage log while it is priced, and its result until it expires.

    The token in its address gives access to it; only the token's digest is kept. The file is
    deleted as soon as the work ends, with or without success.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded"
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    ENDED = (State.DONE, State.FAILED, State.CANCELLED)

    digest = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=500)
    columns = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    progress = models.FloatField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # When a queued log was last sent to the workers, and a running one's worker gave a heartbeat:
    # a worker that is killed leaves no other trace.
    seen_at = models.DateTimeField(null=True)
    # How many workers have claimed it; what an earlier one writes does not count any more.
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # A keyed digest of the address that sent it, until the work ends.
    visitor = models.CharField(max_length=64, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index("expires_at", name="usage_log_expires")]

    def __str__(self) -> str:
        return self.name

    @property
    def ended(self) -> bool:
        return self.state in self.ENDED


class UsagePart(models.Model):
    """A part of a large log, added up by a task of its own. The task that ends the last part prices
    the log."""

    log = models.ForeignKey(UsageLog, on_delete=models.CASCADE, related_name="parts")
    # Which claim of the log it is a part of; those of an earlier one do not count any more.
    attempt = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    begin = models.PositiveBigIntegerField()
    end = models.PositiveBigIntegerField()
    line = models.PositiveBigIntegerField()
    claimed = models.BooleanField(default=False)
    progress = models.FloatField(default=0)
    # The sums, as JSON of `usage.add_up`; null until the part is done.
    added = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("log", "attempt", "number", name="usage_part_once"),
        ]

    def __str__(self) -> str:
        return f"{self.log} {self.number}"
