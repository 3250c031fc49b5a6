"""Where it comes from: refreshes of sources, signs of life, and the rules applied last."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.models import Source


class Refresh(models.Model):
    """One refresh of one source: counts of changes, what was not expressed, or why it failed.

    A held one changed nothing: `difference` is what its answer would have changed
    (`sources.guard.Difference` as JSON), and `content` the digest of all that it states.
    """

    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        UNCHANGED = "unchanged", "unchanged"
        FAILED = "failed", "failed"
        HELD = "held", "held for an editor"
        SUPERSEDED = "superseded", "held, then replaced by a newer answer"
        ACCEPTED = "accepted", "accepted by an editor"
        REJECTED = "rejected", "rejected by an editor"
        ROLLED_BACK = "rolled_back", "rolled back by an editor"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="refreshes")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    as_of = models.DateTimeField("date of its data", null=True, blank=True)
    counts = models.JSONField(default=dict)
    not_expressed = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    clock_off = models.DurationField(
        "clock here ahead of its clock",
        null=True,
        blank=True,
        help_text="By the Date of its answers; empty where none had one.",
    )
    state = models.CharField(max_length=12, choices=State, default=State.RUNNING)
    difference = models.JSONField(default=dict, editable=False)
    content = models.CharField(max_length=32, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField("reason of the review", max_length=500, blank=True)

    class Meta:
        # Not by time: a clock that was ahead would stay on top.
        ordering = ("-id",)
        verbose_name_plural = "refreshes"
        indexes = [
            models.Index(fields=("source", "-started_at"), name="refresh_newest"),
            models.Index(
                "source",
                "state",
                condition=~models.Q(content=""),
                name="refresh_reviewed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "source", condition=models.Q(state="held"), name="one_held_refresh_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.started_at:%Y-%m-%d %H:%M}"


class Heartbeat(models.Model):
    """The last sign of life of `beat` and of `worker`: any of them, one row for each name."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"


class AppliedRules(models.Model):
    """The fingerprint of the rules by which links, or winners, were last decided for the whole."""

    name = models.CharField(max_length=20, primary_key=True)
    fingerprint = models.CharField(max_length=32)

    class Meta:
        verbose_name_plural = "applied rules"

    def __str__(self) -> str:
        return self.name
