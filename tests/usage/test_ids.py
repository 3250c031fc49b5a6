"""Ids as exports and responses write them, placed and priced end to end."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.known_names import known_names
from catalog.models import Endpoint, Model, Provider
from pricing.priced_endpoints import priced_endpoints
from pricing.terms import Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, summarise
from usage.placement import likely, place
from usage.price_log import price_log
from usage.report import LogReport
from usage.report_json import report_json
from usage.responses import read_report
from web.pages.pasted import price_report

pytestmark = pytest.mark.django_db

PAYLOADS = Path(__file__).parents[1] / "payloads" / "ids"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def sell_as(model, provider, upstream_id, amount, *, variant="", region="", snapshot=""):
    """An endpoint whose output costs five times its input."""
    endpoint = make_endpoint(
        model, provider, upstream_id=upstream_id, variant=variant, region=region, snapshot=snapshot
    )
    state = "priced" if amount else "free"
    make_rate(endpoint, "input", str(amount), state=state)
    make_rate(endpoint, "output", str(5 * amount), state=state)
    return endpoint


@pytest.fixture(autouse=True)
def catalog() -> None:
    sonnet, r7 = make_model("anthropic/claude-sonnet-7.5"), make_model("deepseek/deepseek-r7")
    gpt, mini = make_model("openai/gpt-7"), make_model("openai/gpt-7-mini")
    llama = make_model("meta/llama-7-70b")
    openrouter = make_provider("openrouter", name="OpenRouter", kind="gateway")
    bedrock = make_provider("amazon-bedrock", kind="cloud")
    dated = {"snapshot": "2026-09-29"}
    sell_as(
        sonnet,
        make_provider("anthropic", kind="first-party"),
        "claude-sonnet-7-5-20260929",
        3,
        **dated,
    )
    sell_as(sonnet, bedrock, "anthropic.claude-sonnet-7-5-20260929-v1:0", 3, **dated)
    sell_as(
        sonnet, bedrock, "us.anthropic.claude-sonnet-7-5-20260929-v1:0", 4, region="us", **dated
    )
    sell_as(sonnet, openrouter, "anthropic/claude-sonnet-7.5", 3)
    sell_as(sonnet, openrouter, "anthropic/claude-sonnet-7.5:batch", 1, variant="batch")
    later = sell_as(r7, openrouter, "deepseek/deepseek-r7:batch", 1, variant="batch")
    later.rates.update(terms={"tier": "batch"})
    sell_as(r7, openrouter, "deepseek/deepseek-r7", 1)
    sell_as(r7, openrouter, "deepseek-r7:free", 0, variant="free")
    sell_as(r7, make_provider("chutes", name="Chutes"), "deepseek-ai/DeepSeek-R7", 1)
    openai = make_provider("openai", kind="first-party")
    at_openai = sell_as(gpt, openai, "gpt-7", 2)
    for tier, amount in (("batch", "1"), ("priority", "4")):
        make_rate(at_openai, "input", amount, terms=Terms(tier=tier))
    sell_as(gpt, make_provider("azure", kind="cloud"), "gpt-7", 2)
    sell_as(mini, openai, "gpt-7-mini", 1)
    sell_as(llama, make_provider("groq", name="Groq"), "llama-7-70b-versatile", 6)
    for number in range(6):
        sell_as(llama, make_provider(f"host-{number}"), f"meta-llama/Llama-7-70B-{number}", 1)
    llama.endpoints.exclude(provider__slug="groq").update(upstream_id="meta-llama/Llama-7-70B")
    summarise()


def report(name: str) -> LogReport:
    return price_log(PAYLOADS / name, priced_endpoints(date(2026, 11, 22)), known_names())


def placed(name: str) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    """Of each model and tier of a log: the provider, and the cost or why there is none."""
    found = report_json(report(name))["shares"]
    return {
        (share["name"], share["tier"]): (
            share["provider"],
            share["cost"]["amounts"].get("USD", share["why"]),
        )
        for share in found
    }


def test_openrouters_permaslugs_and_variants_are_endpoints_of_openrouter() -> None:
    assert placed("openrouter_activity.csv") == {
        ("anthropic/claude-7.5-sonnet-20260929", ""): ("openrouter", "0.0045"),
        ("deepseek/deepseek-r7:free", ""): ("openrouter", "0"),
        ("deepseek/deepseek-r7", ""): ("openrouter", "0.0015"),
    }


def test_litellms_routes_and_regions_lead_to_the_endpoint() -> None:
    region, plain = "us.anthropic.claude-sonnet-7-5", "anthropic.claude-sonnet-7-5"
    costs = {name: at for (name, _), at in placed("litellm_spend.csv").items()}
    assert costs == {
        f"bedrock/converse/{region}-20260929-v1:0": ("amazon-bedrock", "0.006"),
        f"bedrock/eu-west-3/{plain}-20260929-v1:0": ("amazon-bedrock", "0.0045"),
        f"{region}-20260929-v1:0": ("amazon-bedrock", "0.006"),
    }


def test_a_serving_word_is_the_tier_that_the_card_has_or_the_row_is_not_placed() -> None:
    assert placed("serving_words.csv") == {
        ("gpt-7-batch", "batch"): ("openai", "2"),
        ("gpt-7-batch", "priority"): ("openai", "its name says batch, and the log priority"),
        ("gpt-7-priority", "priority"): ("openai", "4"),
        ("gpt-7-fast", ""): ("openai", "openai states no price of it for “fast”"),
        ("gpt-7", ""): ("openai", "2"),
        ("openai/gpt-7", ""): ("openai", "2"),
        ("gpt-7-mini", ""): ("openai", "1"),
    }


def test_a_share_names_the_rules_by_which_it_was_placed() -> None:
    by = {
        share["name"]: share["by"] for share in report_json(report("serving_words.csv"))["shares"]
    }
    assert by["gpt-7-mini"] == ("an id of one model; only this provider uses this id; this very id")
    assert by["gpt-7-fast"] == ""


@pytest.mark.parametrize(
    ("name", "key", "amount"),
    [
        ("bare_id.json", "groq/llama-7-70b-versatile", "0.09"),
        ("free_variant.json", "openrouter/deepseek-r7:free", "0"),
        (
            "region_prefix.json",
            "amazon-bedrock/us.anthropic.claude-sonnet-7-5-20260929-v1:0",
            "0.06",
        ),
        ("litellm_key.json", "amazon-bedrock/us.anthropic.claude-sonnet-7-5-20260929-v1:0", "0.06"),
        ("tier_in_name.json", "openai/gpt-7", "4"),
    ],
)
def test_a_pasted_response_is_itemised_where_its_id_leads(name: str, key: str, amount: str) -> None:
    pasted = read_report((PAYLOADS / name).read_text())
    priced = price_report(pasted, pasted.model, NOW)
    assert priced.main is not None
    assert (priced.main.key, priced.main.amount) == (key, amount)


def test_a_pasted_response_of_a_tier_without_a_price_has_no_lines() -> None:
    pasted = read_report((PAYLOADS / "no_such_tier.json").read_text())
    priced = price_report(pasted, pasted.model, NOW)
    assert (priced.main, priced.why) == (None, "Openai states no price for the fast tier.")


def test_a_dated_id_that_another_provider_lists_is_still_the_creators_own() -> None:
    dated = "gpt-7-2026-04-14"
    azure = make_provider("azure")
    sell_as(Model.objects.get(slug="openai/gpt-7"), azure, dated, 9, snapshot="2026-04-14")
    pasted = read_report((PAYLOADS / "no_such_tier.json").read_text())
    priced = price_report(pasted, dated, NOW)
    assert priced.main is not None
    assert priced.main.key == "openai/gpt-7"


def test_a_free_variant_without_an_endpoint_costs_nothing_at_openrouter(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "at,model,provider,input,cache_read,output\n"
        "2026-11-20,anthropic/claude-sonnet-7.5:free,openrouter,1000,10,10\n"
        "2026-11-20,anthropic/claude-sonnet-7.5:free,Anthropic,1000,10,10\n"
        "2026-11-20,anthropic/claude-sonnet-7.5:free,,1000,10,10\n"
        "2026-11-20,anthropic/claude-sonnet-7.5:floor,,1000,0,100\n"
    )
    found = price_log(path, priced_endpoints(date(2026, 11, 22)), known_names())
    assert [(share.placement.provider, share.cost.amounts) for share in found.shares] == [
        ("openrouter", {"USD": Decimal("0.0045")}),
        *[("openrouter", {"USD": 0})] * 3,
    ]
    usage = {"prompt_tokens": 1000, "completion_tokens": 10}
    answer = {"model": "anthropic/claude-sonnet-7.5:free", "provider": "Anthropic", "usage": usage}
    pasted = read_report(json.dumps(answer))
    priced = price_report(pasted, pasted.model, NOW)
    assert priced.main is not None
    assert (priced.main.key, priced.main.amount, priced.elsewhere) == (
        *("openrouter/anthropic/claude-sonnet-7.5", "0", ""),
    )


def test_what_was_asked_of_an_endpoint_that_has_ended_is_priced_there() -> None:
    groq = Endpoint.objects.get(provider__slug="groq")
    groq.retired_on = "2026-08-16"
    groq.save()
    summarise()
    pasted = read_report((PAYLOADS / "bare_id.json").read_text())
    priced = price_report(pasted, pasted.model, NOW)
    assert priced.main is not None
    assert (priced.main.key, priced.main.amount) == ("groq/llama-7-70b-versatile", "0.09")


def test_an_id_that_is_sold_in_one_tier_is_priced_in_it() -> None:
    endpoints, names = priced_endpoints(date(2026, 11, 22)), known_names()
    meaning = names.resolve("deepseek/deepseek-r7:batch", "openrouter")
    placement = place(meaning, {each.endpoint_id: each.card for each in endpoints.all})
    assert placement.tier == "batch"
    assert endpoints.by_id[placement.endpoint].upstream_id == "deepseek/deepseek-r7:batch"
    found = likely(meaning, endpoints.all, own=())
    assert (found.provider, found.tier, [*found.fits]) == (
        *("openrouter", "batch"),
        [placement.endpoint],
    )


def test_a_word_that_gateways_list_too_is_the_tier_of_the_creators_own_api() -> None:
    openrouter = Provider.objects.get(slug="openrouter")
    gpt = Model.objects.get(slug="openai/gpt-7")
    listed = sell_as(gpt, openrouter, "openai/gpt-7:batch", 1, variant="batch")
    listed.rates.update(terms={"tier": "batch"})
    summarise()
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 0}
    pasted = read_report(json.dumps({"model": "gpt-7-batch", "usage": usage}))
    priced = price_report(pasted, pasted.model, NOW)
    assert priced.main is not None
    assert (priced.main.key, priced.main.amount) == ("openai/gpt-7", "1")
