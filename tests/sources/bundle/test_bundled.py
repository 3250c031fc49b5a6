"""The snapshot that every new install starts with, loaded whole."""

import json
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from catalog.known_providers import PROVIDERS
from catalog.models import Endpoint, EndpointClaims, Model, Provider
from pricing.headline import SOLD
from pricing.models import Headline, PriceRow, Rate
from sources.bundle.snapshot import BUNDLED, load
from sources.reconcile import reconcile
from sources.registry import SOURCES
from tests.factories import current_rates

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]


def current(provider: str, upstream_id: str) -> dict[tuple[str, str], Decimal | None]:
    rows = current_rates(timezone.now()).filter(
        endpoint__provider__slug=provider, endpoint__upstream_id=upstream_id
    )
    return {
        (row.meter, row.terms.get("tier", "")): row.amount
        for row in rows
        if set(row.terms) <= {"tier"}
    }


def test_there_are_thousands_of_endpoints_with_prices() -> None:
    assert Endpoint.objects.count() > 11_000
    assert Model.objects.listed().count() > 1900
    assert Rate.objects.filter(state="priced", valid_to=None).count() > 35_000
    assert Rate.objects.exclude(valid_to=None).count() > 500


@pytest.mark.parametrize(
    "rows",
    [
        Endpoint.objects.all(),
        Endpoint.objects.filter(mode="chat"),
        EndpointClaims.objects.all(),
        EndpointClaims.objects.filter(by_pattern=False),
        Model.objects.all(),
        Model.objects.listed(),
        Model.objects.filter(mode="chat"),
        Rate.objects.all(),
        Rate.objects.filter(terms={}),
        PriceRow.objects.filter(place=1),
        Headline.objects.filter(folded=""),
    ],
    ids=lambda rows: str(rows.query).partition(" FROM ")[2],
)
def test_queries_are_planned_by_what_was_loaded(rows: QuerySet[Any]) -> None:
    (plan,) = json.loads(rows.all().explain(format="json"))
    number = rows.count()
    assert number > 500
    assert number / 4 < plan["Plan"]["Plan Rows"] < number * 4


@pytest.mark.parametrize(
    ("upstream_id", "mode"),
    [
        ("gpt-3.5-turbo-instruct", "completion"),
        ("gpt-4o-search-preview", "chat"),
        ("gpt-4.1", "chat"),
        ("gpt-5-codex", "responses"),
        ("o1-pro", "responses"),
        ("text-embedding-3-small", "embedding"),
    ],
)
def test_openais_models_say_through_which_api_they_are_asked(upstream_id: str, mode: str) -> None:
    endpoint = Endpoint.objects.get(provider__slug="openai", upstream_id=upstream_id)
    assert (endpoint.mode, endpoint.model.mode) == (mode, mode)


def test_who_is_called_first_party_serves_mostly_its_own_models() -> None:
    serves: dict[str, Counter[bool]] = defaultdict(Counter)
    pairs = Endpoint.objects.filter(provider__kind="first-party").values_list(
        "provider__slug", "provider__creator", "model__creator"
    )
    for provider, own, maker in pairs.filter(model__provider_count__gt=0):
        serves[provider][maker == own] += 1
    assert len(serves) > 50
    assert {
        provider: found for provider, found in serves.items() if found[True] < found[False]
    } == {}


def test_no_router_of_the_snapshot_is_free_but_to_free_models() -> None:
    routers = PriceRow.objects.filter(
        place=1, model__slug__regex=r"(^|[/-])(auto|router|bodybuilder)($|-)"
    )
    states = dict(routers.values_list("model__slug", "input_state"))
    assert states["openrouter/auto"] == states["openrouter/bodybuilder"] == "dynamic"
    assert {slug for slug, state in states.items() if state == "free"} == {"kilo/auto-free"}


def test_a_fine_tune_is_by_its_tuner_and_derives_from_its_base() -> None:
    tuned = Model.objects.get(slug="community/gemma-4-26b-a4b-it-opusdistill")
    assert (tuned.creator.name, str(tuned.derived_from)) == (
        "Community",
        "google/gemma-4-26b-a4b-it",
    )
    assert tuned.provenance["derived_from"][0] == "models-dev"
    assert Model.objects.listed().exclude(derived_from=None).count() > 70


def test_o4_mini_is_right() -> None:
    model = Model.objects.get(slug="openai/o4-mini")
    assert (model.name, model.released, model.creator.name) == ("o4-mini", "2025-04-16", "OpenAI")
    assert (model.context_window, model.max_output, model.knowledge_cutoff) == (
        200_000,
        100_000,
        "2024-05",
    )
    assert {"reasoning", "tool-use", "vision", "implicit-caching"} <= set(model.capabilities)
    assert (model.lifecycle, model.retired_on) == ("deprecated", "2026-10-23")
    for provider in ("openai", "azure"):
        card = current(provider, "o4-mini")
        assert card["input", ""] == Decimal("1.1")
        assert card["output", ""] == Decimal("4.4")
        assert card["cache_read", ""] == Decimal("0.275")
        assert card["input", "batch"] == Decimal("0.55")
        assert card["output", "batch"] == Decimal("2.2")


