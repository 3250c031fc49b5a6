"""The version of the catalog: another one with every commit that wrote it, and with no other."""

from itertools import pairwise

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Creator
from catalog.version import catalog_version, fold_written, one_version
from tests.factories import make_creator, make_endpoint, make_model, make_rate

pytestmark = pytest.mark.django_db(transaction=True)


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def rows(topic="catalog"):
    return execute("SELECT id::text::bigint, n FROM written WHERE topic = %s ORDER BY id", topic)


def raw(statement):
    return lambda: execute(statement)


def copy():
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY catalog_creator (slug, name, website) FROM STDIN") as lines,
    ):
        lines.write_row(("copied", "Copied", ""))


WRITES = {
    "insert": lambda: make_creator("another"),
    "update": lambda: Creator.objects.update(name="another"),
    "delete": lambda: Creator.objects.filter(slug="openai").delete(),
    "copy": copy,
    "raw SQL": raw("UPDATE catalog_creator SET name = name"),
    "a part of a statement": raw(
        "WITH gone AS (DELETE FROM catalog_creator RETURNING id) SELECT count(*) FROM gone"
    ),
    "truncate": raw("TRUNCATE catalog_creator CASCADE"),
    "a rate": lambda: make_rate(make_endpoint(make_model())),
}


@pytest.mark.parametrize("write", WRITES)
def test_every_way_of_writing_makes_another_version(write):
    make_creator()
    before = catalog_version()
    assert catalog_version() == before
    WRITES[write]()
    assert catalog_version() != before


OTHER = {
    "another table": lambda: Session.objects.create(
        session_key="x", session_data="", expire_date=timezone.now()
    ),
    "no row": raw("UPDATE catalog_creator SET name = 'x' WHERE slug = 'unknown'"),
    "no row again": raw("DELETE FROM catalog_creator WHERE slug = 'unknown'"),
    "a conflict": raw(
        "INSERT INTO catalog_creator (slug, name, website) VALUES ('openai', '', '') ON CONFLICT DO NOTHING"
    ),
    "a read": lambda: list(Creator.objects.all()),
}


@pytest.mark.parametrize("write", OTHER)
def test_whatever_writes_no_row_of_the_topic_leaves_the_version(write):
    make_creator()
    before = catalog_version()
    OTHER[write]()
    assert catalog_version() == before


def test_what_is_rolled_back_leaves_the_version():
    before = catalog_version()
    with transaction.atomic():
        make_creator()
        transaction.set_rollback(True)
    assert catalog_version() == before


def test_a_transaction_is_noted_once_however_much_it_writes():
    before = len(rows())
    with transaction.atomic():
        for number in range(20):
            make_creator(f"creator-{number}")
    assert len(rows()) == before + 1


def test_a_savepoint_takes_its_note_back_with_its_rows():
    before = catalog_version()
    with transaction.atomic():
        with transaction.atomic():
            make_creator("given-up")
            transaction.set_rollback(True)
        assert catalog_version() == before
        make_creator("kept")
    assert catalog_version() != before


def test_there_is_no_version_in_a_transaction_that_has_written():
    before = catalog_version()
    with transaction.atomic():
        assert catalog_version() == before
        make_creator()
        assert catalog_version() == ""
        assert catalog_version("another topic") != ""
    assert catalog_version() not in ("", before)


def test_topics_are_apart():
    catalog, both, live = (
        catalog_version(),
        catalog_version("catalog", "live"),
        catalog_version("live"),
    )
    make_creator()
    assert catalog_version() != catalog
    assert catalog_version("catalog", "live") != both
    assert catalog_version("live") == live


def test_a_version_is_read_once_within_a_block():
    with CaptureQueriesContext(connection) as queries, one_version():
        assert catalog_version() == catalog_version() == catalog_version("catalog")
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        catalog_version()
    assert len(queries) == 1


def test_folding_keeps_the_version_and_the_sum():
    for number in range(5):
        make_creator(f"creator-{number}")
    before, total = catalog_version(), sum(n for _, n in rows())
    fold_written()
    assert (catalog_version(), rows()) == (before, [(rows()[0][0], total)])
    fold_written()
    assert catalog_version() == before
    make_creator("after")
    versions = {before, catalog_version()}
    fold_written()
    assert {before, catalog_version()} == versions
    assert len(versions) == 2


def test_ids_that_a_restored_dump_brings_stop_no_writer():
    """Another server may have counted further: its ids are still to come here."""
    ahead = execute("SELECT pg_current_xact_id()::text::bigint")[0][0]
    execute(
        "INSERT INTO written (topic, id)"
        " SELECT 'catalog', (%s + step)::text::xid8 FROM generate_series(2, 60) AS step",
        ahead,
    )
    versions = [catalog_version()]
    for number in range(80):
        make_creator(f"creator-{number}")
        versions.append(catalog_version())
    assert all(first != second for first, second in pairwise(versions))
    assert len({*versions}) == len(versions)
    fold_written()
    assert catalog_version() == versions[-1]


def test_it_is_noted_whatever_the_search_path_is():
    before = catalog_version()
    with transaction.atomic():
        execute("SET LOCAL search_path = ''")
        execute("UPDATE public.catalog_capability SET name = name || 'x'")
        execute("INSERT INTO public.catalog_creator (slug, name, website) VALUES ('x', 'X', '')")
    assert catalog_version() != before
