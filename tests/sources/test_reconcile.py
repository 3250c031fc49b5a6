from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Model, Provider, Relink, Source
from catalog.overrides import override, relink, withdraw
from pricing.models import Headline, PriceRow, Rate
from pricing.rates import StatedRate
from sources import reconcile as reconciling
from sources.base import Listing, Parsed, ProviderListing
from sources.reconcile import reconcile
from sources.winners import settle_overridden

pytestmark = pytest.mark.django_db

MAY, NOVEMBER = datetime(2026, 5, 21, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)
LATER = NOVEMBER + timedelta(days=1)


def rate(meter: str, amount: str, **more: Any) -> StatedRate:
    return StatedRate(meter, Decimal(amount), **more)


def lists(
    provider: str, upstream_id: str, *rates: StatedRate, matches: Any = None, **facts: Any
) -> Listing:
    return Listing(provider, upstream_id, facts, rates, matches)


def answer(source: str, *listings: Listing, as_of: datetime = NOVEMBER, **more: Any) -> Parsed:
    return Parsed(source, as_of, listings, **more)


def run(*answers: Parsed) -> Counter[str]:
    return reconcile(answers, now=timezone.now())


def o4_mini(**facts: Any) -> Listing:
    stated = {"name": "o4-mini", "released": "2025-04-16", "context_window": 200_000, **facts}
    return lists("openai", "o4-mini", rate("input", "1.1"), rate("output", "4.4"), **stated)


def endpoint(provider: str = "openai", upstream_id: str = "o4-mini") -> Endpoint:
    return Endpoint.objects.get(provider__slug=provider, upstream_id=upstream_id)


def editor() -> User:
    return User.objects.create_user("ada")


def test_a_listing_becomes_a_model_an_endpoint_and_rates_with_their_source() -> None:
    run(answer("models-dev", o4_mini(), as_of=MAY))
    model = Model.objects.get(slug="openai/o4-mini")
    assert (model.name, model.released, model.creator.name) == ("o4-mini", "2025-04-16", "OpenAI")
    assert model.provenance["released"] == ["models-dev", "2026-05-21"]
    row = Rate.objects.get(meter="input")
    assert (row.endpoint, row.amount, row.per) == (endpoint(), Decimal("1.1"), 1_000_000)
    assert (row.source.slug, row.observed_at, row.valid_from) == ("models-dev", MAY, MAY)
    assert Headline.objects.get(model=model).endpoint == endpoint()


def test_the_same_answer_again_writes_nothing(django_assert_max_num_queries: Any) -> None:
    given = answer(
        "models-dev", o4_mini(), providers=(ProviderListing("openai", {"name": "OpenAI"}),)
    )
    run(given)
    before = [
        list(table.objects.order_by("id").values())
        for table in (Endpoint, EndpointClaims, Model, Rate)
    ]
    with django_assert_max_num_queries(40):
        assert run(given) == Counter()
    assert before == [
        list(table.objects.order_by("id").values())
        for table in (Endpoint, EndpointClaims, Model, Rate)
    ]


def test_different_spellings_meet_at_one_model() -> None:
    run(
        answer(
            "models-dev",
            o4_mini(),
            lists("openrouter", "openai/o4-mini"),
            lists("azure", "o4-mini"),
        )
    )
    assert Model.objects.get().endpoints.count() == 3
    assert Model.objects.get().provider_count == 3


def test_a_fresher_claim_changes_the_price_and_the_old_one_stays_in_history() -> None:
    run(answer("litellm", lists("openai", "o4-mini", rate("input", "1.1"))))
    counts = run(answer("litellm", lists("openai", "o4-mini", rate("input", "0.9")), as_of=LATER))
    assert counts["rates change"] == 1
    old, new = Rate.objects.order_by("valid_from")
    assert (old.amount, old.valid_to) == (Decimal("1.1"), LATER)
    assert (new.amount, new.valid_from, new.valid_to, new.origin) == (
        Decimal("0.9"),
        LATER,
        None,
        "change",
    )


def test_the_losing_claim_stays_beside_the_winner() -> None:
    run(
        answer("litellm", lists("openai", "o4-mini", rate("input", "1.2"), context_window=128_000)),
        answer(
            "genai-prices", lists("openai", "o4-mini", rate("input", "1.1"), context_window=200_000)
        ),
    )
    assert Rate.objects.get().source.slug == "genai-prices"
    assert endpoint().context_window == 200_000
    loser = EndpointClaims.objects.get(source__slug="litellm")
    assert (loser.facts["context_window"], loser.rates[0]["amount"]) == (128_000, "1.2")


