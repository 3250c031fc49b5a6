"""The prices of the snapshot that every new install starts with."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalog.models import Endpoint
from catalog.suitability import CONDITIONAL, DEFERRED
from pricing.headline import SOLD
from pricing.models import Headline, Rate
from pricing.price import price
from pricing.priced_endpoints import priced_endpoints
from pricing.rates import RateCard
from pricing.slips import WHY_OF_PIECES
from pricing.usage import Usage

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def card(provider: str, upstream_id: str) -> RateCard:
    return next(
        endpoint.card
        for endpoint in priced_endpoints(date(2026, 11, 30)).all
        if (endpoint.provider, endpoint.upstream_id) == (provider, upstream_id)
    )


def test_xais_band_holds_at_exactly_its_threshold() -> None:
    for upstream_id in ("grok-4.7", "grok-4.20-0309"):
        grok = card("xai", upstream_id)
        below, at, past = (
            price(grok, Usage.of(input=tokens), at=NOW).total / tokens
            for tokens in (199_999, 200_000, 200_001)
        )
        assert below < at == past
    bands = Rate.objects.filter(endpoint__provider__slug="xai", terms__has_key="band")
    assert bands.count() > 150
    assert not bands.exclude(terms__band__operator="gte", terms__band__threshold=200_000).exists()


def test_vercels_bands_are_those_of_the_models_makers() -> None:
    bands = Rate.objects.filter(endpoint__provider__slug="vercel", terms__has_key="band")
    assert bands.count() > 100
    assert not {band["threshold"] for band in bands.values_list("terms__band", flat=True)} & {
        *(32_001, 128_001, 200_001, 256_001, 272_001)
    }


def test_a_regional_endpoint_of_bedrock_has_the_price_of_its_region() -> None:
    amounts = {
        upstream_id: amount.normalize()
        for upstream_id, amount in Rate.objects.filter(
            endpoint__provider__slug="amazon-bedrock", meter="input", terms={}, valid_to=None
        ).values_list("endpoint__upstream_id", "amount")
        if amount
    }
    # Of two amounts, each is what some sources state for the region.
    for upstream_id, stated in {
        "apac.amazon.nova-lite-v1:0": "0.063",
        "apac.amazon.nova-micro-v1:0": "0.037",
        "apac.amazon.nova-pro-v1:0": "0.84",
        "ca.amazon.nova-lite-v1:0": "0.064",
        "eu.amazon.nova-2-lite-v1:0": "0.429 0.374",
        "eu.amazon.nova-lite-v1:0": "0.078 0.069",
        "eu.amazon.nova-micro-v1:0": "0.046 0.04",
        "eu.amazon.nova-pro-v1:0": "1.05 0.92",
        "eu.meta.llama3-2-1b-instruct-v1:0": "0.13",
        "jp.amazon.nova-2-lite-v1:0": "0.396",
        "us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0": "3.6",
        "us-gov.openai.gpt-oss-120b-1:0": "0.18",
        "us.amazon.nova-pro-v1:0": "0.8",
    }.items():
        assert amounts[upstream_id] in map(Decimal, stated.split()), upstream_id


def test_an_id_that_is_sold_in_one_tier_has_no_base_card() -> None:
    for tier in DEFERRED:
        rates = Rate.objects.filter(endpoint__variant__regex=rf"(^|,){tier}(,|$)")
        assert rates.filter(state="priced").count() > 20
        assert not rates.exclude(terms__tier=tier).exists()


def test_what_is_not_sold_to_everybody_is_a_headline_where_nothing_else_is_sold() -> None:
    words = "|".join((*DEFERRED, *CONDITIONAL))
    apart = Endpoint.objects.filter(variant__regex=rf"(^|,)({words})(,|$)")
    assert apart.filter(provider__slug="aihubmix", upstream_id="coding-kimi-k3").exists()
    assert apart.filter(provider__slug="meta", upstream_id="muse-spark-1.3-contributor").exists()
    sold = Headline.objects.filter(endpoint__in=apart, standing__in=SOLD)
    assert not sold.exists()
    assert not Headline.objects.filter(lower_endpoint__in=apart).exists()


def test_prices_of_images_and_minutes_among_those_of_tokens_wait_for_an_editor() -> None:
    rates = Rate.objects.filter(valid_to=None, state="priced", meter__in=("input", "output"))
    caught = {
        ("fireworks-ai", "accounts/fireworks/models/flux-kontext-max"),
        ("fireworks-ai", "accounts/fireworks/models/flux-kontext-pro"),
        ("fireworks-ai", "accounts/fireworks/models/flux-1-dev"),
        ("fireworks-ai", "accounts/fireworks/models/flux-1-schnell"),
        ("digitalocean", "stable-diffusion-3.5-large"),
        ("digitalocean", "wan2-2-t2v-a14b"),
        ("evroc", "openai/whisper-large-v3"),
        ("evroc", "openai/whisper-large-v3-turbo"),
        ("nearai", "openai/whisper-large-v3"),
        ("privatemode-ai", "whisper-large-v3"),
        ("scaleway", "whisper-large-v3"),
    }
    for provider, upstream_id in caught:
        prices = rates.filter(endpoint__provider__slug=provider, endpoint__upstream_id=upstream_id)
        assert prices.exists()
        assert not prices.exclude(held=True).exclude(why="").exists(), (provider, upstream_id)
    of_pieces = rates.filter(held=True, why=WHY_OF_PIECES)
    assert 10 <= of_pieces.values("endpoint").distinct().count() < 20
    # Those of gpt-image and of Gemini's images are of tokens.
    images = rates.filter(endpoint__model__slug__regex="/(gpt-image|gemini.*-image)", held=False)
    assert images.count() > 100


def test_free_is_what_a_provider_says_is_free() -> None:
    cards = Rate.objects.filter(valid_to=None, terms={}, meter="input", held=False)
    free = set(
        cards.filter(state="free").values_list("endpoint__provider__slug", "endpoint__upstream_id")
    )
    assert {
        ("openrouter", "stealth/space-bunny-alpha"),
        ("opencode", "glm-5-free"),
        ("zai", "glm-4.7-flash"),
        ("ovhcloud", "qwen3guard-gen-8b"),
    } <= free
    unsaid = {pair for pair in free if "free" not in pair[1].lower()}
    assert len(unsaid) < 40 < len(free)
    trials = cards.filter(endpoint__provider__slug__in=("nvidia", "modelscope", "llama", "inferx"))
    assert trials.filter(state="unknown").count() > 90
    assert not trials.filter(state="free").exists()
    assert not cards.filter(
        state="free", source__slug="litellm", endpoint__provider__slug__in=("google", "publicai")
    ).exists()


def test_searches_state_whether_what_they_find_is_billed_as_input() -> None:
    searches = Rate.objects.filter(meter="web_search", valid_to=None)
    own = searches.filter(endpoint__provider__slug="anthropic")
    content = dict(own.values_list("endpoint__upstream_id", "content_billed_as_input"))
    assert content["claude-sonnet-5"] is True
    assert searches.filter(content_billed_as_input=True).count() > 600
    assert searches.filter(content_billed_as_input=False).count() > 25
    flash = searches.filter(
        endpoint__provider__slug="google", endpoint__upstream_id="gemini-3-flash-preview"
    )
    options = [terms.get("options", {}) for terms in flash.values_list("terms", flat=True)]
    assert sorted(map(sorted, options)) == [[], ["billed_by", "free_allowance"]]
    ended = Rate.objects.filter(
        endpoint__provider__slug="perplexity", endpoint__upstream_id="sonar", meter="request"
    )
    assert not ended.filter(valid_to=None).exists()
    assert {rate.valid_to for rate in ended} == {datetime(2026, 10, 23, tzinfo=UTC)}
    for provider, upstream_id in (
        ("google-vertex", "claude-sonnet-4@20250514"),
        ("amazon-bedrock", "eu.anthropic.claude-opus-4-1-20250805-v1:0"),
    ):
        writes = Rate.objects.filter(
            endpoint__provider__slug=provider,
            endpoint__upstream_id=upstream_id,
            meter="cache_write_1h",
        )
        assert writes.get().source.slug == "curated"
