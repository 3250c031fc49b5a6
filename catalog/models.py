"""Who and what: creators, models, providers and endpoints, and who says so.

Every fact that a page shows was claimed by a source or stated by an editor. The columns of a model,
a provider or an endpoint hold the winning value; `provenance` names who gave it and when; the
claims hold what every source says, losers included. See docs/decisions/0001.
"""

from datetime import date, datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone

from catalog.data_policy import ZDR, PolicyBasis, Retention, Training
from catalog.fields import PartialDateField, above_zero_checks, partial_date_checks
from catalog.lifecycle import Lifecycle, stage_on
from catalog.provider_kinds import ProviderKind
from catalog.search import search_words


class Source(models.Model):
    """An upstream that states facts, or the editors of this install."""

    class Trust(models.IntegerChoices):
        CROWD = 1, "crowd-edited"
        CURATED = 2, "curated"
        PROVIDER = 3, "the provider's own API"
        EDITOR = 4, "an editor"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    url = models.URLField(blank=True)
    licence = models.CharField(max_length=50, blank=True)
    trust = models.PositiveSmallIntegerField(choices=Trust, default=Trust.CROWD)
    as_of = models.DateTimeField("date of its data", null=True, blank=True)
    read_at = models.DateTimeField("last read", null=True, blank=True)

    EDITOR = "editor"

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Creator(models.Model):
    """Who made the model."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Capability(models.Model):
    """A word of the open vocabulary of what a model can do at an endpoint."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    explanation = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("position", "name")
        verbose_name_plural = "capabilities"

    def __str__(self) -> str:
        return self.name


class ModelQuerySet(models.QuerySet["Model"]):
    def listed(self) -> "ModelQuerySet":
        """The models that someone serves or served."""
        return self.filter(provider_count__gt=0)

    def matching(self, words: str) -> "ModelQuerySet":
        """Models whose name, ids, creator or providers hold every word, whatever the order or
        separators."""
        found = self
        for word in search_words(words):
            found = found.filter(search_text__contains=word)
        return found


