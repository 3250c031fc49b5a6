"""The kept rows and headlines."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Creator, Endpoint, Model, Provider
from pricing.headlines import find_headlines
from pricing.models import Headline, PriceRow
from tests.factories import make_endpoint, make_model, make_provider, make_rate, summarise

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> Model:
    return make_model()


def sold(model: Model, provider: str, kind: str, price_in: str, price_out: str = "8", **fields):
    endpoint = make_endpoint(model, make_provider(provider, kind=kind), **fields)
    make_rate(endpoint, "input", price_in)
    make_rate(endpoint, "output", price_out)
    return endpoint


def own(model: Model, endpoint: Endpoint) -> None:
    Provider.objects.filter(id=endpoint.provider_id).update(creator=model.creator)


def test_a_model_has_one_row_of_one_endpoint_and_a_lower_price_beside_it(model):
    first = sold(model, "openai", "first-party", "5", "30")
    own(model, first)
    lower = sold(model, "kilo", "gateway", "0.4", "2", upstream_id="x")
    sold(model, "azure", "cloud", "1", upstream_id="y")
    assert find_headlines() > 0
    headline = Headline.objects.get(model=model)
    assert (headline.endpoint, headline.standing, headline.cheapest) == (first, "own", lower)
    assert (headline.lower_endpoint, headline.lower_amount) == (lower, Decimal("0.4"))
    assert headline.lower_ratio == Decimal("12.5")
    row = PriceRow.objects.get(endpoint=first)
    assert (row.place, row.cheap_place, row.input, row.output) == (1, 3, 5, 30)
    assert (row.blend, row.cache_read_state) == (Decimal("11.25"), "unknown")
    assert find_headlines() == 0


def test_rates_count_while_they_hold(model):
    first = sold(model, "azure", "cloud", "1")
    second = sold(model, "groq", "inference-host", "2", upstream_id="x")
    find_headlines()
    assert Headline.objects.get().endpoint == first
    past = timezone.now() - timedelta(days=1)
    first.rates.filter(meter="input").update(valid_from=past - timedelta(days=1), valid_to=past)
    find_headlines([model.id])
    assert Headline.objects.get().endpoint == second


def test_headlines_of_another_instant_are_those_of_its_rates_and_its_day(model):
    first = sold(model, "azure", "cloud", "1")
    sold(model, "groq", "inference-host", "2", upstream_id="x")
    now = timezone.now()
    first.rates.filter(meter="input").update(valid_to=now - timedelta(days=2))
    Model.objects.update(ends_on=(now - timedelta(days=1)).date().isoformat())
    find_headlines(at=now - timedelta(days=3))
    headline = Headline.objects.get()
    assert (headline.endpoint, headline.folded) == (first, "")
    find_headlines()
    assert not Headline.objects.exists()


def test_only_the_models_named_are_computed_anew(model):
    other = make_model("mistral/large")
    for place, served in enumerate((model, other)):
        sold(served, "azure", "cloud", "1", upstream_id=f"m{place}")
    find_headlines()
    Endpoint.objects.all().delete()
    find_headlines([model.id])
    assert not Headline.objects.exists()  # rows go with their endpoints


def test_a_retired_model_has_no_headline(model):
    sold(model, "azure", "cloud", "1")
    Model.objects.update(ends_on="2026-01-01")
    find_headlines()
    assert not Headline.objects.exists()


def folded(model: Model) -> str:
    summarise()
    return Headline.objects.get(model=model).folded


def test_what_few_look_for_is_folded_and_why(model):
    gateway = sold(model, "kilo", "gateway", "1")
    assert folded(model) == "gateway"
    second = sold(model, "vancine", "gateway", "1", upstream_id="x")
    assert folded(model) == ""
    second.delete()
    direct = sold(model, "azure", "cloud", "1", upstream_id="y")
    assert folded(model) == ""
    model.derived_from = make_model("meta/base")
    model.save()
    assert folded(model) == "fine-tune"
    model.derived_from = None
    model.save()
    gateway.delete()
    direct.rates.all().delete()
    assert folded(model) == "price"
    make_rate(direct, "image", "0.04")
    assert folded(model) == ""
    direct.floating = True
    direct.save()
    assert folded(model) == "floating"


def test_top_is_by_rating_then_direct_providers_then_newness():
    names = ("a/rated", "b/best", "c/served", "d/new", "e/old")
    models = {name: make_model(name) for name in names}
    for place, model in enumerate(models.values()):
        sold(model, "azure", "cloud", "1", upstream_id=f"m{place}")
    sold(models["c/served"], "groq", "inference-host", "1", upstream_id="more")
    Model.objects.filter(slug="d/new").update(released="2026-11")
    find_headlines()
    Model.objects.filter(slug="a/rated").update(rating=1400, rating_board="text")
    Model.objects.filter(slug="b/best").update(rating=1500, rating_board="text")
    find_headlines()
    slugs = Headline.objects.order_by("top").values_list("model__slug", flat=True)
    assert list(slugs) == ["b/best", "a/rated", "c/served", "d/new", "e/old"]
    assert Creator.objects.count() == 5
