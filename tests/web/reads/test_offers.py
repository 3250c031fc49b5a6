from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.lifecycle import Lifecycle
from catalog.models import Creator, Endpoint, Model, Provider
from catalog.provider_kinds import ProviderKind
from pricing.models import Rate
from tests.factories import make_creator, make_endpoint, make_model, make_provider, sell, summarise
from tests.waiting import undisturbed
from web.reads.offers import offers


@pytest.mark.django_db
def test_an_offer_is_what_is_stated_of_an_endpoint_with_its_models_facts_beside_it():
    model = make_model(
        name="o4-mini",
        released="2025-04-16",
        context_window=200_000,
        capabilities=["reasoning"],
        modalities_in=["text", "image"],
        open_weights=False,
        lifecycle="preview",
    )
    azure = make_provider("azure", name="Azure", kind=ProviderKind.CLOUD)
    endpoint = make_endpoint(
        model, azure, variant="eu,batch", max_output=1_000, capabilities=["vision"]
    )
    summarise()
    (offer,) = offers().all
    assert (offer.endpoint_id, offer.provider, offer.provider_name) == (
        endpoint.id,
        "azure",
        "Azure",
    )
    assert (offer.model, offer.model_name, offer.creator) == ("openai/o4-mini", "o4-mini", "openai")
    assert (offer.context, offer.max_input, offer.max_output) == (200_000, None, 1_000)
    assert offer.capabilities == {"reasoning", "vision"}
    assert (offer.variant, offer.kind, offer.mode) == ({"eu", "batch"}, "cloud", "chat")
    assert (offer.modalities_in, offer.modalities_out) == ({"text", "image"}, set())
    assert (offer.open_weights, offer.released, offer.stage) == (False, "2025-04-16", "preview")
    assert offer.card.rates == ()
    assert "azure" in offer.search_text


@pytest.mark.django_db
def test_an_endpoints_own_context_goes_before_its_models():
    model = make_model(context_window=200_000)
    make_endpoint(model, make_provider("own"), context_window=8_000)
    make_endpoint(model, make_provider("input-only"), max_input=9_000)
    make_endpoint(model, make_provider("silent"))
    assert {each.provider: each.context for each in offers().all} == {
        "own": 8_000,
        "input-only": 9_000,
        "silent": 200_000,
    }


@pytest.mark.django_db
def test_the_makers_own_endpoints_come_first_then_clouds_then_hosts():
    model = make_model()
    for slug, kind in (
        ("z", "first-party"),
        ("a", "gateway"),
        ("b", "inference-host"),
        ("c", "cloud"),
    ):
        make_endpoint(model, make_provider(slug, kind=kind))
    assert [each.provider for each in offers().all] == ["z", "c", "b", "a"]


@pytest.mark.django_db
def test_what_is_missing_or_retired_is_not_on_offer():
    now = datetime.now(UTC)  # read here: the tests may run past midnight
    yesterday, today, tomorrow = ((now + timedelta(days)).date().isoformat() for days in (-1, 0, 1))
    model = make_model()
    make_endpoint(model, make_provider("missing"), missing_since=datetime(2026, 1, 1, tzinfo=UTC))
    make_endpoint(model, make_provider("retired"), lifecycle=Lifecycle.RETIRED)
    make_endpoint(model, make_provider("gone"), retired_on=yesterday)
    make_endpoint(model, make_provider("today"), retired_on=today)
    make_endpoint(model, make_provider("going"), retired_on=tomorrow)
    assert [each.provider for each in offers().all] == ["going"]


@pytest.fixture
def two_offers():
    model = make_model()
    sell(model, make_provider("a"), input="1")
    sell(model, make_provider("b"), input="2")
    summarise()


CHANGES = {
    "a price": lambda: Rate.objects.filter(meter="input").first().delete(),
    "a rate's amount": lambda: Rate.objects.update(amount="3"),
    "a rate that is held": lambda: Rate.objects.update(held=True),
    "an endpoint's limits": lambda: Endpoint.objects.update(context_window=5),
    "a new endpoint": lambda: make_endpoint(Model.objects.get(), make_provider("c")),
    "a model's name": lambda: Model.objects.update(name="another"),
    "a provider's kind": lambda: Provider.objects.update(kind=ProviderKind.PLAN),
    "a creator's name": lambda: Creator.objects.update(name="another"),
    "an endpoint that goes while another changes": lambda: _swap(),
}


@transaction.atomic
def _swap():
    first, second = Endpoint.objects.order_by("id")
    Rate.objects.filter(endpoint=first).delete()
    first.delete()
    Endpoint.objects.filter(id=second.id).update(context_window=7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES)
def test_the_offers_are_read_again_once_a_figure_has_changed(two_offers, change):
    before = offers()
    assert offers() is before
    CHANGES[change]()
    after = offers()
    assert after is not before
    assert offers() is after


@pytest.mark.django_db(transaction=True)
def test_a_change_of_anything_else_costs_one_question_and_no_reading(two_offers):
    before = offers()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE elsewhere (id int)")
        cursor.execute("DROP TABLE elsewhere")
    with CaptureQueriesContext(connection) as queries:
        assert offers() is before
    assert len(queries) == 2

    def queries_at_rest():
        offers()
        with CaptureQueriesContext(connection) as queries:
            assert offers() is before
        return len(queries)

    assert undisturbed(queries_at_rest) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_has_not_committed_is_its_own_to_see(two_offers):
    before = offers()
    with transaction.atomic():
        Rate.objects.update(amount="9")
        assert {each.card.rates[0].amount for each in offers().all} == {9}
        transaction.set_rollback(True)
    assert offers() is before


@pytest.mark.django_db
def test_the_offers_cost_the_same_questions_however_many_there_are():
    make_creator()
    counts = []
    for size in (3, 6):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), make_provider(f"p{n}"), input="1", output="2")
        with CaptureQueriesContext(connection) as queries:
            offers()
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_what_an_endpoint_neither_states_nor_denies_is_as_with_its_model():
    model = make_model(capabilities=["reasoning", "vision"])
    make_endpoint(model, make_provider("states"), capabilities=["tool-use"])
    make_endpoint(model, make_provider("denies"), lacks=["vision"])
    found = {each.provider: each.capabilities for each in offers().all}
    assert found == {"states": {"tool-use", "reasoning", "vision"}, "denies": {"reasoning"}}
