"""The curated facts on the bundled snapshot: known values by name, each with its source."""

import json
from collections import Counter
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Provider, ProviderClaims
from sources.upstreams.curated.read import FOLDER
from web.reads.coverage import coverage

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

OPENAI_PAGE = "https://developers.openai.com/api/docs/guides/your-data"


def endpoint(provider: str, upstream_id: str) -> Endpoint:
    return Endpoint.objects.get(provider__slug=provider, upstream_id=upstream_id)


def policy(row: Endpoint | Provider) -> tuple[Any, ...]:
    return row.training, row.retention, row.retention_days, row.zdr


def test_a_provider_has_its_policy_its_links_and_its_country_with_their_sources() -> None:
    openai = Provider.objects.get(slug="openai")
    assert policy(openai) == ("opt_in", "days", 30, "on_request")
    assert openai.provenance["training"] == ["curated", "2026-08-30", OPENAI_PAGE]
    assert (openai.policy_url, openai.policy_checked_on) == (OPENAI_PAGE, "2026-08-30")
    assert openai.terms_url == "https://openai.com/policies/services-agreement/"
    assert openai.headquarters == "US"
    assert openai.provenance["headquarters"][1] == "2026-08-22"
    claims = ProviderClaims.objects.get(provider=openai, source__slug="curated")
    assert claims.evidence["zdr"] == [OPENAI_PAGE, "2026-08-30"]


def test_an_endpoint_has_what_holds_at_its_provider() -> None:
    o4_mini = endpoint("openai", "o4-mini")
    assert policy(o4_mini) == ("opt_in", "days", 30, "on_request")
    assert o4_mini.provenance["zdr"] == ["curated", "2026-08-30", OPENAI_PAGE]
    assert o4_mini.policy_basis == "provider_default"
    assert endpoint("anthropic", "claude-opus-4-8").zdr == "contract"
    assert not EndpointClaims.objects.filter(
        source__slug="curated", endpoint__provider__slug="openai", facts__has_key="training"
    ).exists()


@pytest.mark.parametrize("provider", ["anthropic", "amazon-bedrock", "google-vertex", "azure"])
def test_claude_fable_has_no_zero_retention_at_any_host(provider: str) -> None:
    rows = Endpoint.objects.filter(provider__slug=provider, upstream_id__contains="claude-fable")
    assert {policy(row) for row in rows} == {("no", "days", 30, "no")}


def test_other_models_of_the_same_host_keep_its_default() -> None:
    bedrock = endpoint("amazon-bedrock", "anthropic.claude-opus-4-8")
    assert policy(bedrock) == ("no", "none", None, "with_exceptions")


def test_a_rule_for_some_requests_is_an_exception_and_no_value() -> None:
    gemini = endpoint("google", "gemini-2.5-flash")
    assert policy(gemini) == ("no", "days", 55, "on_request")
    assert "Unpaid tier: On the unpaid tier content improves" in gemini.policy_exceptions
    assert "Grounding tool used" in endpoint("google-vertex", "gemini-2.5-flash").policy_exceptions


def test_a_model_that_is_cheaper_for_training_trains() -> None:
    rows = Endpoint.objects.filter(provider__slug="meta", upstream_id__contains="contributor")
    assert {row.training for row in rows} == {"yes"}
    others = Endpoint.objects.filter(provider__slug="meta").exclude(id__in=rows)
    assert {row.training for row in others} == {"no"}


def test_the_agreements_of_gateways_are_not_the_policy_of_direct_providers() -> None:
    moonshot = Provider.objects.get(slug="moonshotai")
    claims = ProviderClaims.objects.get(provider=moonshot, source__slug="curated")
    agreement = "Vercel AI Gateway, 2026-09: zero data retention and no training"
    assert any(agreement in line for line in claims.facts["policy_elsewhere"])
    assert moonshot.zdr == "on_request"
    assert "kimi.ai" in moonshot.provenance["zdr"][2]
    modal = Provider.objects.get(slug="modal")
    assert policy(modal) == ("unknown", "unknown", None, "unknown")
    gateways = Endpoint.objects.filter(provider__slug__in=["vercel", "openrouter"])
    assert set(
        gateways.exclude(policy_basis="gateway_agreement").values_list("zdr", flat=True)
    ) <= {
        *("no", "unknown"),
    }
    assert not gateways.filter(Q(zdr="default") | Q(training="no", retention="none")).exists()


def test_what_no_source_states_is_unknown() -> None:
    free = Endpoint.objects.filter(provider__slug="openrouter", upstream_id__endswith=":free")
    assert set(free.values_list("training", "retention", "zdr")) == {("unknown",) * 3}
    minimax = Provider.objects.get(slug="minimax")
    assert policy(minimax) == ("no", "unknown", None, "unknown")


def test_a_value_that_only_a_list_of_providers_states_is_in_doubt() -> None:
    plain = endpoint("siliconflow", "deepseek-ai/DeepSeek-V3")
    assert policy(plain) == ("no", "none", None, "unknown")
    assert "no page of the provider itself is on record" in plain.policy_note


def test_every_value_of_a_policy_names_its_source_date_and_address() -> None:
    for name in ("training", "retention", "zdr"):
        known = Endpoint.objects.exclude(**{name: "unknown"})
        assert known.count() > 2000
        for provenance in known.values_list("provenance", flat=True):
            source, on, url = provenance[name]
            assert (source, url[:4], on[:3]) == ("curated", "http", "202")


def test_most_endpoints_have_terms_privacy_and_a_country() -> None:
    count = Endpoint.objects.count()
    for name in ("terms_url", "privacy_url", "headquarters"):
        known = Endpoint.objects.exclude(**{f"provider__{name}": ""})
        assert known.count() > 0.55 * count


def test_no_rule_makes_an_endpoint() -> None:
    assert not Endpoint.objects.exclude(claims__by_rule=False).exists()
    assert not Endpoint.objects.filter(
        provider__slug="google", upstream_id__startswith="claude"
    ).exists()


def test_rules_have_no_claims_for_what_holds_at_a_whole_provider() -> None:
    rows = json.loads(FOLDER.joinpath("endpoint_policy.json").read_text())["rows"]
    assert len(rows) > 20
    claims = EndpointClaims.objects.filter(source__slug="curated", facts__has_key="training")
    assert claims.count() < 1000
    assert timezone.now() > claims.latest("stated_at").stated_at


def test_no_more_endpoints_are_known_than_there_are() -> None:
    known = Counter[tuple[int, str]]()
    stated = coverage()
    for fact in stated.facts:
        known[fact.provider_id, fact.fact] += fact.endpoints
    sizes = {provider.id: provider.endpoints for provider in stated.providers}
    assert not {key: count for key, count in known.items() if count > sizes[key[0]]}
