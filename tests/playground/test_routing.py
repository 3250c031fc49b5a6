"""The order of endpoints by the preferences of OpenRouter's and Vercel's words."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from playground.routing import BadPreference, EndpointRoute, Preference, in_order, preference_of

USUAL = EndpointRoute(
    provider="",
    provider_name="",
    cost=Decimal(1),
    input_price=Decimal(1),
    output_price=Decimal(4),
    latency=None,
    throughput=None,
    zdr="unknown",
    training="unknown",
    failed=False,
)


def route(provider: str, cost: str = "1", **fields: Any) -> EndpointRoute:
    return replace(
        USUAL, provider=provider, provider_name=provider.title(), cost=Decimal(cost), **fields
    )


def names(routes: list[EndpointRoute], preference: Preference | None = None) -> list[str]:
    return [routes[place].provider for place in in_order(routes, preference or Preference())]


def test_the_cheapest_comes_first_and_what_failed_lately_after_the_others():
    routes = [route("dear", "3"), route("broken", "1", failed=True), route("cheap", "2")]
    assert names(routes) == ["cheap", "dear", "broken"]
    assert names([*routes, route("old", "0", retired=True)])[-1] == "old"


def test_listed_providers_come_first_as_they_are_listed_even_where_they_failed():
    routes = [route("a", "1"), route("b", "2"), route("c", "3", failed=True)]
    assert names(routes, Preference(order=("c", "b"))) == ["c", "b", "a"]
    # A name of the provider does as well as its slug, and one that is unknown is passed over.
    assert names(routes, Preference(order=("nobody", "B".lower()))) == ["b", "a", "c"]


def test_without_fallbacks_there_is_one_or_those_that_are_listed():
    routes = [route("a", "1"), route("b", "2"), route("c", "3")]
    assert names(routes, Preference(allow_fallbacks=False)) == ["a"]
    assert names(routes, Preference(allow_fallbacks=False, order=("c", "b"))) == ["c", "b"]
    assert names(routes, Preference(allow_fallbacks=False, order=("nobody",))) == []


def test_unknown_speeds_come_last_and_the_price_decides_between_equals():
    routes = [
        route("unknown", "0"),
        route("slow", "1", latency=Decimal(2), throughput=Decimal(10)),
        route("fast", "3", latency=Decimal("0.2"), throughput=Decimal(90)),
        route("fast-too", "2", latency=Decimal("0.2"), throughput=Decimal(90)),
    ]
    expected = ["fast-too", "fast", "slow", "unknown"]
    assert names(routes, Preference(sort="latency")) == expected
    assert names(routes, Preference(sort="throughput")) == expected
    assert names(routes, Preference(sort="price"))[0] == "unknown"


@pytest.mark.parametrize(
    ("field", "words", "taken"),
    [
        ("zdr", ["default", "on_request", "contract", "with_exceptions", "no", "unknown"], 1),
        ("training", ["no", "opt_in", "opt_out", "yes", "unknown"], 2),
    ],
)
def test_a_policy_holds_where_it_is_stated_alone(field: str, words: list[str], taken: int):
    routes = [route(word, **{field: word}) for word in words]
    preference = Preference(zdr=field == "zdr", no_collection=field == "training")
    assert sorted(names(routes, preference)) == sorted(words[:taken])


def test_prices_up_to_the_highest_are_taken_and_unknown_ones_are_not():
    routes = [
        route("at", input_price=Decimal("1.5")),
        route("above", input_price=Decimal("1.500001")),
        route("unknown", input_price=None),
    ]
    assert names(routes, Preference(most_input=Decimal("1.5"))) == ["at"]
    assert names(routes, Preference(most_output=Decimal("3.99"))) == []


def test_the_words_of_openrouter_and_of_vercel_are_read():
    assert preference_of(
        {
            "provider": {
                "order": ["Azure", "deepinfra/fp8"],
                "ignore": ["host"],
                "allow_fallbacks": False,
                "sort": {"by": "latency"},
                "data_collection": "deny",
                "zdr": True,
                "max_price": {"prompt": 0.1, "completion": "2"},
            }
        }
    ) == Preference(
        order=("azure", "deepinfra"),
        ignore=("host",),
        allow_fallbacks=False,
        sort="latency",
        zdr=True,
        no_collection=True,
        most_input=Decimal("0.1"),
        most_output=Decimal(2),
    )
    vercel = {"gateway": {"order": ["a"], "only": ["a", "b"]}}
    expected = Preference(order=("a",), only=("a", "b"))
    assert preference_of({"providerOptions": vercel}) == expected
    assert preference_of({"provider_options": vercel}) == expected


def test_a_provider_beside_the_model_is_the_only_one():
    body = {"provider": {"only": ["host"]}}
    assert preference_of(body, "Azure").only == ("azure",)


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ({"order": "azure"}, "provider.order"),
        ({"order": [1]}, "provider.order"),
        ({"only": ["a"] * 51}, "provider.only"),
        ({"zdr": "yes"}, "provider.zdr"),
        ({"allow_fallbacks": 1}, "provider.allow_fallbacks"),
        ({"sort": "luck"}, "provider.sort"),
        ({"data_collection": "never"}, "provider.data_collection"),
        ({"max_price": {"prompt": "NaN"}}, "provider.max_price"),
        ({"max_price": {"completion": -1}}, "provider.max_price"),
        ({"max_price": 5}, "provider.max_price"),
        ({"quantizations": ["fp8"]}, "provider.quantizations"),
    ],
)
def test_what_cannot_be_read_is_named(stated: Any, name: str):
    with pytest.raises(BadPreference) as error:
        preference_of({"provider": stated})
    assert error.value.name == name and str(error.value).endswith(".")
