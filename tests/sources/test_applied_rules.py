from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from catalog.known_names import known_names
from catalog.matching.link import SEED
from catalog.models import Alias, Creator, Endpoint, Model
from catalog.overrides import override, relink
from sources.base import Listing, Parsed
from sources.models import AppliedRules
from sources.reconcile import reconcile
from tests.factories import make_creator, make_model, make_provider

pytestmark = pytest.mark.django_db
NOVEMBER = datetime(2026, 11, 12, tzinfo=UTC)


def read(*keys: tuple[str, str]) -> Counter[str]:
    listings = tuple(Listing(provider, upstream_id, {}) for provider, upstream_id in keys)
    return reconcile([Parsed("models-dev", NOVEMBER, listings)], now=timezone.now())


def by_other_rules(provider: str, upstream_id: str, slug: str) -> Model:
    """An endpoint as older rules linked it."""
    model = Model.objects.filter(slug=slug).first() or make_model(slug)
    endpoints = Endpoint.objects.filter(provider__slug=provider, upstream_id=upstream_id)
    endpoints.update(model=model, linked_by="rule")
    return model


def rules_change() -> Counter[str]:
    AppliedRules.objects.update(fingerprint="older")
    return reconcile([], now=timezone.now())


def editor() -> User:
    return User.objects.get_or_create(username="ada")[0]


def slug_behind(name: str) -> str | None:
    return known_names().resolve(name).model


def slug_of(provider: str, upstream_id: str) -> str:
    return Endpoint.objects.get(provider__slug=provider, upstream_id=upstream_id).model.slug


def test_a_model_with_another_slug_is_renamed_and_its_old_address_leads_there() -> None:
    read(("fireworks-ai", "accounts/fireworks/models/ember-1"))
    model = by_other_rules("fireworks-ai", "accounts/fireworks/models/ember-1", "unknown/ember-1")
    Model.objects.exclude(id=model.id).delete()
    Model.objects.filter(id=model.id).update(about="Mine.")
    override(model, {"licence": "MIT"}, by=editor(), why="read it", at=NOVEMBER)
    assert rules_change()["endpoints linked anew"] == 1
    model.refresh_from_db()
    assert (model.slug, model.creator.name) == ("fireworks-ai/ember-1", "Fireworks AI")
    assert (model.about, model.licence) == ("Mine.", "MIT")
    assert not Creator.objects.filter(slug="unknown").exists()
    assert slug_behind("unknown/ember-1") == "fireworks-ai/ember-1"


def test_a_duplicate_is_merged_with_texts_overrides_and_aliases() -> None:
    read(("morph", "morph-glm53flash"), ("zai", "glm-5.3-flash"))
    kept = Model.objects.get()
    gone = by_other_rules("morph", "morph-glm53flash", "zhipuai/glm53flash")
    Model.objects.filter(id=kept.id).update(about="One.")
    Model.objects.filter(id=gone.id).update(about="Two.", faq="### How much?")
    Alias.objects.create(spelling="the-flash", model=gone, by_editor=True)
    override(kept, {"licence": "MIT"}, by=editor(), why="here", at=NOVEMBER)
    override(gone, {"licence": "BSD", "family": "glm"}, by=editor(), why="there", at=NOVEMBER)
    rules_change()
    assert Model.objects.get() == kept
    kept.refresh_from_db()
    assert (kept.about, kept.faq) == ("One.\n\nTwo.", "### How much?")
    assert (kept.licence, kept.family) == ("MIT", "glm")
    assert kept.overrides.count() == 3
    assert set(Alias.objects.values_list("spelling", "model__slug")) == {
        ("the-flash", "zhipuai/glm-5.3-flash"),
        ("zhipuai/glm53flash", "zhipuai/glm-5.3-flash"),
    }
    assert slug_behind("zhipuai/glm53flash") == "zhipuai/glm-5.3-flash"


def test_the_link_of_an_editor_stays() -> None:
    read(("azure", "gpt-7"), ("openai", "gpt-7"))
    other = make_model("openai/other")
    endpoint = Endpoint.objects.get(provider__slug="azure")
    relink(endpoint, other, by=editor(), why="another model", at=NOVEMBER)
    by_other_rules("openai", "gpt-7", "openai/gpt-seven")
    rules_change()
    assert slug_of("azure", "gpt-7") == "openai/other"
    assert slug_of("openai", "gpt-7") == "openai/gpt-7"


def test_an_endpoint_that_an_editor_linked_to_a_merged_model_follows_it() -> None:
    read(("morph", "morph-glm53flash"), ("zai", "glm-5.3-flash"), ("azure", "house-flash"))
    gone = by_other_rules("morph", "morph-glm53flash", "zhipuai/glm53flash")
    endpoint = Endpoint.objects.get(provider__slug="azure")
    relink(endpoint, gone, by=editor(), why="it is this one", at=NOVEMBER)
    rules_change()
    assert slug_of("azure", "house-flash") == "zhipuai/glm-5.3-flash"
    assert endpoint.relinks.get().to_model.slug == "zhipuai/glm-5.3-flash"


def test_an_endpoint_that_no_source_lists_is_the_editors() -> None:
    read(("openai", "gpt-7"))
    by_hand = make_model("openai/mine")
    Endpoint.objects.create(
        provider=make_provider("azure"), upstream_id="gpt-8-mini", model=by_hand
    )
    rules_change()
    assert slug_of("azure", "gpt-8-mini") == "openai/mine"


def test_a_rule_that_is_taken_back_leaves_no_alias_of_a_model() -> None:
    read(("openai", "gpt-7"))
    by_other_rules("openai", "gpt-7", "openai/gpt-seven")
    Alias.objects.create(spelling="openai/gpt-7", model=Model.objects.get(name="gpt-seven"))
    rules_change()
    assert slug_of("openai", "gpt-7") == "openai/gpt-7"
    aliases = set(Alias.objects.values_list("spelling", "model__slug"))
    assert aliases == {("openai/gpt-seven", "openai/gpt-7")}


def test_the_same_rules_move_nothing() -> None:
    read(("openai", "gpt-7"))
    by_other_rules("openai", "gpt-7", "openai/gpt-seven")
    assert not reconcile([], now=timezone.now())
    assert slug_of("openai", "gpt-7") == "openai/gpt-seven"


def test_the_table_names_creators_that_went_by_their_slug() -> None:
    read(("openai", "gpt-7"))
    make_model("sao10k/l3-8b")
    make_model("thedrummer/anubis", creator=make_creator("thedrummer", name="The Drummer"))
    Creator.objects.filter(slug="sao10k").update(name="sao10k")
    rules_change()
    names = dict(Creator.objects.values_list("slug", "name"))
    assert (names["sao10k"], names["thedrummer"]) == ("Sao10K", "The Drummer")


def test_the_command_applies_the_rules(capsys: Any) -> None:
    read(("azure", "whisper"))
    by_other_rules("azure", "whisper", "openai/whisper")
    AppliedRules.objects.update(fingerprint="older")
    call_command("apply_rules")
    assert "1 endpoints linked anew" in capsys.readouterr().out
    assert slug_of("azure", "whisper") == SEED["whisper"]


def test_other_rules_settle_providers_too() -> None:
    read(("openai", "gpt-7"))
    provider = make_provider("xiaomi-token-plan", name="Xiaomi Token Plan (Europe)", kind="plan")
    rules_change()
    provider.refresh_from_db()
    assert provider.name == "Xiaomi Token Plan"
