"""Creators, models, providers and endpoints.

Every fact that a page shows was claimed by a source or stated by an editor. The columns of a model,
a provider or an endpoint hold the winning value, and `provenance` names its source and date, and
the address of the evidence where there is one; what every source states is in `catalog.statements`.
See docs/decisions/0001.
"""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils import timezone

from catalog.changes import Change
from catalog.fields import PartialDateField, above_zero_checks, partial_date_checks
from catalog.lifecycle import Lifecycle, stage_on
from catalog.policy_columns import DataPolicy, policy_check
from catalog.provider_kinds import ProviderKind
from catalog.ratings import Rating
from catalog.statements import (
    Claims,
    EndpointClaims,
    ModelClaims,
    Override,
    OverrideQuerySet,
    ProviderClaims,
    Relink,
)

__all__ = [
    "Alias",
    "Capability",
    "Change",
    "Claims",
    "Creator",
    "Endpoint",
    "EndpointClaims",
    "Model",
    "ModelClaims",
    "Override",
    "OverrideQuerySet",
    "Provider",
    "ProviderClaims",
    "Rating",
    "Relink",
    "Source",
]


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
    # Not before the source last gave what it changed; stays while its answer does.
    stated_at = models.DateTimeField("since when it states all this", null=True, blank=True)
    read_at = models.DateTimeField("last read", null=True, blank=True)
    # A snapshot is read, and checks nothing.
    fetched_at = models.DateTimeField("last fetched with success", null=True, blank=True)
    # Kept at the first failure alone: a failure more changes no page.
    failing_since = models.DateTimeField("failing since", null=True, blank=True)

    EDITOR = "editor"

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Creator(models.Model):
    """The organisation that made a model."""

    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Capability(models.Model):
    """A word of the open vocabulary of what a model does at an endpoint."""

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
        return self.filter(provider_count__gt=0)


class Model(models.Model):
    """What was made, whichever provider serves it. `slug` is creator/name."""

    slug = models.CharField(max_length=200, unique=True)
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, related_name="models")
    name = models.CharField(max_length=300)
    family = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    mode = models.CharField(max_length=30, blank=True)
    lifecycle = models.CharField(
        max_length=20, choices=Lifecycle.choices(), default=Lifecycle.LISTED
    )
    deprecated_on = PartialDateField()
    # On which its creator's own API shuts it down.
    retired_on = PartialDateField()
    # With floating ids alone: no model of its own. Kept by summarise_models().
    floating = models.BooleanField(default=False, editable=False)
    # From which it is retired: by `sources.model_stage`, from all of its endpoints.
    ends_on = PartialDateField(editable=False)
    # The earliest date on which a source's data lists it.
    listed_since = PartialDateField(editable=False)
    # Since when all of its endpoints are missing.
    missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    successor = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    derived_from = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="derived",
        help_text="The base model of a fine-tune.",
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
    # Markdown by editors. Texts are no facts: no source claims them, and in place of an empty one
    # the page shows sentences made of facts.
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
    # The best overall rating on the first board that rates it. Written by summarise_models().
    rating = models.DecimalField(max_digits=7, decimal_places=1, null=True, editable=False)
    rating_board = models.CharField(max_length=20, blank=True, editable=False)
    # Written by summarise_models(), so that the list needs no aggregate.
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
            *partial_date_checks("deprecated_on", "retired_on", "ends_on", "listed_since"),
            *partial_date_checks("released", "knowledge_cutoff"),
            *above_zero_checks("context_window", "max_input", "max_output"),
        ]
        indexes = [
            # The orders of the list of models; the most frequent one is an index-only scan.
            models.Index(
                fields=("-released", "slug"),
                include=("id", "lifecycle", "ends_on", "floating", "missing_since"),
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
        days = self.deprecated_on, self.ends_on
        return stage_on(today, self.lifecycle, *days, self.missing_since)


class Alias(models.Model):
    """Another id of the same model: a dated snapshot, `-latest`, an upstream's spelling."""

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


class Provider(DataPolicy):
    """An organisation that serves models over an API."""

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
            policy_check(),
            *partial_date_checks("policy_checked_on"),
        ]

    def __str__(self) -> str:
        return self.name


class Endpoint(DataPolicy):
    """One model at one provider, by upstream id; variants have ids of their own."""

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="endpoints")
    upstream_id = models.CharField(max_length=300)
    model = models.ForeignKey(
        Model, on_delete=models.PROTECT, related_name="endpoints", db_index=False
    )
    variant = models.CharField(max_length=120, blank=True)
    snapshot = models.CharField(max_length=20, blank=True)
    floating = models.BooleanField(
        default=False, help_text="Its provider changes to which model the id leads."
    )
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
        max_length=20, choices=Lifecycle.choices(), default=Lifecycle.LISTED
    )
    deprecated_on = PartialDateField()
    retired_on = PartialDateField(help_text="The day on which the provider shuts it down.")
    retired_not_before = PartialDateField(
        help_text="Until when the provider promises it, where no day of retirement is stated."
    )
    released = PartialDateField()

    first_seen = models.DateTimeField(default=timezone.now, editable=False)
    # The earliest date on which a source's data lists it, which is not that of a load.
    listed_since = PartialDateField(editable=False)
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
            policy_check(),
            *partial_date_checks("deprecated_on", "retired_on", "retired_not_before"),
            *partial_date_checks("released", "listed_since", "policy_checked_on"),
            *above_zero_checks("context_window", "max_input", "max_output"),
        ]
        indexes = [
            GinIndex("capabilities", name="endpoint_by_capability"),
            # By kind of provider, lists read those in use of all models without their wide rows.
            models.Index(
                "model",
                "provider",
                include=["id", "missing_since", "lifecycle", "retired_on"],
                name="endpoint_by_model",
            ),
            # The few whose data policy or region is known and filtered by.
            models.Index("model", condition=Q(zdr="default"), name="endpoint_with_zdr"),
            models.Index(
                "model",
                condition=Q(training__in=("no", "opt_in")),
                name="endpoint_without_training",
            ),
            models.Index(
                "model",
                condition=~Q(region="") | ~Q(variant=""),
                name="endpoint_of_a_region",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.upstream_id} at {self.provider_id and self.provider.slug}"

    def stage(self, today: date) -> str:
        days = self.deprecated_on, self.retired_on
        return stage_on(today, self.lifecycle, *days, self.missing_since)