def test_an_older_answer_is_left_out() -> None:
    run(answer("models-dev", o4_mini(context_window=200_000)))
    counts = run(answer("models-dev", o4_mini(context_window=1), as_of=MAY))
    assert counts == Counter({"answers older than what is here": 1})
    assert endpoint().context_window == 200_000


def test_an_endpoint_that_is_no_longer_listed_is_missing_since_then_and_keeps_its_rates() -> None:
    run(answer("models-dev", o4_mini(), lists("azure", "o4-mini", rate("input", "1.1"))))
    run(answer("models-dev", o4_mini(), as_of=LATER))
    gone = endpoint("azure")
    assert (gone.missing_since, gone.rates.get().valid_to) == (LATER, None)
    run(
        answer(
            "models-dev", o4_mini(), lists("azure", "o4-mini", rate("input", "1.1")), as_of=LATER
        )
    )
    assert endpoint("azure").missing_since is None


def test_a_model_that_no_source_lists_is_retired_30_days_later_and_comes_back() -> None:
    azure = lists("azure", "o4-mini", rate("input", "1.1"))
    run(answer("models-dev", o4_mini(), azure), answer("litellm", azure))
    run(answer("models-dev", azure, as_of=LATER))
    assert Model.objects.get().missing_since is None
    run(answer("models-dev", lists("openai", "o3"), as_of=LATER), answer("litellm", as_of=LATER))
    model = Model.objects.get(slug="openai/o4-mini")
    assert model.missing_since == LATER
    day = LATER.date() + timedelta(days=30)
    assert (model.stage(day - timedelta(days=1)), model.stage(day)) == ("listed", "retired")
    assert endpoint("azure").stage(day) == endpoint().stage(day) == "retired"
    assert endpoint("azure").rates.get().amount == Decimal("1.1")
    run(answer("litellm", azure, as_of=LATER + timedelta(days=1)))
    assert Model.objects.get(slug="openai/o4-mini").missing_since is None


def test_the_stated_end_of_what_is_dropped_afterwards_still_counts() -> None:
    ended = o4_mini(retired_on="2026-11-01")
    run(answer("litellm", ended, lists("openrouter", "openai/o4-mini")))
    run(answer("litellm", lists("openrouter", "openai/o4-mini"), as_of=LATER))
    assert endpoint().missing_since
    assert Model.objects.get().ends_on == "2026-11-01"


def test_a_claim_that_stays_keeps_its_date_when_another_one_changes() -> None:
    run(answer("models-dev", o4_mini(), as_of=MAY))
    run(answer("models-dev", o4_mini(max_output=100_000)))
    claims = EndpointClaims.objects.get()
    assert (claims.dated("context_window"), claims.dated("max_output")) == (MAY, NOVEMBER)


def test_a_pattern_speaks_for_the_ids_that_it_matches_and_makes_none_of_its_own() -> None:
    rule = {"starts_with": "o4-mini"}
    run(
        answer(
            "litellm",
            lists("openai", "o4-mini-2025-04-16"),
            lists("azure", "eu/o4-mini", rate("input", "1.21")),
        ),
        answer(
            "genai-prices",
            lists("openai", "o4-mini", rate("input", "1.1"), matches=rule),
            lists("azure", "any", rate("input", "1.1"), matches={"contains": "o4-mini"}),
            lists(
                "azure", "regional.", rate("input", "9"), matches={"equals": "nothing-has-this-id"}
            ),
        ),
    )
    assert sorted(Endpoint.objects.values_list("upstream_id", flat=True)) == [
        "eu/o4-mini",
        "o4-mini-2025-04-16",
    ]
    assert endpoint("openai", "o4-mini-2025-04-16").rates.get().amount == Decimal("1.1")
    assert endpoint("azure", "eu/o4-mini").rates.get().amount == Decimal("1.21")


def test_an_override_survives_every_refresh_and_ends_when_it_is_withdrawn() -> None:
    run(answer("models-dev", o4_mini()))
    ada, now = editor(), timezone.now()
    override(endpoint(), {"context_window": 123}, by=ada, why="measured it", at=now)
    run(answer("models-dev", o4_mini(context_window=400_000, max_output=7), as_of=LATER))
    kept = endpoint()
    assert (kept.context_window, kept.max_output, kept.provenance["context_window"][0]) == (
        123,
        7,
        "editor",
    )
    statement = kept.overrides.get()
    assert (statement.by, statement.why, statement.at) == (ada, "measured it", now)
    withdraw(statement, by=ada, at=timezone.now())
    settle_overridden([statement])
    assert endpoint().context_window == 400_000