@pytest.mark.parametrize(
    ("slug", "name", "released"),
    [
        ("anthropic/claude-opus-5.5", "Claude Opus 5.5", "2026-09-22"),
        ("openai/gpt-6-sol", "GPT-6 Sol", "2026-09-22"),
        ("zhipuai/glm-5.3", "GLM-5.3", "2026-08-14"),
        (
            "deepseek/deepseek-v4-flash",
            "DeepSeek V4 Flash",
            "2026-04-24",
        ),  # its creator's row says V4.1's
        ("deepseek/deepseek-v4-flash-0731", "DeepSeek V4 Flash 0731", "2026-07-31"),
        ("openai/gpt-5.2-codex", "GPT-5.2 Codex", "2025-12-11"),
    ],
)
def test_newer_models_have_a_name_a_date_and_modalities(
    slug: str, name: str, released: str
) -> None:
    model = Model.objects.get(slug=slug)
    assert (model.name, model.released) == (name, released)
    assert "text" in model.modalities_in
    assert model.context_window
    assert model.provider_count >= 10


def test_most_models_that_somebody_else_than_one_provider_serves_have_a_date() -> None:
    several = Model.objects.filter(provider_count__gte=2)
    assert several.exclude(released="").count() > 0.75 * several.count()


def test_no_sentence_that_somebody_wrote_is_in_it() -> None:
    for source in load(BUNDLED.read_bytes()):
        assert not any("description" in listing.facts for listing in source.listings)


def test_every_provider_has_a_kind_that_somebody_decided() -> None:
    assert set(Provider.objects.values_list("slug", flat=True)) <= PROVIDERS.keys()


def test_who_only_passes_a_model_on_is_not_its_creator() -> None:
    hosts = ["runware", "together-ai", "embercloud", "consensusprotocol", "bailian", "moonshot-ai"]
    assert not Model.objects.filter(creator__slug__in=hosts).exists()


def test_a_price_that_fell_is_kept_in_history() -> None:
    old, new = Rate.objects.filter(
        endpoint__provider__slug="openai", endpoint__upstream_id="o3", meter="input", terms={}
    ).order_by("valid_to")
    assert (old.amount, new.amount) == (Decimal(10), Decimal(2))
    assert old.valid_to == new.valid_from
    assert new.valid_from and new.valid_from.date() == date(2025, 6, 10)


def test_bands_of_a_long_context_are_rates_with_terms() -> None:
    band = Rate.objects.get(
        endpoint__provider__slug="openai",
        endpoint__upstream_id="gpt-5.4",
        meter="input",
        terms={
            "band": {
                "threshold": 272_000,
                "operator": "gt",
                "basis": "total_input",
                "applies": "whole_request",
            }
        },
        valid_to=None,
    )
    assert band.amount == Decimal(5)


def test_no_plan_and_no_unknown_is_a_lower_price_or_stands_where_an_endpoint_is_sold() -> None:
    apart = {"endpoint__provider__kind__in": ["plan", "local"]}
    assert not Headline.objects.filter(**apart, standing__in=SOLD).exists()
    assert not Headline.objects.filter(lower_endpoint__provider__kind__in=["plan"]).exists()
    assert not PriceRow.objects.filter(input_state="priced", input__isnull=True).exists()
    sold = PriceRow.objects.filter(standing__in=SOLD).values("model")
    assert not Headline.objects.filter(model__in=sold).exclude(standing__in=SOLD).exists()


def test_every_fact_names_its_source_and_date() -> None:
    fields = ("context_window", "max_output", "released", "mode")
    for endpoint in Endpoint.objects.all()[:2000]:
        for field in fields:
            if getattr(endpoint, field):
                source, on, *_ = endpoint.provenance[field]
                assert source and date.fromisoformat(on)


def test_a_magnitude_slip_is_held_and_not_shown() -> None:
    slip = Rate.objects.get(
        endpoint__provider__slug="helicone", endpoint__upstream_id="mistral-nemo", meter="input"
    )
    assert (slip.held, slip.amount) == (True, Decimal(20))
    assert not current_rates(timezone.now()).filter(id=slip.id).exists()


def test_loading_it_again_changes_nothing() -> None:
    catalogs = [parsed for parsed in load(BUNDLED.read_bytes()) if parsed.source in SOURCES]
    assert reconcile(catalogs, now=timezone.now()) == Counter()
