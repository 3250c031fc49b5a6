"""Where it comes from: refreshes, what is kept of answers, signs of life, rules applied last."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.matching.nearest import Doubt
from catalog.models import Endpoint, Model, Source


class KeptPage(models.Model):
    """The page of an address as it was fetched last, for the next conditional request.

    `path` is relative to the source's address, as in `sources.base.Http`; `address` is a digest of
    the whole address, which may hold a mirror's password. `checked_at` is when the upstream last
    sent or confirmed it.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="kept_pages")
    path = models.CharField(max_length=1000, blank=True)
    address = models.CharField(max_length=64)
    conditions = models.JSONField(default=dict)
    packed = models.BinaryField()
    digest = models.CharField(max_length=64)
    modified_at = models.DateTimeField("its Last-Modified", null=True, blank=True)
    fetched_at = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("source", "path", name="one_kept_page_a_path")]

    def __str__(self) -> str:
        return f"{self.source} {self.path}".strip()


class KeptAnswer(models.Model):
    """The raw pages of one answer of a source, compressed (`sources.kept_answers`).

    `digest` is the SHA-256 of their paths and bodies. `as_of` is the date of the data: what the
    content states of itself, else its Last-Modified, else when it was first seen here.
    `is_applied` is whether the catalog holds what it states, by rules of the fingerprint `rules`;
    `states` is then the digest of all of that but live figures.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="kept_answers")
    digest = models.CharField("SHA-256", max_length=64)
    packed = models.BinaryField()
    pages = models.PositiveIntegerField(default=1)
    size = models.PositiveIntegerField("bytes, unpacked", default=0)
    as_of = models.DateTimeField("date of its data")
    fetched_at = models.DateTimeField()
    is_applied = models.BooleanField(default=False)
    rules = models.CharField(max_length=64, blank=True)
    states = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-fetched_at", "-id")
        constraints = [
            models.UniqueConstraint("source", "digest", name="one_kept_answer_a_digest"),
            models.UniqueConstraint(
                "source", condition=models.Q(is_applied=True), name="one_applied_answer_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.digest[:12]}"


class KeptRules(models.Model):
    """What a source states of endpoints, models and providers that others list.

    It applies to those that come later, too. `rules` is as `sources.rule_dates` writes it.
    """

    source = models.OneToOneField(
        Source, on_delete=models.CASCADE, primary_key=True, related_name="kept_rules"
    )
    rules = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "kept rules"

    def __str__(self) -> str:
        return f"{self.source}: {len(self.rules)} rules"


class RefreshState(models.TextChoices):
    RUNNING = "running", "running"
    DONE = "done", "done"
    UNCHANGED = "unchanged", "unchanged"
    FAILED = "failed", "failed"
    HELD = "held", "held for an editor"
    OLDER = "older", "refused as older"
    SUPERSEDED = "superseded", "held or refused, then replaced by a newer answer"
    ACCEPTED = "accepted", "accepted by an editor"
    REJECTED = "rejected", "rejected by an editor"
    ROLLED_BACK = "rolled_back", "rolled back by an editor"


# Kept for an editor: one a source of either.
WAITING = (RefreshState.HELD, RefreshState.OLDER)
# Of which an editor has decided, or is to.
REVIEWED = (
    *(RefreshState.HELD, RefreshState.ACCEPTED),
    *(RefreshState.REJECTED, RefreshState.ROLLED_BACK),
)


class Refresh(models.Model):
    """One refresh of one source: counts of changes, what was not expressed, or why it failed.

    One that is held, or refused as older than what is here, changed nothing: `difference` is what
    its answer would have changed (`sources.guard.Difference` as JSON), and `content` the digest of
    all that it states.
    """

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
    state = models.CharField(max_length=12, choices=RefreshState, default=RefreshState.RUNNING)
    difference = models.JSONField(default=dict, editable=False)
    content = models.CharField(max_length=32, blank=True, editable=False)
    answer = models.ForeignKey(
        KeptAnswer,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="refreshes",
    )
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
            models.UniqueConstraint(
                "source", condition=models.Q(state="older"), name="one_older_refresh_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} at {self.started_at:%Y-%m-%d %H:%M}"


class EarlierClaims(models.Model):
    """What a source claimed of an endpoint before a refresh changed that, to return to it.

    `columns` are those of catalog.EndpointClaims; None where it claimed nothing.
    """

    refresh = models.ForeignKey(Refresh, on_delete=models.CASCADE, related_name="earlier_claims")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(null=True)

    class Meta:
        verbose_name_plural = "earlier claims"

    def __str__(self) -> str:
        return f"{self.endpoint} before {self.refresh}"


# Why an id has a model of its own without certainty, in words.
DOUBTS = (
    (Doubt.NO_CREATOR.value, "no creator is known"),
    (Doubt.SIZE.value, "several sizes are known, and it has none"),
    (Doubt.DATE.value, "several dates are known, and it has none"),
    (Doubt.ORGANISATION.value, "its organisation is unknown"),
    (Doubt.HOUSE.value, "it is taken for its provider’s own"),
)


class NameState(models.TextChoices):
    WAITING = "waiting", "waiting"
    ALIAS = "alias", "an alias"
    NEW_MODEL = "new_model", "a new model"
    MATCHED = "matched", "matched since"


class UnmatchedName(models.Model):
    """An endpoint's id that no rule links to a known model with certainty (`catalog.matching`).

    `source` listed it first, as `name`; `made` is the slug of the model that it was given then.
    An id that waits becomes *matched* when a rule or an alias links it with certainty.
    """

    endpoint = models.OneToOneField(
        Endpoint, on_delete=models.CASCADE, related_name="unmatched_name", editable=False
    )
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", editable=False)
    name = models.CharField(max_length=300, blank=True, editable=False)
    made = models.CharField("model made for it", max_length=200, editable=False)
    doubt = models.CharField("why", max_length=20, choices=DOUBTS, editable=False)
    first_seen = models.DateTimeField(editable=False)
    state = models.CharField(
        max_length=10, choices=NameState, default=NameState.WAITING, editable=False
    )
    alias_of = models.ForeignKey(
        Model, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)
    why = models.CharField("reason", max_length=500, blank=True)

    class Meta:
        ordering = ("-first_seen", "id")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=("alias", "new_model")) | ~Q(why=""),
                name="decided_name_has_a_reason",
            )
        ]
        indexes = [models.Index("id", condition=Q(state="waiting"), name="unmatched_name_waiting")]

    def __str__(self) -> str:
        return str(self.endpoint)


class EarlierStatements(models.Model):
    """What a source stated beside endpoints before a refresh changed that, to return to it.

    `providers` has, by id of a provider, the columns of catalog.ProviderClaims; None where the
    source claimed nothing. `rules` is that of KeptRules; None where it stays.
    """

    refresh = models.OneToOneField(
        Refresh, on_delete=models.CASCADE, primary_key=True, related_name="earlier_statements"
    )
    providers = models.JSONField(default=dict)
    rules = models.JSONField(null=True)

    class Meta:
        verbose_name_plural = "earlier statements"

    def __str__(self) -> str:
        return f"before {self.refresh}"


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