class Model(models.Model):
    """What was made, whoever serves it. `slug` is creator/name."""

    slug = models.CharField(max_length=200, unique=True)
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, related_name="models")
    name = models.CharField(max_length=300)
    family = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    mode = models.CharField(max_length=30, blank=True)
    lifecycle = models.CharField(
        max_length=20, choices=Lifecycle.choices(), default=Lifecycle.ACTIVE
    )
    deprecated_on = PartialDateField()
    retired_on = PartialDateField()
    successor = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    released = PartialDateField()
    knowledge_cutoff = PartialDateField()
    open_weights = models.BooleanField(null=True, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    modalities_in = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    modalities_out = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    context_window = models.PositiveBigIntegerField(null=True, blank=True)
    max_input = models.PositiveBigIntegerField(null=True, blank=True)
    max_output = models.PositiveBigIntegerField(null=True, blank=True)
    capabilities = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    # Markdown of an editor's. Texts are no facts: nobody claims them, and where one is empty the
    # page says what follows from the facts.
    choosing = models.TextField("choosing a provider", blank=True)
    best_for = models.TextField(blank=True)
    alternatives = models.TextField("consider alternatives", blank=True)
    faq = models.TextField(
        "FAQ",
        blank=True,
        help_text="A heading for each question, such as “### How much?”, its answer below.",
    )
    about = models.TextField(blank=True)
    provenance = models.JSONField(default=dict, editable=False)
    # Kept by summarise_models(), so that the list needs no aggregate.
    search_text = models.TextField(default="", editable=False)
    provider_count = models.PositiveIntegerField(default=0, editable=False)
    first_providers = models.JSONField(
        default=list, editable=False
    )  # [slug, name] of the first few
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ModelQuerySet.as_manager()

    TEXTS = ("choosing", "best_for", "alternatives", "faq", "about")

    class Meta:
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*$"),
                name="model_slug_is_creator_and_name",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="model_has_a_name"),
            *partial_date_checks("deprecated_on", "retired_on", "released", "knowledge_cutoff"),
            *above_zero_checks("context_window", "max_input", "max_output"),
        ]
        indexes = [
            # As the list of models sorts. By release most often, so that index alone has to be
            # read.
            models.Index(
                fields=("-released", "slug"),
                include=("id",),
                condition=Q(provider_count__gt=0),
                name="model_by_latest",
            ),
            models.Index(Lower("name"), "slug", name="model_by_lower_name"),
            models.Index(F("provider_count").desc(), "slug", name="model_by_providers"),
            models.Index(
                Coalesce("context_window", "max_input").desc(nulls_last=True),
                "slug",
                name="model_by_context",
            ),
            GinIndex("capabilities", name="model_by_capability"),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        creator, _, name = self.slug.partition("/")
        return reverse("model", args=[creator, name])

    def stage(self, today: date) -> str:
        """The lifecycle stage on a day:

        a date that has passed counts, whatever was stated before.
        """
        return stage_on(today, self.lifecycle, self.deprecated_on, self.retired_on)


class Alias(models.Model):
    """Another id of the same model, as somebody spells it:

    a dated snapshot, `-latest`, an upstream's id.
    """

    spelling = models.CharField(max_length=300, unique=True)
    model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="aliases")
    billed_as = models.ForeignKey(
        Model, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    billed_from = models.DateTimeField(null=True, blank=True)
    by_editor = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ("spelling",)
        verbose_name_plural = "aliases"
        constraints = [
            models.CheckConstraint(
                condition=Q(billed_as__isnull=True, billed_from__isnull=True)
                | Q(billed_as__isnull=False, billed_from__isnull=False),
                name="alias_billed_as_has_an_instant",
            ),
            models.CheckConstraint(
                condition=Q(spelling__regex=r"^[^A-Z\s]+$"), name="alias_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.spelling


class Provider(models.Model):
    """Who serves models over an API."""

    slug = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(
        max_length=20, choices=ProviderKind.choices(), default=ProviderKind.INFERENCE_HOST
    )
    creator = models.ForeignKey(
        Creator,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="first_parties",
        help_text="Whose own API this is.",
    )
    terms_url = models.URLField(max_length=500, blank=True)
    privacy_url = models.URLField(max_length=500, blank=True)
    status_url = models.URLField(max_length=500, blank=True)
    docs_url = models.URLField(max_length=500, blank=True)
    headquarters = models.CharField(
        max_length=2, blank=True, help_text="Country code, two letters."
    )
    env_names = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    api_base = models.CharField(max_length=500, blank=True)
    provenance = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9][a-z0-9._-]*$"), name="provider_slug_is_url_safe"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(ProviderKind)), name="provider_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Endpoint(models.Model):
    """One model at one provider. The key is provider + upstream id:

    one pair may have several variants.
    """

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="endpoints")
    upstream_id = models.CharField(max_length=300)
    model = models.ForeignKey(Model, on_delete=models.PROTECT, related_name="endpoints")
    variant = models.CharField(max_length=120, blank=True)
    snapshot = models.CharField(max_length=20, blank=True)
    mode = models.CharField(max_length=30, blank=True)
    context_window = models.PositiveBigIntegerField(null=True, blank=True)
    max_input = models.PositiveBigIntegerField(null=True, blank=True)
    max_output = models.PositiveBigIntegerField(null=True, blank=True)
    quantization = models.CharField(max_length=30, blank=True)
    region = models.CharField(max_length=50, blank=True)
    capabilities = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    lacks = ArrayField(
        models.CharField(max_length=50),
        default=list,
        blank=True,
        help_text="Capabilities that are stated to be absent.",
    )
    parameters = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    lifecycle = models.CharField(
        max_length=20, choices=Lifecycle.choices(), default=Lifecycle.ACTIVE
    )
    deprecated_on = PartialDateField()
    retired_on = PartialDateField()
    released = PartialDateField()

    training = models.CharField(max_length=10, choices=Training.choices(), default=Training.UNKNOWN)
    retention = models.CharField(
        max_length=12, choices=Retention.choices(), default=Retention.UNKNOWN
    )
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    zdr = models.CharField(
        "zero data retention", max_length=16, choices=ZDR.choices(), default=ZDR.UNKNOWN
    )
    policy_basis = models.CharField(max_length=20, choices=PolicyBasis.choices(), blank=True)
    policy_exceptions = models.TextField(blank=True)
    policy_url = models.URLField(max_length=500, blank=True)
    policy_checked_on = models.DateField(null=True, blank=True)

    first_seen = models.DateTimeField(default=timezone.now, editable=False)
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    linked_by = models.CharField(max_length=20, default="rule", editable=False)
    provenance = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ("provider__name", "upstream_id")
        constraints = [
            models.UniqueConstraint(
                fields=("provider", "upstream_id"), name="endpoint_is_provider_and_id"
            ),
            models.CheckConstraint(condition=~Q(upstream_id=""), name="endpoint_has_an_id"),
            models.CheckConstraint(
                condition=Q(retention="days", retention_days__isnull=False)
                | (~Q(retention="days") & Q(retention_days__isnull=True)),
                name="endpoint_days_are_counted",
            ),
            *partial_date_checks("deprecated_on", "retired_on", "released"),
            *above_zero_checks("context_window", "max_input", "max_output"),
        ]
        indexes = [
            GinIndex("capabilities", name="endpoint_by_capability"),
            # The few of which a source states what people filter by.
            models.Index("model", condition=Q(zdr="default"), name="endpoint_with_zdr"),
            models.Index(
                "model",
                condition=Q(training__in=("no", "opt_in")),
                name="endpoint_without_training",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upstream_id} at {self.provider_id and self.provider.slug}"

    def stage(self, today: date) -> str:
        """The lifecycle stage on a day:

        a date that has passed counts, whatever was stated before.
        """
        return stage_on(today, self.lifecycle, self.deprecated_on, self.retired_on)


class Claims(models.Model):
    """What one source states of one subject: each entry of `facts` is a claim.

    The claims of a source about a subject come and go together, so they share a row. `stated_at` is
    the date of the data that first said all this; a claim that is older than that has its own date
    in `since`.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    facts = models.JSONField(default=dict)
    since = models.JSONField(default=dict)
    stated_at = models.DateTimeField()
    missing_since = models.DateTimeField(null=True, blank=True)
    digest = models.BinaryField(max_length=16)

    class Meta:
        abstract = True

    def dated(self, field: str) -> datetime:
        """When the source's data first stated the present value of a field."""
        return datetime.fromisoformat(self.since[field]) if field in self.since else self.stated_at


class ProviderClaims(Claims):
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="claims")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("provider", "source"), name="one_claims_row_a_provider")
        ]
        verbose_name_plural = "provider claims"

    def __str__(self) -> str:
        return f"{self.source} on {self.provider}"


class EndpointClaims(Claims):
    """One source on one endpoint. `rates` is its rate card: pricing.rates.StatedRate as JSON.

    `by_pattern` says that the source does not list this id, but a rule of its covers it.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="claims")
    rates = models.JSONField(default=list)
    by_pattern = models.BooleanField(default=False)

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
        Model, on_delete=models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, null=True, blank=True, related_name="overrides"
    )
    field = models.CharField(max_length=50)
    value = models.JSONField(null=True)
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
    """An endpoint that was moved from one model to another:

    a decided link moves in no other way.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="relinks")
    from_model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="+")
    to_model = models.ForeignKey(Model, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=500)

    class Meta:
        ordering = ("-at",)
        constraints = [models.CheckConstraint(condition=~Q(why=""), name="relink_says_why")]

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.from_model} → {self.to_model}"
