"""The report on a usage log and its command: cost, cost elsewhere, moves."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.known_names import known_names
from catalog.models import Alias, Model
from catalog.names import Names
from catalog.rating_class import Intervals, RatingInterval
from pricing.endpoint import PricedEndpoints
from pricing.priced_endpoints import priced_endpoints
from pricing.terms import Band, Schedule, Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, sell
from usage import add_up as adding_up
from usage.add_up import add_up
from usage.blocks import LogError
from usage.management.commands.price_usage import HEADER
from usage.placement import Placement, ProviderChoice, place
from usage.price_log import plan_of, price_added, price_log
from usage.report import LogReport
from usage.report_json import report_json

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEADER_LINE = "at,model,provider,tier,input,cache_read,output"


@pytest.fixture
def mini() -> Model:
    """One model at four providers; the cheapest has too small a context, the next is a trial."""
    model = make_model("openai/gpt-4.1-mini", context_window=2_000_000)
    openai = sell(model, make_provider("openai"), input="0.40", output="1.60", cache_read="0.10")
    openai.capabilities = ["tools", "vision"]
    openai.save()
    cheap = sell(model, make_provider("cheaphost"), input="0.20", output="0.80", cache_read="0.20")
    cheap.capabilities = ["tools"]
    cheap.context_window = 128_000
    cheap.save()
    small = sell(model, make_provider("smallhost"), input="0.01", output="0.01", cache_read="0.01")
    small.context_window = 8_000
    small.save()
    trial = make_endpoint(model, make_provider("trialhost"))
    for meter in ("input", "output", "cache_read"):
        make_rate(trial, meter, "0", state="free")
    return model


def log(folder: Path, *lines: str, header: str = HEADER_LINE) -> Path:
    path = folder / "log.csv"
    path.write_text("\n".join((header, *lines)) + "\n")
    return path


def report(path: Path, **options: Any) -> LogReport:
    endpoints = priced_endpoints(TODAY)
    return price_log(path, endpoints, known_names(), **options)


def meaning(model: str, provider: str, tier: str = "") -> Placement:
    cards = {each.endpoint_id: each.card for each in priced_endpoints(TODAY).all}
    return place(known_names().resolve(model, provider), cards, tier)


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("price_usage", *map(str, arguments), stdout=out)
    return out.getvalue()


LINES = (
    "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,1000000,500000,100000",
    "2026-11-20T11:00:00Z,openai/gpt-4.1-mini,OpenAI,,100000,0,0",
    "2026-11-21T10:00:00Z,gpt-4.1-mini,nowhere,,1000,0,0",
    "2026-11-21T10:00:00Z,no-such-model,openai,,1000,0,0",
)
# 500,000 at $0.40, 500,000 cached at $0.10, 100,000 written at $1.60; then 100,000 at $0.40.
RUN = Decimal("0.41") + Decimal("0.04")


def test_what_a_log_cost_as_it_was_run(mini: Model, tmp_path: Path) -> None:
    found = report(log(tmp_path, *LINES))
    assert (found.as_run.amounts, found.as_run.rows, found.as_run.priced) == ({"USD": RUN}, 4, 2)
    assert [(row.key, row.amounts.get("USD")) for row in found.days] == [
        ("2026-11-20", RUN),
        ("2026-11-21", None),
    ]
    assert {row.key: row.rows for row in found.models} == {
        "openai/gpt-4.1-mini": 3,
        "no-such-model": 1,
    }


def test_names_that_cannot_be_placed_are_listed_with_their_reasons(
    mini: Model, tmp_path: Path
) -> None:
    found = report_json(report(log(tmp_path, *LINES)))
    assert found["unresolved"] == [
        {"name": "gpt-4.1-mini", "provider": "nowhere", "rows": 1, "requests": 1,
         "why": "no provider of the catalog goes by the name beside it"},
        {"name": "no-such-model", "provider": "openai", "rows": 1, "requests": 1,
         "why": "no model of the catalog goes by this name"},
    ]  # fmt: skip


def test_the_whole_log_is_priced_on_every_endpoint(mini: Model, tmp_path: Path) -> None:
    found = report(log(tmp_path, *LINES))
    amounts = {one.provider: cost.amount for one, cost in found.endpoints}
    # 1,102,000 tokens of input, 500,000 of them cached, and 100,000 of output.
    assert amounts["openai"] == Decimal("0.602") * Decimal("0.40") + Decimal("0.05") + Decimal(
        "0.16"
    )
    assert amounts["cheaphost"] == Decimal("1.102") * Decimal("0.20") + Decimal("0.08")
    # The others have no room for a request of 1,100,000 tokens.
    assert [one.provider for one, _ in found.ranked()] == ["openai"]
    assert found.reasons() == {"context too small": 2, "free": 1}


def test_a_move_names_what_it_saves_and_what_changes(mini: Model, tmp_path: Path) -> None:
    path = log(tmp_path, *["2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,100000,0,1000"] * 10)
    (move,) = report(path, live={}).moves
    assert (move.to.provider, move.same_model) == ("cheaphost", True)
    assert move.saving == Decimal(10) * (Decimal("0.0416") - Decimal("0.0208"))
    assert dict(move.changes) == {
        "provider": "openai → cheaphost",
        "context": "2,000,000 → 128,000",
        "loses": "vision",
    }


SHORT = "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,1000,0,10"


def test_a_column_that_names_too_many_models_is_none(
    mini: Model, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(adding_up, "_MOST_NAMES", 5)
    lines = [f"2026-11-20T10:00:00Z,m{n},openai,,1000,0,10" for n in range(6)]
    assert len(report(log(tmp_path, *lines[:5])).models) == 5
    with pytest.raises(
        LogError, match=r"The log names 6 models.* and 5 is the limit: is “model” its model"
    ):
        report(log(tmp_path, *lines))


def test_a_log_of_too_many_sums_is_refused_as_soon_as_they_are_there(
    mini, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(adding_up, "_MOST_SUMS", 2)
    lines = [f"2026-11-{20 + n}T10:00:00Z,m,openai,,1000,0,10" for n in range(3)]
    assert len(report(log(tmp_path, *lines[:2] * 9)).days) == 2
    with pytest.raises(LogError, match="more than 2 different days"):
        report(log(tmp_path, *lines))


def test_nobody_is_moved_to_what_answers_later_or_is_paid_otherwise(
    mini: Model, tmp_path: Path
) -> None:
    mini.endpoints.exclude(provider__slug="openai").delete()
    for slug, kind, variant in (
        ("later", "gateway", "batch"),
        ("flexible", "cloud", "flex,us"),
        ("subscribed", "plan", ""),
        ("athome", "local", ""),
    ):
        other = sell(mini, make_provider(slug, kind=kind), input="0.01", output="0.01")
        other.variant = variant
        other.save()
    found = report(log(tmp_path, SHORT))
    assert found.moves == ()
    assert [one.provider for one, _ in found.ranked()] == ["openai"]
    assert found.reasons() == {"deferred": 2, "local": 1, "plan": 1}


def test_what_writes_no_text_takes_no_requests_that_are_answered(
    mini: Model, tmp_path: Path
) -> None:
    mini.endpoints.exclude(provider__slug="openai").delete()
    scores = sell(make_model("jina/reranker"), make_provider("jina"), input="0.01", output="0.01")
    scores.mode = "rerank"
    scores.save()
    assert report(log(tmp_path, SHORT)).reasons() == {"write no text": 1}
    unanswered = report(log(tmp_path, "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,1000,0,0"))
    assert [one.provider for one, _ in unanswered.ranked()] == ["jina", "openai"]


@pytest.mark.parametrize(
    ("states", "denies", "said"),
    [
        (["tools"], [], {"loses": "vision"}),
        (["tools", "vision", "web-search"], [], {"gains": "web-search"}),
        ([], [], {"capabilities": "not stated there"}),
        ([], ["vision"], {"loses": "vision", "capabilities": "not stated there"}),
        ([], ["tools", "vision"], {"loses": "tools, vision"}),
    ],
)
def test_a_capability_is_lost_only_where_it_is_stated_or_denied(
    mini, tmp_path, states, denies, said
) -> None:
    mini.endpoints.exclude(provider__slug__in=["openai", "cheaphost"]).delete()
    mini.endpoints.filter(provider__slug="cheaphost").update(
        capabilities=states, lacks=denies, context_window=2_000_000
    )
    mini.endpoints.filter(provider__slug="openai").update(context_window=2_000_000)
    (move,) = report(log(tmp_path, SHORT.replace(",1000,", ",1000000,"))).moves
    assert dict(move.changes) == {"provider": "openai → cheaphost", **said}


def test_a_move_that_saves_next_to_nothing_is_none(mini: Model, tmp_path: Path) -> None:
    mini.endpoints.exclude(provider__slug__in=["openai", "cheaphost"]).delete()
    # At $0.40 and $0.20 per million.
    least = SHORT.replace(",1000,0,10", ",25000,0,0")
    assert [move.saving for move in report(log(tmp_path, least)).moves] == [Decimal("0.005")]
    assert not report(log(tmp_path, least.replace("25000", "24999"))).moves
    mini.endpoints.get(provider__slug="cheaphost").rates.filter(meter="input").update(
        amount="0.3997"
    )
    most = [least.replace("25000", "125000")] * 1000
    assert not report(log(tmp_path, *most)).moves


def test_what_cannot_make_speech_or_images_is_no_place_for_logs_of_them(tmp_path: Path) -> None:
    def offer(slug: str, mode: str, out: str, **prices: str) -> None:
        model = make_model(f"maker/{slug}", modalities_out=[out])
        for number, provider in enumerate(("maker", "elsewhere")):
            rates = {meter: str(Decimal(price) / (1 + number)) for meter, price in prices.items()}
            endpoint = sell(model, make_provider(provider), **rates)
            endpoint.mode = mode
            endpoint.save()

    offer("speaker", "speech", "audio", input_character="30")
    offer("vectors", "embedding", "text", input_character="0.1", image="0.0001", input="0.1")
    offer("chatter", "chat", "text", input_character="0.1", image="0.0001", input="0.1")
    offer("painter", "image", "image", image="0.003", input="5", output="40")
    for header, line, fits, others in (
        ("at,model,provider,characters", "speaker,maker,1000000", "speaker", "do not make audio"),
        ("at,model,provider,images", "painter,maker,1000", "painter", "do not make images"),
        ("at,model,provider,input,output", "painter,maker,9000,9000000", "painter", "images"),
        ("at,model,provider,input", "vectors,maker,9000000", "vectors", "do not embed"),
    ):
        found = report(log(tmp_path, f"2026-11-20T10:00:00Z,{line}", header=header))
        assert {one.model for one, _ in found.ranked()} == {f"maker/{fits}"}
        assert any(others in why for why in found.reasons())
        assert [move.to.provider for move in found.moves] == ["elsewhere"]


def test_an_endpoint_without_room_for_the_longest_request_is_no_move(
    mini: Model, tmp_path: Path
) -> None:
    path = log(tmp_path, "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,127500,0,501")
    assert report(path).moves == ()
    path = log(tmp_path, "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,127500,0,500")
    assert [move.to.provider for move in report(path).moves] == ["cheaphost"]


def bounds(low: int, high: int) -> Intervals:
    return {"text": RatingInterval(Decimal(low), Decimal(high))}


MINI, NANO = "openai/gpt-4.1-mini", "openai/gpt-4.1-nano"
LONG = "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,100000,0,1000"


@pytest.mark.parametrize(
    ("ratings", "others"),
    [
        ({}, []),
        ({MINI: bounds(1400, 1420)}, []),
        ({NANO: bounds(1400, 1420)}, []),
        ({MINI: bounds(1400, 1420), NANO: bounds(1390, 1399)}, []),
        ({MINI: bounds(1400, 1420), NANO: bounds(1390, 1400)}, [NANO]),
        ({MINI: bounds(1400, 1420), NANO: bounds(1500, 1510)}, [NANO]),
    ],
)
def test_another_model_is_proposed_where_it_is_rated_about_as_high_and_says_so(
    mini: Model, tmp_path: Path, ratings: dict[str, Intervals], others: list[str]
) -> None:
    other = make_model(NANO, context_window=1_000_000)
    nano = sell(other, make_provider("openai"), input="0.10", output="0.40", cache_read="0.02")
    nano.capabilities = ["tools", "vision"]
    nano.save()
    found = report(log(tmp_path, LONG), ratings=ratings)
    assert [(move.to.model, move.same_model) for move in found.moves] == [
        *((model, False) for model in others),
        (MINI, True),
    ]
    if others:
        assert ("model", f"{MINI} → {NANO}") in found.moves[0].changes
    nano.capabilities = ["tools"]
    nano.save()
    lesser = report(log(tmp_path, LONG), ratings=ratings)
    assert [move.same_model for move in lesser.moves] == [True]


def test_moves_and_endpoints_are_at_direct_providers_unless_others_are_wanted(
    mini: Model, tmp_path: Path
) -> None:
    gate = make_provider("gate", kind="gateway")
    sell(mini, gate, input="0.02", output="0.04", cache_read="0.01")
    path = log(tmp_path, LONG)
    found = report(path)
    assert [move.to.provider for move in found.moves] == ["cheaphost"]
    assert [move.to.provider for move in found.moves_anywhere] == ["gate"]
    kept = report_json(found)
    assert [(one["provider"], one["offered"]) for one in kept["endpoints"]] == [
        *(("gate", False), ("cheaphost", True), ("openai", True)),
    ]
    assert (kept["endpoints_priced"], kept["endpoints_offered"]) == (3, 2)
    assert [one["provider"] for one in report_json(found, 1)["endpoints"]] == ["gate", "cheaphost"]
    assert "at gate" not in (text := run(path, "--per", "endpoint"))
    assert "no model of the log is rated. For all others, --via any." in text
    assert "at gate" in run(path, "--per", "endpoint", "--via", "any")


def test_all_of_a_log_is_offered_at_models_of_the_class_of_each_of_its_own(
    mini: Model, tmp_path: Path
) -> None:
    sell(make_model(NANO, context_window=9_000_000), input="0.1", output="0.4", cache_read="0.1")
    path = log(tmp_path, LONG, LONG.replace("mini", "nano"))
    ratings = {MINI: bounds(1400, 1420), NANO: bounds(1300, 1399)}
    found = report(path, ratings=ratings)
    assert found.rated_models == (MINI, NANO)
    offered = {one.model for one, _ in found.ranked() if found.is_offered(one)}
    assert offered == {MINI}
    ratings[NANO] = bounds(1300, 1400)
    found = report(path, ratings=ratings)
    assert {one.model for one, _ in found.ranked() if found.is_offered(one)} == {MINI, NANO}


def test_a_model_of_the_log_counts_by_its_class_also_at_an_unknown_provider(
    mini: Model, tmp_path: Path
) -> None:
    sell(make_model(NANO, context_window=9_000_000), input="0.1", output="0.4", cache_read="0.1")
    ratings = {MINI: bounds(1400, 1420), NANO: bounds(1300, 1399)}
    found = report(log(tmp_path, LONG.replace(",openai,", ",elsewhere,")), ratings=ratings)
    assert [share.placement.endpoint for share in found.shares] == [None]
    assert found.rated_models == (MINI,)
    assert {one.model for one, _ in found.ranked() if found.is_offered(one)} == {MINI}


def test_no_more_than_ten_moves_the_best_first(tmp_path: Path) -> None:
    lines = []
    for number in range(12):
        model = make_model(f"openai/model-{number}")
        sell(model, make_provider("openai"), input=str(2 + number), output="1")
        sell(model, make_provider("cheaphost"), input="1", output="1")
        lines.append(f"2026-11-20,model-{number},openai,,1000000,0,1")
    moves = report(log(tmp_path, *lines)).moves
    assert [move.saving for move in moves] == list(range(12, 2, -1))


def test_a_retired_endpoint_has_a_price_as_run_but_is_not_ranked(
    mini: Model, tmp_path: Path
) -> None:
    mini.endpoints.filter(provider__slug="openai").update(retired_on="2026-11-21")
    found = report(log(tmp_path, LINES[0]))
    assert found.as_run.amounts == {"USD": Decimal("0.41")}
    assert "openai" not in {one.provider for one, _ in found.endpoints}


def test_prices_of_the_requests_own_time_and_of_another(tmp_path: Path) -> None:
    endpoint = make_endpoint(make_model("openai/gpt-9"), make_provider("openai"))
    change = datetime(2026, 11, 20, 12, tzinfo=UTC)
    make_rate(endpoint, "input", "2", valid_from=change - timedelta(days=1), valid_to=change)
    make_rate(endpoint, "input", "1", valid_from=change)
    times = ("2026-11-18T10:00:00Z", "2026-11-20T11:59:59Z", "2026-11-20T12:00:00Z")
    path = log(tmp_path, *(f"{at},gpt-9,openai,,1000000,0,0" for at in times))
    own = report(path)
    assert (own.as_run.amounts["USD"], own.as_run.priced) == (3, 2)
    now = report(path, at=NOW)
    assert (now.as_run.amounts["USD"], now.as_run.priced, now.as_run.assumed) == (4, 3, 1)
    assert now.endpoints[0][1].amount == 3


def test_bands_and_hours_of_a_log_are_priced(tmp_path: Path) -> None:
    endpoint = make_endpoint(make_model("deepseek/deepseek-9"), make_provider("deepseek"))
    make_rate(endpoint, "input", "1")
    make_rate(endpoint, "input", "3", terms=Terms(band=Band(100_000)))
    make_rate(endpoint, "input", "2", terms=Terms(schedules=(Schedule((("01:00", "04:00"),)),)))
    rows = (
        ("00:59:59", 100_000),
        ("01:00:00", 100_000),
        ("04:00:00", 100_000),
        ("12:00:00", 100_001),
    )
    path = log(tmp_path, *(f"2026-11-20T{at}Z,deepseek-9,deepseek,,{n},0,0" for at, n in rows))
    assert report(path).as_run.amounts["USD"] == Decimal("0.1") + Decimal("0.2") + Decimal(
        "0.1"
    ) + Decimal("0.300003")


@pytest.mark.parametrize(
    ("model", "provider", "expected"),
    [
        ("gpt-4.1-mini", "openai", ("openai/gpt-4.1-mini", "openai")),
        ("GPT-4.1-Mini ", " OpenAI", ("openai/gpt-4.1-mini", "openai")),
        ("openai/gpt-4.1-mini", "", ("openai/gpt-4.1-mini", "openai")),
        ("cheaphost/gpt-4.1-mini", "", ("openai/gpt-4.1-mini", "cheaphost")),
        ("openrouter/openai/gpt-4.1-mini", "", ("openai/gpt-4.1-mini", "openrouter")),
        ("gpt-4.1-mini-2025-04-14", "cheaphost", ("openai/gpt-4.1-mini", "cheaphost")),
        ("house-model", "openai", ("openai/gpt-4.1-mini", "openai")),
        ("gpt-4.1-mini", "elsewhere", ("openai/gpt-4.1-mini", None)),
        ("gpt-4.1", "openai", (None, "openai")),
        ("gemini-3", "gemini", (None, None)),
    ],
)
def test_names_of_logs_are_understood(
    mini: Model, model: str, provider: str, expected: tuple[str | None, str | None]
) -> None:
    make_endpoint(mini, make_provider("openrouter"), upstream_id="openai/gpt-4.1-mini")
    make_endpoint(
        mini,
        make_provider("cheaphost"),
        upstream_id="gpt-4.1-mini-2025-04-14",
        snapshot="2025-04-14",
    )
    Alias.objects.create(spelling="house-model", model=mini)
    meant = meaning(model, provider)
    assert (meant.model, meant.provider) == expected


def test_of_endpoints_that_fit_and_agree_the_one_with_most_rates_is_chosen(mini: Model) -> None:
    for number, meters in enumerate((["input"], ["input", "output"], ["input"])):
        endpoint = make_endpoint(mini, make_provider("twohost"), upstream_id=f"mini-{number}")
        for meter in meters:
            make_rate(endpoint, meter, "1")
    chosen = mini.endpoints.get(upstream_id="mini-1").pk
    assert meaning("gpt-4.1-mini", "twohost").endpoint == chosen


def test_two_endpoints_that_fit_and_differ_are_not_chosen_between(mini: Model) -> None:
    for number, amount in enumerate(("1", "2")):
        endpoint = make_endpoint(mini, make_provider("twohost"), upstream_id=f"mini-{number}")
        make_rate(endpoint, "input", amount)
    meant = meaning("gpt-4.1-mini", "twohost")
    assert (meant.endpoint, meant.why) == (None, "2 endpoints of twohost fit")


def test_progress_is_told_of_reading_and_of_pricing(mini: Model, tmp_path: Path) -> None:
    endpoints, reading, pricing = priced_endpoints(NOW.date()), list[float](), list[float]()
    added = add_up(log(tmp_path, *LINES), plan_of(endpoints), progress=reading.append)
    price_added(added, endpoints, known_names(), progress=pricing.append)
    for told in (reading, pricing):
        assert told == sorted(told) and told[-1] == 1.0


def test_the_report_is_json_with_exact_amounts(mini: Model, tmp_path: Path) -> None:
    found = json.loads(json.dumps(report_json(report(log(tmp_path, *LINES), at=NOW))))
    assert found["as_run"]["amounts"] == {"USD": f"{RUN:f}"}
    assert found["used"]["cache_read"] == "500000"
    assert (found["first_day"], found["last_day"]) == ("2026-11-20", "2026-11-21")
    assert found["endpoints_not_priced"] == {"context too small": 2, "free": 1}


def test_an_empty_catalog_prices_nothing_and_says_so(tmp_path: Path) -> None:
    found = price_log(log(tmp_path, *LINES), PricedEndpoints(()), Names())
    assert (found.as_run.priced, found.endpoints, found.moves) == (0, (), ())


def test_the_part_with_a_price_as_run_is_held_against_the_same_part_elsewhere(
    mini: Model, tmp_path: Path
) -> None:
    found = report(log(tmp_path, *LINES), at=NOW)
    by_name = {one.provider: one.endpoint_id for one, _ in found.endpoints}
    assert (found.compared.rows, found.compared.amount) == (2, RUN)
    # 600,000 at $0.20, 500,000 cached at $0.20, 100,000 written at $0.80: without the rows of no
    # price.
    assert found.compared.elsewhere[by_name["cheaphost"]] == Decimal("0.30")
    assert found.compared.elsewhere[by_name["openai"]] == RUN
    one = report_json(found)["endpoints"][0]
    assert Decimal(one["compared"]) < Decimal(one["amount"])


def test_where_all_has_a_price_the_comparison_is_of_all(mini: Model, tmp_path: Path) -> None:
    found = report(log(tmp_path, *LINES[:2]), at=NOW)
    assert found.compared.rows == found.as_run.rows
    assert found.compared.elsewhere == {
        one.endpoint_id: cost.amount for one, cost in found.endpoints if cost.amount is not None
    }


def test_without_any_price_as_run_there_is_nothing_to_compare(mini: Model, tmp_path: Path) -> None:
    found = report(log(tmp_path, *LINES[2:]), at=NOW).compared
    assert (found.rows, found.amount) == (0, 0)


# ---- the command ----


def test_the_command_prints_what_it_cost_and_the_moves(mini: Model, tmp_path: Path) -> None:
    lines = ["2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,100000,0,1000"] * 100
    text = run(log(tmp_path, *lines, "2026-11-20,gpt-4.1-mini,openai,,-1,0,0"))
    assert "CSV: 100 requests, 2026-11-20 to 2026-11-20." in text
    assert "Left out: 1 row, input is negative (line 102)." in text
    assert "What it cost as it was run: $4.16\n" in text
    assert "saves $2.08: openai/gpt-4.1-mini from openai to cheaphost, $4.16 → $2.08" in text
    assert "loses: vision" in text


def test_the_command_prints_json(mini: Model, tmp_path: Path) -> None:
    found = json.loads(run(log(tmp_path, *LINES), "--json"))
    assert found["as_run"]["amounts"] == {"USD": f"{RUN:f}"}


def test_the_command_prints_a_table_that_no_spreadsheet_runs(mini: Model, tmp_path: Path) -> None:
    sell(
        make_model("evil/sum"), make_provider("evilhost"), input="0.5", output="1", cache_read="0.1"
    )
    make_endpoint(make_model("evil/two"), make_provider("evilhost"), upstream_id='=HYPERLINK("x")')
    endpoint = make_endpoint(
        make_model("evil/three"), make_provider("evilhost"), upstream_id="=1+1"
    )
    for meter in ("input", "output", "cache_read"):
        make_rate(endpoint, meter, "1")
    rows = list(csv.reader(StringIO(run(log(tmp_path, *LINES), "--csv", "--per", "endpoint"))))
    assert tuple(rows[0]) == HEADER
    assert "'=1+1" in {row[2] for row in rows}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_the_command_has_a_row_for_each_model_or_endpoint(mini: Model, tmp_path: Path) -> None:
    path = log(tmp_path, "2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,1000,0,10")
    per_model = list(csv.reader(StringIO(run(path, "--csv"))))
    per_endpoint = list(csv.reader(StringIO(run(path, "--csv", "--per", "endpoint"))))
    assert (len(per_model), len(per_endpoint)) == (2, 4)


def test_the_command_asks_in_the_tier_and_reads_the_columns_that_are_named(
    mini: Model, tmp_path: Path
) -> None:
    endpoint = mini.endpoints.get(provider__slug="openai")
    make_rate(endpoint, "input", "0.20", terms=Terms(tier="batch"))
    path = log(tmp_path, "2026-11-20,gpt-4.1-mini,openai,1000000", header="when,which,who,much")
    stated = ("at=when", "model=which", "provider=who", "input=much")
    columns = [word for pair in stated for word in ("--column", pair)]
    found = json.loads(run(path, *columns, "--tier", "batch", "--json"))
    assert [(one["provider"], one["amount"]) for one in found["endpoints"]] == [("openai", "0.2")]
    assert found["endpoints_not_priced"] == {"no such tier": 3}


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        (43_750, "$0.0175"),
        (1, "$0.0000004"),
        (0, "$0.00"),
        (2_500_000, "$1.00"),
        (2_500_001, "$1.0000004"),
    ],
)
def test_the_command_prints_money_exactly(
    mini: Model, tmp_path: Path, tokens: int, says: str
) -> None:
    text = run(log(tmp_path, f"2026-11-20T10:00:00Z,gpt-4.1-mini,openai,,{tokens},0,0"))
    assert f"What it cost as it was run: {says}\n" in text


def test_the_command_takes_the_provider_of_every_row(mini: Model, tmp_path: Path) -> None:
    path = log(tmp_path, "2026-11-20,gpt-4.1-mini,1000000,0", header="at,model,input,output")
    assert "no price known" in run(path, "--no-own-api")
    assert "What it cost as it was run: $0.40\n" in run(path, "--provider", "OpenAI")
    told = log(tmp_path, "2026-11-20,gpt-4.1-mini,cheaphost,1000", header="at,model,provider,input")
    assert (
        json.loads(run(told, "--provider", "openai", "--json"))["shares"][0]["provider"] == "openai"
    )


UNNAMED_LINES = (
    "2026-11-20T10:00:00Z,gpt-4.1-mini,,,1000000,0,0",
    "2026-11-20T11:00:00Z,gpt-4.1-mini,cheaphost,,1000000,0,0",
    "2026-11-20T12:00:00Z,gpt-4.1-mini,nowhere,,1000000,0,0",
)


def at_providers(found: LogReport) -> dict[str, tuple[str | None, str]]:
    return {
        share.called: (share.placement.provider, share.placement.why or share.placement.by)
        for share in found.shares
    }


def test_rows_without_a_provider_are_at_the_creators_own_api_by_a_choice_that_is_reported(
    mini: Model, tmp_path: Path
) -> None:
    found = report(log(tmp_path, *UNNAMED_LINES))
    assert found.as_run.amounts == {"USD": Decimal("0.60")}
    assert at_providers(found)[""] == (
        "openai",
        "an id of the provider; no provider is named: its creator's own API, by choice; "
        "this very id",
    )
    assert report_json(found)["by_own_api"] == [
        {
            "name": "gpt-4.1-mini",
            "model": "openai/gpt-4.1-mini",
            "provider": "openai",
            "rows": 1,
            "requests": 1,
        }
    ]


def test_without_that_choice_they_are_not_placed(mini: Model, tmp_path: Path) -> None:
    found = report(log(tmp_path, *UNNAMED_LINES), choice=ProviderChoice(own_api=False))
    assert found.as_run.amounts == {"USD": Decimal("0.20")}
    assert at_providers(found)[""] == (None, "the provider is not known")
    assert report_json(found)["by_own_api"] == []


def test_a_provider_that_is_chosen_for_a_name_is_that_of_its_rows_without_a_known_one(
    mini: Model, tmp_path: Path
) -> None:
    choice = ProviderChoice(at={"gpt-4.1-mini": "cheaphost"})
    found = report(log(tmp_path, *UNNAMED_LINES), choice=choice)
    assert found.as_run.amounts == {"USD": Decimal("0.60")}
    assert {called: placed[0] for called, placed in at_providers(found).items()} == {
        "": "cheaphost",
        "cheaphost": "cheaphost",
        "nowhere": "cheaphost",
    }
    assert at_providers(found)[""][1] == (
        "an id of the provider; the provider is chosen; this very id"
    )


def test_the_command_takes_a_provider_for_a_name(mini: Model, tmp_path: Path) -> None:
    path = log(tmp_path, *UNNAMED_LINES)
    text = run(path)
    assert (
        "1 row without a provider is priced at the own API of the model's creator: "
        "gpt-4.1-mini at openai.\n" in text
    )
    assert "  Another choice: --no-own-api, --at-provider" in text
    assert "cost as it was run: $0.60\n" in run(path, "--at-provider", "gpt-4.1-mini=Cheaphost")
    for wrong in ("gpt-4.1-mini", "=openai", "gpt-4.1-mini=nowhere"):
        with pytest.raises(CommandError, match=r"--at-provider|nowhere"):
            run(path, "--at-provider", wrong)


DEPLOYMENTS = (
    "2026-11-20T10:00:00Z,my-gpt-prod,cheaphost,,1000000,0,0",
    "2026-11-20T11:00:00Z,my-gpt-prod,,,1000000,0,0",
    "2026-11-20T12:00:00Z,my-gpt-prod,my-proxy,,1000000,0,0",
)


@pytest.mark.parametrize("model", ["openai/gpt-4.1-mini", " OpenAI/GPT-4.1-mini", "gpt-4.1-mini"])
def test_a_model_that_is_chosen_for_a_name_is_that_of_its_rows(
    mini: Model, tmp_path: Path, model: str
) -> None:
    path = log(tmp_path, *DEPLOYMENTS)
    assert report(path).as_run.amounts == {}
    chosen = {"my-gpt-prod": model}
    found = report(path, choice=ProviderChoice(models=chosen))
    assert found.as_run.amounts == {"USD": Decimal("0.60")}
    assert {called: placed[0] for called, placed in at_providers(found).items()} == {
        "cheaphost": "cheaphost",
        "": "openai",
        "my-proxy": None,
    }
    assert at_providers(found)["cheaphost"][1].startswith(
        "the model is chosen; the provider is named; "
    )
    assert {share.placement.model for share in found.shares} == {"openai/gpt-4.1-mini"}
    # A slug begins with its creator, which is no choice of a provider.
    nowhere = report(path, choice=ProviderChoice(own_api=False, models=chosen))
    assert nowhere.as_run.amounts == {"USD": Decimal("0.20")}
    both = ProviderChoice(at={"my-gpt-prod": "cheaphost"}, models=chosen)
    assert report(path, choice=both).as_run.amounts == {"USD": Decimal("0.60")}


def test_rows_of_a_name_whose_model_is_chosen_are_as_long_as_requests_of_the_model(
    mini: Model, tmp_path: Path
) -> None:
    path = log(tmp_path, "2026-11-20T10:00:00Z,my-gpt-prod,openai,,3000000,0,0")
    chosen = ProviderChoice(models={"my-gpt-prod": "openai/gpt-4.1-mini"})
    assert report(path, choice=chosen).aggregates.sums == 1
    assert report(path, choice=chosen).shares[0].placement.chosen


def test_the_command_takes_a_model_for_a_name(mini: Model, tmp_path: Path) -> None:
    path = log(tmp_path, *DEPLOYMENTS)
    assert "  To place a name: --model-is NAME=MODEL" in run(path)
    options = ("--model-is", "my-gpt-prod=gpt-4.1-mini", "--at-provider", "my-gpt-prod=cheaphost")
    text = run(path, *options)
    assert "cost as it was run: $0.60\n" in text
    assert "By choice, my-gpt-prod is openai/gpt-4.1-mini at cheaphost.\n" in text
    for wrong, says in (
        ("my-gpt-prod", "--model-is needs a name and a model, as my-gpt-prod=openai/gpt-5."),
        ("my-gpt-prod=gpt-99", "No model here goes by the name “gpt-99”: name one as"),
    ):
        with pytest.raises(CommandError, match=says):
            run(path, "--model-is", wrong)


def test_the_command_takes_the_instant_of_a_log_without_times(mini: Model, tmp_path: Path) -> None:
    change = datetime(2026, 11, 10, tzinfo=UTC)
    endpoint = mini.endpoints.get(provider__slug="openai")
    endpoint.rates.filter(meter="input").update(valid_from=change)
    make_rate(endpoint, "input", "0.80", valid_to=change)
    path = log(tmp_path, "gpt-4.1-mini,openai,1000000", header="model,provider,input")
    with pytest.raises(CommandError, match="No column holds the time of a request"):
        run(path)
    text = run(path, "--at", "2026-11-01")
    assert "1 request, 2026-11-01 to 2026-11-01." in text
    assert "What it cost as it was run: $0.80\n" in text
    timed = log(
        tmp_path, "2026-11-20,gpt-4.1-mini,openai,1000000", header="at,model,provider,input"
    )
    assert "What it cost as it was run: $0.40\n" in run(timed, "--at", "2026-11-01")


def test_the_command_refuses_a_tier_that_nobody_states(mini: Model, tmp_path: Path) -> None:
    for tier in ("flex", "batch"):
        make_rate(
            mini.endpoints.get(provider__slug="openai"), "input", "0.20", terms=Terms(tier=tier)
        )
    with pytest.raises(CommandError) as error:
        run(log(tmp_path, *LINES), "--tier", "zzz")
    assert (
        str(error.value) == "No endpoint states a “zzz” tier; those that are stated: batch, flex."
    )
    for usual in ("standard", "Default", "FLEX"):
        assert "What it cost as it was run: $0.45" in run(log(tmp_path, *LINES), "--tier", usual)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--provider", "nobody"), "No provider goes by “nobody” here."),
        (("--at", "yesterday"), "yesterday is not a date, as 2026-11-22, nor an instant."),
        (("--at", "2026-13-01"), "2026-13-01 is not a date"),
        (("--column", "input"), "--column needs a field and a column, as input=prompt_tokens."),
        (("--column", "input=nothing"), "There is no column “nothing”"),
        (("--top", "0"), "--top is a number of rows, one or more."),
    ],
)
def test_the_command_says_what_is_wrong(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError) as error:
        run(log(tmp_path, *LINES), *arguments)
    assert str(error.value).startswith(says)


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="none cannot be opened: No such file or directory"):
        run(tmp_path / "none")


def test_a_line_of_batch_output_is_openais_where_it_serves_the_model(
    mini: Model, tmp_path: Path
) -> None:
    llama = make_model("meta/llama-3.3-70b")
    make_endpoint(llama, make_provider("groq"), upstream_id="llama-3.3-70b-versatile")
    usage = {"prompt_tokens": 100, "completion_tokens": 10}
    names = ("gpt-4.1-mini", "llama-3.3-70b-versatile")
    path = tmp_path / "output.jsonl"
    path.write_text(
        "".join(
            json.dumps(
                {
                    "id": f"batch_req_{name}",
                    "custom_id": name,
                    "response": {
                        "status_code": 200,
                        "body": {"created": 1795168800, "model": name, "usage": usage},
                    },
                    "error": None,
                }
            )
            + "\n"
            for name in names
        )
    )
    for own_api in (True, False):
        report = price_log(
            path, priced_endpoints(TODAY), known_names(), choice=ProviderChoice(own_api)
        )
        assert report.seen.shape == "OpenAI batch output"
        found = {share.name: (share.placement.provider, share.tier) for share in report.shares}
        assert found == {names[0]: ("openai", "batch"), names[1]: ("groq", "batch")}
    chosen = ProviderChoice(at={names[0]: "cheaphost"})
    report = price_log(path, priced_endpoints(TODAY), known_names(), choice=chosen)
    assert {share.placement.provider for share in report.shares} == {"cheaphost", "groq"}