def test_an_override_of_a_model_and_of_a_provider_survives_too() -> None:
    listing = ProviderListing("openai", {"name": "OpenAI", "docs_url": "https://a.example"})
    run(answer("models-dev", o4_mini(), providers=(listing,)))
    model, provider = Model.objects.get(), Provider.objects.get()
    override(
        model, {"name": "O4 mini"}, by=editor(), why="as its creator writes it", at=timezone.now()
    )
    override(
        provider,
        {"docs_url": "https://b.example"},
        by=User.objects.get(),
        why="it moved",
        at=timezone.now(),
    )
    changed = ProviderListing("openai", {"name": "Open AI", "docs_url": "https://c.example"})
    run(
        answer("models-dev", o4_mini(name="o4 mini", family="o"), as_of=LATER, providers=(changed,))
    )
    model.refresh_from_db()
    provider.refresh_from_db()
    assert (model.name, model.family) == ("O4 mini", "o")
    assert (provider.name, provider.docs_url) == ("Open AI", "https://b.example")


def test_a_link_once_decided_moves_only_by_a_logged_relink() -> None:
    run(answer("models-dev", o4_mini(), lists("azure", "o4-mini")))
    other = Model.objects.create(
        slug="openai/other", name="other", creator=Model.objects.get().creator
    )
    relink(endpoint("azure"), other, by=editor(), why="another model", at=timezone.now())
    run(answer("models-dev", o4_mini(), lists("azure", "o4-mini", rate("input", "5")), as_of=LATER))
    assert endpoint("azure").model == other
    assert Relink.objects.get().why == "another model"


