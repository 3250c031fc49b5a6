"""The version of the catalog: another one with every commit that wrote it, and with no other."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Creator
from catalog.version import catalog_version, fold_written, one_version, read_once
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
        "INSERT INTO catalog_creator (slug, name, website) VALUES ('openai', '', '')"
        " ON CONFLICT DO NOTHING"
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
        assert catalog_version("another 'topic'") != ""
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


def test_what_one_block_needs_twice_is_read_once_whatever_the_version():
    def count():
        return Creator.objects.count()

    with transaction.atomic():
        make_creator("first")
        assert catalog_version() == ""
        with one_version(), CaptureQueriesContext(connection) as queries:
            assert read_once(count) == read_once(count) == 1
        assert len(queries) == 1
        make_creator("second")
        with one_version():
            assert read_once(count) == 2
        assert read_once(count) == 2


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


# Many at once -----------------------------------------------------------------------------------

WRITERS, TRANSACTIONS, HITS = 4, 40, 100


def change(slug, n):
    execute("UPDATE catalog_creator SET name = (name::int + %s)::text WHERE slug = %s", n, slug)
    time.sleep(0.001)


def given_up(slug):
    with transaction.atomic():
        change(slug, 1000)
        transaction.set_rollback(True)


def write(number):
    """Count a row up, one by one, in transactions of all shapes."""
    slug, random = f"writer-{number}", Random(number)
    for _ in range(TRANSACTIONS):
        shape = random.randrange(5)
        with transaction.atomic():
            if shape in (1, 2):
                given_up(slug)
            if shape == 3:
                with transaction.atomic():
                    change(slug, 0)
            if shape != 2:
                change(slug, 1)
            if shape in (1, 3):
                given_up(slug)
            time.sleep(random.random() / 500)
            if shape == 4:
                transaction.set_rollback(True)
    connection.close()


def numbers():
    return [n for (n,) in execute("SELECT name::int FROM catalog_creator ORDER BY slug")]


def read(kept, writing):
    """Keep what is read under its version, and compare what others kept with one instant."""
    hits, stale = 0, []
    is_last = False
    while hits < HITS or not is_last:
        is_last = all(writer.done() for writer in writing)
        version = catalog_version()
        kept.setdefault(version, numbers())
        with transaction.atomic():
            execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            found = kept.get(catalog_version())
            current = numbers()
        if found is not None:
            hits += 1
            if any(old < new for old, new in zip(found, current, strict=True)):
                stale.append((found, current))
    connection.close()
    return stale


def fold(writing):
    while not all(writer.done() for writer in writing):
        fold_written()
        time.sleep(0.005)
    connection.close()


def test_nothing_stale_is_found_while_many_write_roll_back_and_fold():
    for number in range(WRITERS):
        make_creator(f"writer-{number}", name="0")
    before = sum(n for _, n in rows())
    kept = {}
    with ThreadPoolExecutor(WRITERS + 3) as threads:
        writing = [threads.submit(write, number) for number in range(WRITERS)]
        folding = threads.submit(fold, writing)
        reading = [threads.submit(read, kept, writing) for _ in range(2)]
        for thread in (*writing, folding):
            thread.result()
        assert [reader.result() for reader in reading] == [[], []]
    # Each commit counted, but not where all that was written had been given up.
    shapes = [
        [random.randrange(5), random.random()][0]
        for random in map(Random, range(WRITERS))
        for _ in range(TRANSACTIONS)
    ]
    committed = sum(shape not in (2, 4) for shape in shapes)
    assert sum(numbers()) == committed
    assert sum(n for _, n in rows()) == before + committed
    assert kept[catalog_version()] == numbers()
