"""Rules on models: what a source states of them, whichever provider serves them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Model, ModelClaims
from catalog.overrides import override, standing, withdraw
from sources.base import Listing, ModelRule, Parsed
from sources.reconcile import reconcile
from sources.rules import joined_model_rules
from sources.winners import settle_overridden

NOVEMBER = datetime(2026, 11, 12, tzinfo=UTC)
PAGE = ("https://meta.example/code-llama", "2026-11-30")
SLUGS = ("meta/codellama-7b", "meta/codellama-70b", "openai/gpt-4")


def rule(*models: str, **facts: Any) -> ModelRule:
    return ModelRule(models, facts, dict.fromkeys(facts, PAGE))


def run(*rules: ModelRule, as_of: datetime = NOVEMBER) -> Counter[str]:
    listed = Parsed("models-dev", as_of, (Listing("meta", "codellama-7b", {"name": "Code Llama"}),))
    curated = Parsed("curated", as_of, (), models=rules, only_known=True)
    return reconcile([listed, curated], now=timezone.now())


def test_a_slug_counts_before_a_pattern_and_a_later_rule_before_an_earlier_one() -> None:
    joined = joined_model_rules(
        [
            rule("meta/codellama-70b", released="2024-01-29"),
            rule("meta/codellama-*", released="2023-08-24", family="codellama"),
            rule("meta/codellama-7*", released="2023-08"),
            rule("meta/llama-9", released="2030"),
        ],
        SLUGS,
    )
    assert {slug: row.facts for slug, row in joined.items()} == {
        "meta/codellama-7b": {"released": "2023-08", "family": "codellama"},
        "meta/codellama-70b": {"released": "2024-01-29", "family": "codellama"},
    }


@pytest.mark.django_db
def test_a_fact_of_a_model_has_its_evidence_yields_to_an_editor_and_leaves_with_its_rule() -> None:
    run(rule("meta/codellama-*", released="2023-08-24"))
    model = Model.objects.get(slug="meta/codellama-7b")
    assert model.released == "2023-08-24"
    assert model.provenance["released"] == ["curated", "2026-11-30", PAGE[0]]
    assert run(rule("meta/codellama-*", released="2023-08-24")) == Counter()

    editor = User.objects.create(username="ed")
    override(model, {"released": "2023-08-25"}, by=editor, why="Its page", at=timezone.now())
    settle_overridden(standing(model))
    assert Model.objects.get(slug=model.slug).released == "2023-08-25"
    for row in standing(model):
        withdraw(row, by=editor, at=timezone.now())
        settle_overridden([row])
    assert Model.objects.get(slug=model.slug).released == "2023-08-24"

    run(as_of=NOVEMBER + timedelta(days=1))
    assert not ModelClaims.objects.exists()
    assert Model.objects.get(slug=model.slug).released == ""


@pytest.mark.django_db
def test_a_dated_name_states_the_date_where_no_source_does() -> None:
    facts = {"name": "Mistral OCR"}
    listings = (
        Listing("mistral", "mistral-ocr-2512", facts),
        Listing("mistral", "mistral-large-2411", {"released": "2024-11-18"}),
    )
    reconcile([Parsed("models-dev", NOVEMBER, listings)], now=timezone.now())
    released = dict(Model.objects.values_list("slug", "released"))
    assert released["mistral/mistral-ocr-2512"] == "2025-12"
    assert released["mistral/mistral-large-2411"] == "2024-11-18"
