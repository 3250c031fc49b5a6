"""From which price on a model's meter is sold, and where."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Endpoint, Model
from catalog.provider_kinds import ProviderKind
from pricing.lowest import find_lowest
from pricing.models import LowestOfAll, LowestRate
from pricing.terms import Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> Model:
    return make_model()


def at(model: Model, provider: str, kind: str = "inference-host", **fields: object) -> Endpoint:
    return make_endpoint(model, make_provider(provider, kind=kind), **fields)


def lowest(meter: str = "input") -> tuple[str, str, Decimal | None] | None:
    """Where a meter is the lowest, in which state, and at which amount."""
    find_lowest()
    row = LowestRate.objects.filter(meter=meter).select_related("endpoint__provider").first()
    return row and (row.endpoint.provider.slug, row.state, row.amount)


def test_the_cheapest_endpoint_of_each_meter_is_named(model):
    azure, groq = at(model, "azure"), at(model, "groq")
    make_rate(azure, "input", "1")
    make_rate(groq, "input", "2")
    make_rate(azure, "output", "8")
    make_rate(groq, "output", "4")
    assert lowest("input") == ("azure", "priced", 1)
    assert lowest("output") == ("groq", "priced", 4)


def test_every_model_has_its_own(model):
    other = make_model("mistral/large")
    make_rate(at(model, "azure"), amount="1")
    make_rate(at(other, "azure", upstream_id="large"), amount="2")
    find_lowest()
    found = LowestRate.objects.values_list("model__slug", "amount").order_by("amount")
    assert list(found) == [("openai/o4-mini", 1), ("mistral/large", 2)]


@pytest.mark.parametrize("kind", [ProviderKind.PLAN, ProviderKind.LOCAL])
def test_plans_and_local_runtimes_never_count(model, kind):
    make_rate(at(model, "somewhere", kind), amount="0.01")
    make_rate(at(model, "somewhere", kind, upstream_id="other"), "output", "0", state="free")
    assert lowest() is None
    assert lowest("output") is None
    make_rate(at(model, "azure"), amount="5")
    assert lowest() == ("azure", "priced", 5)


def test_a_missing_endpoint_counts_only_where_none_is_left(model):
    make_rate(at(model, "old", missing_since=timezone.now()), amount="1")
    assert lowest() == ("old", "priced", 1)
    make_rate(at(model, "live"), amount=None, state="unknown")
    assert lowest() == ("live", "unknown", None)


RETIRED = [
    {"lifecycle": "retired"},
    {"retired_on": "2025-01-31"},
    {"retired_on": "2025"},
    {"retired_on": f"{timezone.now():%Y-%m-%d}"},
]


@pytest.mark.parametrize("retired", RETIRED)
def test_a_retired_endpoint_never_counts(model, retired):
    make_rate(at(model, "old", **retired), amount="1")
    assert lowest() is None
    make_rate(at(model, "live"), amount="2")
    assert lowest() == ("live", "priced", 2)


@pytest.mark.parametrize("retired", RETIRED)
def test_a_retired_model_has_no_lowest_price(model, retired):
    make_rate(at(model, "gateway"), amount="1")
    assert lowest() == ("gateway", "priced", 1)
    model.lifecycle = retired.get("lifecycle", "listed")
    model.ends_on = retired.get("retired_on", "")
    model.save()
    assert lowest() is None


def test_a_model_that_will_retire_has_a_lowest_price_until_it_does(model):
    make_rate(at(model, "gateway"), amount="1")
    model.ends_on = f"{timezone.now() + timedelta(days=1):%Y-%m-%d}"
    model.save()
    assert lowest() == ("gateway", "priced", 1)


def test_an_endpoint_that_will_retire_counts_until_it_does(model):
    make_rate(
        at(model, "leaving", retired_on=f"{timezone.now() + timedelta(days=1):%Y-%m-%d}"),
        amount="1",
    )
    make_rate(at(model, "live"), amount="2")
    assert lowest() == ("leaving", "priced", 1)


def test_states_come_in_order(model):
    states = ["not_offered", "unknown", "included", "dynamic", "free", "priced"]
    for state in states:
        amount = {"free": "0", "priced": "99"}.get(state)
        make_rate(at(model, state.replace("_", "-")), amount=amount, state=state)
        assert lowest() == (
            state.replace("_", "-"),
            state,
            None if amount is None else Decimal(amount),
        )


def test_free_counts_only_where_nobody_sells(model):
    make_rate(at(model, "gift"), amount="0", state="free")
    assert lowest() == ("gift", "free", 0)
    make_rate(at(model, "shop"), amount="3")
    assert lowest() == ("shop", "priced", 3)


def test_a_future_rate_counts_from_when_it_begins(model):
    endpoint = at(model, "azure")
    now = timezone.now()
    before = make_rate(endpoint, amount="2", valid_to=now + timedelta(hours=1))
    after = make_rate(endpoint, amount="1", valid_from=now + timedelta(hours=1))
    assert lowest() == ("azure", "priced", 2)
    before.valid_to = after.valid_from = now - timedelta(hours=1)
    before.save()
    after.save()
    assert lowest() == ("azure", "priced", 1)


def test_past_and_held_and_tier_rates_and_other_currencies_do_not_count(model):
    now = timezone.now()
    make_rate(at(model, "past"), amount="0.1", valid_to=now - timedelta(days=1))
    make_rate(at(model, "held"), amount="0.1", held=True)
    make_rate(at(model, "batch"), amount="0.1", terms=Terms(tier="batch"))
    make_rate(at(model, "yuan"), amount="0.1", currency="CNY")
    assert lowest() is None
    make_rate(at(model, "azure"), amount="5")
    assert lowest() == ("azure", "priced", 5)


@pytest.mark.parametrize("variant", ["flex", "batch,us", "contributor", "coding,fp8"])
def test_an_id_that_is_not_sold_at_once_to_everybody_does_not_count(model, variant):
    make_rate(at(model, "cheap", upstream_id="cheap", variant=variant), amount="0.1")
    assert lowest() is None
    assert not LowestOfAll.objects.exists()


def test_of_equal_prices_the_most_direct_provider_is_named(model):
    for provider, kind in [
        ("a-gateway", "gateway"),
        ("b-host", "inference-host"),
        ("c-cloud", "cloud"),
    ]:
        make_rate(at(model, provider, kind), amount="1")
    assert lowest() == ("c-cloud", "priced", 1)
    make_rate(at(model, "d-first", "first-party"), amount="1")
    assert lowest() == ("d-first", "priced", 1)


def test_what_is_no_longer_sold_is_dropped(model):
    rate = make_rate(at(model, "azure"))
    assert lowest() is not None
    rate.delete()
    assert lowest() is None


def test_finding_again_changes_nothing(model):
    rate = make_rate(at(model, "azure"))
    make_rate(at(model, "groq"), amount=None, state="unknown")
    assert find_lowest() == 1
    assert find_lowest() == 0
    rate.amount = Decimal("2")
    rate.save()
    assert find_lowest() == 1


def lowest_of_all(meter: str = "input") -> tuple[str, str, Decimal | None] | None:
    find_lowest()
    row = LowestOfAll.objects.filter(meter=meter).select_related("endpoint__provider").first()
    return row and (row.endpoint.provider.slug, row.state, row.amount)


def test_with_plans_what_is_free_comes_before_what_is_included_and_that_before_what_is_sold(model):
    make_rate(at(model, "azure"), amount="1")
    assert lowest_of_all() == ("azure", "priced", 1)
    make_rate(at(model, "plan", ProviderKind.PLAN), amount=None, state="included")
    assert lowest_of_all() == ("plan", "included", None)
    make_rate(at(model, "trial"), amount="0", state="free")
    assert lowest_of_all() == ("trial", "free", 0)
    assert lowest() == ("azure", "priced", 1)


def test_with_plans_a_batch_tier_and_what_is_gone_do_not_come_first_either(model):
    make_rate(at(model, "azure"), amount="2")
    make_rate(at(model, "azure", upstream_id="b", variant="batch"), amount="1")
    make_rate(
        at(model, "plan", ProviderKind.PLAN, lifecycle="retired"), amount=None, state="included"
    )
    assert lowest_of_all() == ("azure", "priced", 2)


def test_with_plans_too_a_price_that_ends_is_dropped(model):
    rate = make_rate(at(model, "plan", ProviderKind.PLAN), amount=None, state="included")
    assert lowest_of_all() == ("plan", "included", None)
    rate.delete()
    assert lowest_of_all() is None


@pytest.mark.parametrize("variant", ["free", "fp8,free"])
def test_a_free_trial_counts_only_with_plans(model, variant):
    make_rate(at(model, "gateway", variant=variant), amount="0", state="free")
    assert lowest() is None
    make_rate(at(model, "shop"), amount="3")
    assert lowest() == ("shop", "priced", 3)
    assert lowest_of_all() == ("gateway", "free", 0)


def test_an_id_that_leads_to_whatever_comes_next_does_not_count(model):
    make_rate(
        at(model, "openrouter", upstream_id="~openai/mini-latest", variant="latest"), amount="1"
    )
    make_rate(at(model, "azure"), amount="2")
    assert lowest() == lowest_of_all() == ("azure", "priced", 2)


def test_a_tilde_before_the_latest_of_a_line_is_a_plain_door_to_it(model):
    make_rate(at(model, "openrouter", upstream_id="~openai/gpt-latest"), amount="1")
    make_rate(at(model, "azure"), amount="2")
    assert lowest() == lowest_of_all() == ("openrouter", "priced", 1)


def test_what_a_conversion_leaves_of_a_price_is_that_price(model):
    make_rate(at(model, "databricks", "cloud"), amount="1.99997")
    first = make_rate(at(model, "maker", "first-party"), amount="2")
    assert lowest() == lowest_of_all() == ("maker", "priced", 2)
    first.amount = Decimal("2.003")
    first.save()
    assert lowest() == lowest_of_all() == ("databricks", "priced", Decimal("1.99997"))


@pytest.mark.parametrize(
    "amounts", [("0.0000099999", "0.00001"), ("0.099999", "0.1"), ("149.996", "150")]
)
def test_four_digits_of_any_size_decide(model, amounts):
    make_rate(at(model, "databricks", "cloud"), amount=amounts[0])
    make_rate(at(model, "maker", "first-party"), amount=amounts[1])
    assert lowest() == ("maker", "priced", Decimal(amounts[1]))
