"""Which prices wait for an editor: beyond 50 times, or below 1/50 of, what is usual."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.models import Endpoint, Model
from pricing.magnitude_guard import Base, is_slip, usual_amounts
from pricing.models import Rate
from pricing.observed import Observed
from pricing.rate_history import record_rates
from pricing.rates import stated
from pricing.terms import BASE, Band, Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, make_source, sell

NOW = datetime(2026, 11, 12, tzinfo=UTC)
BATCH, LONG = Terms(tier="batch"), Terms(band=Band(200_000))


@pytest.mark.parametrize(
    ("amount", "usual", "slip"),
    [
        ("50", "1", False),
        ("50.000000000001", "1", True),
        ("49.999999999999", "1", False),
        ("0.02", "1", False),
        ("0.019999999999", "1", True),
        ("0.020000000001", "1", False),
        ("0.022", "1.1", False),
        ("0.021999999999", "1.1", True),
        ("0.333333333333", "16.66666666665", False),
        ("0", "1", False),
        (None, "1", False),
        ("1", None, False),
        ("1", "0", False),
    ],
)
def test_fifty_times_is_no_slip_and_anything_beyond_is(amount, usual, slip):
    given, known = (None if text is None else Decimal(text) for text in (amount, usual))
    assert is_slip(given, known) is slip


def usual(endpoint: Endpoint, amount: str = "1000", source: str = "litellm") -> Decimal | None:
    """What is usual for the input of an endpoint that is about to cost an amount, by a source."""
    base = {endpoint.id: {"input": Base(Decimal(amount), make_source(source).id)}}
    return usual_amounts(base).get((endpoint.id, "input"))


def sold_by(model: Model, *amounts: str) -> None:
    """The model at so many providers, each with its price."""
    for number, amount in enumerate(amounts):
        sell(model, make_provider(f"provider-{number}"), input=amount)


@pytest.fixture
def model() -> Model:
    return make_model()


@pytest.fixture
def endpoint(model) -> Endpoint:
    return make_endpoint(model, make_provider("newcomer"))


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("others", "expected"), [(1, None), (2, 3), (3, 3)])
def test_three_providers_of_a_model_say_what_is_usual(model, endpoint, others, expected):
    sold_by(model, *["3"] * others)
    assert usual(endpoint, "4000") == (Decimal("3") if expected else None)


def test_the_same_provider_counts_once(model, endpoint):
    provider = make_provider("azure")
    for number in range(3):
        make_rate(make_endpoint(model, provider, upstream_id=f"o4-mini-{number}"), amount="3")
    assert usual(endpoint) is None


def test_the_usual_amount_is_the_median(model, endpoint):
    sold_by(model, "1", "2", "9", "100")
    assert usual(endpoint) == 9


@pytest.mark.parametrize(("others", "expected"), [(3, None), (4, 3), (5, 3)])
def test_five_models_of_the_creator_say_what_is_usual(endpoint, others, expected):
    for number in range(others):
        sell(make_model(f"openai/gpt-{number}"), make_provider("openai"), input="3")
    assert usual(endpoint, "4000") == (Decimal(expected) if expected else None)


def test_providers_of_the_same_model_say_it_before_the_creators_other_models(model, endpoint):
    sold_by(model, "3", "3")
    for number in range(9):
        sell(make_model(f"openai/gpt-{number}"), make_provider("openai"), input="100")
    assert usual(endpoint) == 3


@pytest.mark.parametrize(("slug", "mode"), [("mistral/large", ""), ("openai/dall-e", "image")])
def test_other_creators_and_other_modes_say_nothing(endpoint, slug, mode):
    for number in range(9):
        sell(make_model(f"{slug}-{number}", mode=mode), make_provider("openai"), input="3")
    assert usual(endpoint) is None


def test_free_and_held_and_past_and_tier_prices_say_nothing(model, endpoint):
    for number, fields in enumerate(
        [
            {"amount": "0", "state": "free"},
            {"held": True},
            {"valid_to": NOW},
            {"terms": BATCH},
            {"amount": None, "state": "included"},
        ]
    ):
        make_rate(make_endpoint(model, make_provider(f"provider-{number}")), **fields)
    assert usual(endpoint) is None


def test_the_price_an_endpoint_had_before_is_not_counted_beside_its_new_one(model, endpoint):
    make_rate(endpoint, amount="3")
    sold_by(model, "3")
    assert usual(endpoint) is None


@pytest.mark.parametrize(
    ("other", "seconded"),
    [("1000", True), ("500", True), ("2000", True), ("499", False), ("2001", False)],
)
def test_what_another_source_states_too_is_usual(model, endpoint, other, seconded):
    sold_by(model, "3", "3", "3")
    make_rate(make_endpoint(model, make_provider("azure")), amount=other)
    assert usual(endpoint, "1000") == (1000 if seconded else 3)


@pytest.mark.parametrize(("slug", "seconded"), [("pi-ai", False), ("genai-prices", True)])
def test_a_source_with_the_same_data_does_not_second_it(model, endpoint, slug, seconded):
    sold_by(model, "3", "3", "3")
    azure = make_endpoint(model, make_provider("azure"))
    make_rate(azure, amount="1000", source=make_source("models-dev"))
    base = {endpoint.id: {"input": Base(Decimal(1000), make_source(slug).id)}}
    assert usual_amounts(base)[endpoint.id, "input"] == (1000 if seconded else 3)


def test_the_same_source_does_not_second_itself(model, endpoint):
    sold_by(model, "3", "3", "3")
    make_rate(
        make_endpoint(model, make_provider("azure")), amount="1000", source=make_source("litellm")
    )
    assert usual(endpoint, "1000", source="litellm") == 3


def load(endpoint: Endpoint, *prices: tuple[str, Terms]) -> dict[str, bool]:
    """Record a card of input prices; whether each is held."""
    source = make_source("litellm").id
    card = [
        Observed(stated("input", Decimal(amount), terms=terms), source, NOW)
        for amount, terms in prices
    ]
    record_rates({endpoint.id: card}, as_of={endpoint.id: NOW})
    return {
        f"{row.amount.normalize():f}": row.held
        for row in Rate.objects.filter(endpoint=endpoint).order_by("amount")
    }


def test_a_tier_and_a_band_are_measured_against_the_endpoints_own_base(endpoint):
    assert load(endpoint, ("1", BASE), ("50", LONG), ("0.019", BATCH)) == {
        "1": False,
        "50": False,
        "0.019": True,
    }


def test_a_tier_of_an_unusually_dear_endpoint_is_measured_against_that_endpoint(model, endpoint):
    sold_by(model, "1", "1", "1")
    assert load(endpoint, ("50", BASE), ("100", LONG)) == {"50": False, "100": False}


def test_a_tier_of_a_base_that_is_a_slip_itself_is_measured_against_what_is_usual(model, endpoint):
    sold_by(model, "1", "1", "1")
    assert load(endpoint, ("1000", BASE), ("0.5", BATCH), ("500", LONG)) == {
        "0.5": False,
        "500": True,
        "1000": True,
    }


@pytest.mark.parametrize(
    ("amount", "held"), [("50", False), ("50.01", True), ("0.02", False), ("0.019", True)]
)
def test_a_base_price_is_held_beyond_fifty_times_the_usual(model, endpoint, amount, held):
    sold_by(model, "1", "1", "1")
    assert load(endpoint, (amount, BASE)) == {amount: held}


def test_slips_in_one_load_are_measured_against_the_others_of_that_load(model):
    endpoints = [make_endpoint(model, make_provider(f"provider-{number}")) for number in range(3)]
    source = make_source().id
    cards = {
        one.id: [Observed(stated("input", Decimal(amount)), source, NOW)]
        for one, amount in zip(endpoints, ("1", "1.2", "1200"), strict=True)
    }
    assert record_rates(cards, as_of={}) == {"first": 2, "held": 1}
    assert Rate.objects.get(held=True).amount == 1200


def test_a_free_price_is_never_a_slip(model, endpoint):
    sold_by(model, "1", "1", "1")
    assert load(endpoint, ("0", BASE)) == {"0": False}


@pytest.mark.django_db
@pytest.mark.parametrize(("amount", "slip"), [("9710", True), ("40", False)])
def test_a_creator_s_only_model_is_measured_against_everybody_s(amount, slip):
    others = {}
    for n in range(100):
        model = make_model(f"maker-{n}/model")
        others[make_endpoint(model, make_provider("host"), upstream_id=model.slug).id] = {
            "output": Base(Decimal(1), 1)
        }
    only = make_endpoint(make_model("core42/jais-30b-chat"), make_provider("azure"))
    usual = usual_amounts({**others, only.id: {"output": Base(Decimal(amount), 1)}})
    assert is_slip(Decimal(amount), usual[only.id, "output"]) is slip


def test_models_that_are_asked_through_another_api_are_peers_all_the_same(model, endpoint):
    for number, amount in enumerate(("1", "1", "1", "1", "1")):
        other = make_model(f"{model.creator.slug}/pro-{number}", mode="responses")
        sell(other, make_provider(f"provider-{number}"), input=amount)
    assert usual(endpoint) == 1
