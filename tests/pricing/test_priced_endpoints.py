from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.lifecycle import Lifecycle
from catalog.models import Creator, Endpoint, Model, Provider
from catalog.provider_kinds import ProviderKind
from pricing.models import Rate
from pricing.priced_endpoints import priced_endpoints
from tests.factories import make_creator, make_endpoint, make_model, make_provider, sell, summarise

TODAY = date(2026, 11, 22)


def found(today=TODAY):
    return priced_endpoints(today)


@pytest.mark.django_db
def test_a_record_is_what_is_stated_of_an_endpoint_with_its_models_facts_beside_it():
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
    (record,) = found().in_use
    assert (record.endpoint_id, record.provider, record.provider_name) == (
        endpoint.id,
        "azure",
        "Azure",
    )
    assert (record.model, record.model_name, record.creator) == (
        "openai/o4-mini",
        "o4-mini",
        "openai",
    )
    assert (record.context, record.max_input, record.max_output) == (200_000, None, 1_000)
    assert record.capabilities == {"reasoning", "vision"}
    assert (record.stated_capabilities, record.lacks) == ({"vision"}, set())
    assert (record.variant, record.kind, record.mode) == ({"eu", "batch"}, "cloud", "chat")
    assert (record.modalities_in, record.modalities_out) == ({"text", "image"}, set())
    assert (record.open_weights, record.released, record.stage) == (False, "2025-04-16", "preview")
    assert record.card.rates == ()
    assert "azure" in record.search_text


@pytest.mark.django_db
def test_an_endpoints_own_context_goes_before_its_models():
    model = make_model(context_window=200_000)
    make_endpoint(model, make_provider("own"), context_window=8_000)
    make_endpoint(model, make_provider("input-only"), max_input=9_000)
    make_endpoint(model, make_provider("silent"))
    assert {each.provider: each.context for each in found().in_use} == {
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
    assert [each.provider for each in found().in_use] == ["z", "c", "b", "a"]


@pytest.mark.django_db
def test_what_is_missing_or_retired_is_known_and_gone():
    model = make_model()
    make_endpoint(model, make_provider("missing"), missing_since=datetime(2026, 1, 1, tzinfo=UTC))
    make_endpoint(model, make_provider("retired"), lifecycle=Lifecycle.RETIRED)
    make_endpoint(model, make_provider("yesterday"), retired_on="2026-11-21")
    make_endpoint(model, make_provider("today"), retired_on="2026-11-22")
    make_endpoint(model, make_provider("tomorrow"), retired_on="2026-11-23")
    assert [each.provider for each in found().in_use] == ["tomorrow"]
    assert len(found().all) == 5
    assert not found(date(2026, 11, 23)).in_use


@pytest.fixture
def two_endpoints():
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
def test_the_endpoints_are_read_again_once_a_figure_has_changed(two_endpoints, change):
    before = found()
    assert found() is before
    CHANGES[change]()
    after = found()
    assert after is not before
    assert found() is after


@pytest.mark.django_db(transaction=True)
def test_a_change_of_anything_else_costs_one_question_and_no_reading(two_endpoints):
    before = found()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE elsewhere (id int)")
        cursor.execute("DROP TABLE elsewhere")
    with CaptureQueriesContext(connection) as queries:
        assert found() is before
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_has_not_committed_is_its_own_to_see(two_endpoints):
    before = found()
    with transaction.atomic():
        Rate.objects.update(amount="9")
        assert {each.card.rates[0].amount for each in found().in_use} == {9}
        transaction.set_rollback(True)
    assert found() is before


@pytest.mark.django_db
def test_the_endpoints_cost_the_same_questions_however_many_there_are():
    make_creator()
    counts = []
    for size in (3, 6):
        for n in range(size):
            sell(make_model(f"a/m{size}-{n}"), make_provider(f"p{n}"), input="1", output="2")
        with CaptureQueriesContext(connection) as queries:
            found()
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_what_an_endpoint_neither_states_nor_denies_is_as_with_its_model():
    model = make_model(capabilities=["reasoning", "vision"])
    make_endpoint(model, make_provider("states"), capabilities=["tool-use"])
    make_endpoint(model, make_provider("denies"), lacks=["vision"])
    capabilities = {each.provider: each.capabilities for each in found().in_use}
    assert capabilities == {"states": {"tool-use", "reasoning", "vision"}, "denies": {"reasoning"}}