def test_a_load_that_is_interrupted_leaves_nothing_and_the_next_one_completes_it(
    monkeypatch: Any,
) -> None:
    def interrupted(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(reconciling, "settle_noting_changes", interrupted)
        run(answer("models-dev", o4_mini()))
    assert not Endpoint.objects.exists()
    assert not Source.objects.filter(as_of__isnull=False).exists()
    assert run(answer("models-dev", o4_mini()))["endpoints new"] == 1


def test_a_plan_never_stands_for_a_model_and_a_zero_there_is_not_free() -> None:
    included = StatedRate("input", None, "included")
    run(answer("models-dev", lists("github-copilot", "o4-mini", included), o4_mini()))
    row = PriceRow.objects.get(place=1)
    assert (row.endpoint, row.input) == (endpoint(), Decimal("1.1"))


def test_an_announced_price_is_confirmed_when_its_day_has_come_and_the_source_still_says_so() -> (
    None
):
    starts = LATER + timedelta(hours=12)
    announced = (rate("input", "1.1", valid_to=starts), rate("input", "0.9", valid_from=starts))
    run(answer("genai-prices", lists("openai", "o4-mini", *announced)))
    assert Rate.objects.get(amount=Decimal("0.9")).announced
    run(
        answer(
            "genai-prices",
            lists("openai", "o4-mini", *announced),
            as_of=starts + timedelta(hours=1),
        )
    )
    confirmed = Rate.objects.get(amount=Decimal("0.9"))
    assert (confirmed.announced, confirmed.valid_from) == (False, starts)


def test_what_is_known_of_a_provider_by_now_reaches_one_that_was_added_before() -> None:
    run(answer("models-dev", o4_mini(), lists("xpersona", "x", rate("input", "1"))))
    Provider.objects.update(kind="reseller", creator=None)
    run(answer("models-dev", o4_mini(), lists("xpersona", "x", rate("input", "1"))))
    kinds = dict(Provider.objects.values_list("slug", "kind"))
    assert kinds == {"openai": "first-party", "xpersona": "gateway"}
    assert (
        Provider.objects.get(slug="openai").creator
        == Model.objects.get(slug="openai/o4-mini").creator
    )


def test_the_kind_that_an_editor_gives_a_provider_stays() -> None:
    run(answer("models-dev", o4_mini()))
    openai = Provider.objects.get(slug="openai")
    override(openai, {"kind": "cloud"}, by=editor(), why="It is one.", at=LATER)
    run(answer("models-dev", o4_mini()))
    assert Provider.objects.get(slug="openai").kind == "cloud"


@pytest.mark.parametrize(
    ("upstream_id", "states"),
    [("deepseek/r7:free", {"input": "free", "output": "free"}), ("deepseek/r7", {})],
)
def test_an_id_of_a_free_variant_states_its_price(upstream_id: str, states: dict[str, str]) -> None:
    run(answer("genai-prices", lists("openrouter", upstream_id)))
    assert dict(endpoint("openrouter", upstream_id).rates.values_list("meter", "state")) == states


def test_a_stated_price_of_a_free_variant_stands_before_what_its_id_states() -> None:
    rates_of_its_own = rate("input", "0", state="free"), rate("output", "0.1")
    stated = lists("openrouter", "deepseek/r7:free", *rates_of_its_own)
    silent = lists("openrouter", stated.upstream_id)
    run(answer("models-dev", stated), answer("genai-prices", silent))
    rates = endpoint("openrouter", stated.upstream_id).rates
    assert set(rates.values_list("meter", "state", "source__slug")) == {
        ("input", "free", "models-dev"),
        ("output", "priced", "models-dev"),
    }


def test_a_rule_gives_way_to_a_source_that_names_the_region_of_an_id() -> None:
    rule = {"ends_with": "nova-pro-v1:0"}
    covering = lists("amazon-bedrock", "nova-pro-v1:0", rate("input", "0.8"), matches=rule)
    european = lists("amazon-bedrock", "eu.amazon.nova-pro-v1:0", rate("input", "1.05"))
    american = lists("amazon-bedrock", "us.amazon.nova-pro-v1:0")
    run(answer("genai-prices", covering), answer("litellm", european, american))
    amounts = dict(Rate.objects.values_list("endpoint__upstream_id", "amount"))
    assert amounts["eu.amazon.nova-pro-v1:0"] == Decimal("1.05")
    assert amounts["us.amazon.nova-pro-v1:0"] == Decimal("0.8")


def test_the_card_of_a_flex_id_is_of_the_flex_tier() -> None:
    run(answer("models-dev", lists("neuralwatt", "glm-5.3-flex", rate("input", "0.9"))))
    flex = Rate.objects.get(endpoint__upstream_id="glm-5.3-flex")
    assert (flex.amount, flex.terms) == (Decimal("0.9"), {"tier": "flex"})
    assert PriceRow.objects.get().standing == "unpriced"


def test_a_release_date_of_the_future_is_held_until_the_data_is_as_late() -> None:
    counts = run(answer("models-dev", o4_mini(released="2026-11-13")))
    assert counts["release dates of the future, held"] == 1
    assert counts["held: 2026-11-13 of models-dev for o4-mini at openai"] == 1
    assert (endpoint().released, endpoint().model.released) == ("", "")
    assert EndpointClaims.objects.get().facts["released"] == "2026-11-13"
    run(answer("models-dev", o4_mini(released="2026-11-13"), as_of=LATER))
    assert (endpoint().released, endpoint().model.released) == ("2026-11-13", "2026-11-13")


def test_an_endpoint_loses_what_its_model_turns_out_not_to_make() -> None:
    def listing(provider: str, *, makes: list[str]) -> Listing:
        abilities = {"capabilities": {"image-generation": True}}
        return lists(provider, "o4-mini", modalities_out=makes, **abilities)

    run(answer("models-dev", listing("poe", makes=["image", "text"])))
    assert endpoint("poe").capabilities == ["image-generation"]
    run(answer("litellm", o4_mini(modalities_out=["text"])))
    assert endpoint().model.modalities_out == ["text"]
    assert endpoint("poe").capabilities == []
    run(answer("litellm", o4_mini(modalities_out=["image", "text"]), as_of=LATER))
    assert endpoint("poe").capabilities == ["image-generation"]


def test_a_gateway_is_no_authority_on_the_providers_behind_it() -> None:
    address = "https://openai.example/"
    run(
        answer("models-dev", o4_mini(), providers=(ProviderListing("openai", {"docs_url": "d"}),)),
        answer(
            "openrouter",
            lists("openrouter", "openai/o4-mini", rate("input", "1.1")),
            providers=(
                ProviderListing("openai", {"docs_url": address, "headquarters": "US"}),
                ProviderListing("mistral", {"headquarters": "FR"}),
            ),
            as_of=MAY,
        ),
    )
    openai = Provider.objects.get(slug="openai")
    assert (openai.docs_url, openai.headquarters) == ("d", "US")
    assert openai.provenance["headquarters"] == ["openrouter", "2026-05-21"]
    # One of which only its seat is stated serves nothing.
    assert not Provider.objects.filter(slug="mistral").exists()


def test_a_gateway_is_the_authority_on_its_own_prices() -> None:
    of_gateway = lists("openrouter", "openai/o4-mini", rate("input", "1.2"))
    copied = lists("openrouter", "openai/o4-mini", rate("input", "1.1"))
    run(answer("models-dev", o4_mini(), copied), answer("openrouter", of_gateway, as_of=MAY))
    rates = Rate.objects.filter(meter="input", valid_to=None)
    stated = dict(rates.values_list("endpoint__provider__slug", "amount"))
    assert stated == {"openai": Decimal("1.1"), "openrouter": Decimal("1.2")}
    assert Source.objects.get(slug="openrouter").url == "https://openrouter.ai/api/v1/models"
