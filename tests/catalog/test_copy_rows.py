"""Many rows at once, through COPY."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.copy_rows import BULK, insert_rows, update_rows
from catalog.models import Creator, Endpoint, Model
from pricing.models import Rate
from tests.factories import make_creator, make_endpoint, make_model, make_rate, make_source

pytestmark = pytest.mark.django_db

ODD = "tab\there, line\nbreak, back\\slash, \\N, 'quote', \"double\", ü 模型 😀"
LONG_AGO = datetime(2026, 2, 28, tzinfo=UTC)
NOW = datetime(2026, 11, 12, 8, 30, tzinfo=UTC)


def test_inserted_rows_hold_what_is_given_and_defaults_for_the_rest():
    creator = make_creator()
    insert_rows(
        Model,
        ("slug", "creator", "name"),
        [("openai/a", creator.id, "A"), ("openai/b", creator.id, "B")],
    )
    made = {model.slug: model for model in Model.objects.all()}
    usual = Model(slug="openai/a", creator=creator, name="A")
    for field in Model._meta.concrete_fields:
        if field.name not in ("id", "created_at"):
            assert getattr(made["openai/a"], field.name) == getattr(usual, field.name), field.name
    assert made["openai/b"].name == "B"
    assert made["openai/a"].created_at.tzinfo


def test_every_kind_of_value_arrives_as_it_was():
    endpoint = make_endpoint(make_model())
    insert_rows(
        Rate,
        (
            "endpoint",
            "meter",
            "amount",
            "state",
            "terms",
            "valid_from",
            "observed_at",
            "source",
            "held",
            "why",
        ),
        [
            (
                *(endpoint.id, "input", Decimal("0.000000000001"), "priced"),
                *(json.dumps({"options": {"x": ODD}}), None, NOW, make_source().id, True, ODD),
            )
        ],
    )
    rate = Rate.objects.get()
    assert (rate.amount, rate.state, rate.terms) == (
        Decimal("1e-12"),
        "priced",
        {"options": {"x": ODD}},
    )
    assert (rate.valid_from, rate.observed_at, rate.held, rate.why) == (None, NOW, True, ODD)


def test_lists_and_nulls_arrive_as_they_were():
    model = make_model()
    lists = ["with, comma", 'with "quotes"', "{braces}", "NULL", ""]
    insert_rows(
        Endpoint,
        ("provider", "upstream_id", "model", "capabilities", "context_window", "missing_since"),
        [
            (make_endpoint(model).provider_id, "one", model.id, lists, None, LONG_AGO),
            (make_endpoint(model, upstream_id="x").provider_id, "two", model.id, [], 2**40, None),
        ],
    )
    rows = Endpoint.objects.filter(upstream_id__in=["one", "two"]).order_by("upstream_id")
    assert list(rows.values_list("capabilities", "context_window", "missing_since")) == [
        (lists, None, LONG_AGO),
        ([], 2**40, None),
    ]


def test_constraints_apply_to_inserted_rows_and_none_of_them_stays():
    creator = make_creator()
    with (
        pytest.raises(IntegrityError, match="model_slug_is_creator_and_name"),
        transaction.atomic(),
    ):
        insert_rows(
            Model,
            ("slug", "creator", "name"),
            [("openai/a", creator.id, "A"), ("A", creator.id, "B")],
        )
    assert not Model.objects.exists()


def test_rows_may_come_from_a_generator_and_may_be_none():
    insert_rows(Creator, ("slug", "name"), (row for row in [("a", "A")]))
    insert_rows(Creator, ("slug", "name"), iter(()))
    assert list(Creator.objects.values_list("slug", "name", "website")) == [("a", "A", "")]


def test_inserted_rows_count_on_in_the_tables_own_sequence():
    insert_rows(Creator, ("slug", "name"), [("a", "A")])
    assert make_creator("b").id == Creator.objects.get(slug="a").id + 1


def test_updated_rows_change_only_in_the_named_fields():
    one, other = make_model("openai/a", released="2024"), make_model("openai/b")
    update_rows(
        Model,
        ("name", "modalities_in", "provenance", "context_window", "open_weights"),
        [(one.id, ODD, ["text", "image"], json.dumps({"name": ["x", ODD]}), 128, True)],
    )
    one.refresh_from_db()
    assert (one.name, one.modalities_in, one.provenance) == (
        ODD,
        ["text", "image"],
        {"name": ["x", ODD]},
    )
    assert (one.context_window, one.open_weights) == (128, True)
    assert (one.slug, one.released) == ("openai/a", "2024")
    before = other.name
    other.refresh_from_db()
    assert other.name == before


def test_a_field_can_be_updated_to_nothing():
    model = make_model(context_window=128, open_weights=False)
    update_rows(Model, ("context_window", "open_weights"), [(model.id, None, None)])
    model.refresh_from_db()
    assert (model.context_window, model.open_weights) == (None, None)


def test_a_foreign_key_is_named_as_the_field():
    model, creator = make_model(), make_creator("mistral")
    update_rows(Model, ("creator",), [(model.id, creator.id)])
    model.refresh_from_db()
    assert model.creator == creator


def test_rows_that_are_gone_are_no_error():
    update_rows(Model, ("name",), [(10**9, "nobody")])


def test_no_rows_ask_nothing_of_the_database():
    with CaptureQueriesContext(connection) as queries:
        update_rows(Model, ("name",), [])
    assert len(queries) == 0


def test_two_updates_follow_each_other_in_one_transaction():
    model = make_model()
    rate = make_rate(make_endpoint(model))
    update_rows(Model, ("name",), [(model.id, "one")])
    update_rows(Model, ("name", "family"), [(model.id, "two", "o")])
    update_rows(Rate, ("valid_to",), [(rate.id, NOW)])
    model.refresh_from_db()
    rate.refresh_from_db()
    assert (model.name, model.family, rate.valid_to) == ("two", "o", NOW)


def test_constraints_apply_to_updated_rows():
    model = make_model()
    with pytest.raises(IntegrityError, match="released_is_a_date"), transaction.atomic():
        update_rows(Model, ("released",), [(model.id, "soon")])
    update_rows(Model, ("released",), [(model.id, "2024-05")])
    model.refresh_from_db()
    assert model.released == "2024-05"


def test_rows_that_stay_as_they_are_are_neither_written_nor_counted():
    model, other = make_model(), make_model("openai/other")
    rows = [(model.id, model.name, None), (other.id, "new", None)]
    assert update_rows(Model, ("name", "context_window"), rows) == 1
    assert update_rows(Model, ("name", "context_window"), rows) == 0


@pytest.mark.django_db(transaction=True)
def test_rows_are_updated_outside_a_transaction_too():
    model = make_model()
    update_rows(Model, ("name",), [(model.id, "one")])
    update_rows(Model, ("name",), [(model.id, "two")])
    model.refresh_from_db()
    assert model.name == "two"


def test_a_bulk_load_renews_the_statistics_that_later_queries_are_planned_by():
    def rows_known() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'catalog_creator'")
            return cursor.fetchone()[0]

    before = rows_known()
    few = [(f"few-{n}", "A") for n in range(BULK - 1)]
    insert_rows(Creator, ("slug", "name"), few)
    assert rows_known() == before
    insert_rows(Creator, ("slug", "name"), [(f"many-{n}", "A") for n in range(BULK)])
    assert rows_known() == 2 * BULK - 1
