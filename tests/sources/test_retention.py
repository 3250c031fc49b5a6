"""On the tables that kombu itself makes and fills."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from kombu import Connection
from kombu.transport.sqlalchemy import Channel

from config import embedded
from config.embedded.connections import connector
from sources.models import EarlierClaims, Refresh
from sources.retention import KEEP_REFRESHES, prune_broker, tidy_up
from tests.factories import make_endpoint, make_model, make_source

# Kombu's own models use what SQLAlchemy 2.1 announces to remove.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy:DeprecationWarning")


@pytest.fixture
def queue() -> Iterator[object]:
    address = embedded.broker_url(settings.DATABASES["default"])
    options = {"creator": connector(settings.DATABASES["default"])} if settings.EMBEDDED else {}
    with Connection(address, transport_options=options) as broker:
        queue = broker.SimpleQueue("pruned")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM kombu_message")  # tests do not empty kombu's own tables
        yield queue
        queue.channel.session.close()
        queue.close()
    for engine, _ in Channel._engines.values():
        engine.dispose()
    Channel._engines.clear()


def rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kombu_message")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_consumed_messages_go_and_waiting_ones_stay(queue) -> None:
    for number in range(5):
        queue.put({"number": number})
    for _ in range(3):
        queue.get(timeout=5).ack()
    assert rows() == 5
    assert prune_broker() == 3
    assert rows() == 2
    assert queue.get(timeout=5).payload == {"number": 3}


@pytest.mark.django_db(transaction=True)
def test_one_call_deletes_no_more_than_it_may(queue) -> None:
    for number in range(5):
        queue.put({"number": number})
        queue.get(timeout=5).ack()
    prunable = rows()
    assert prune_broker(batch=2, batches=2) == 4
    assert rows() == prunable - 4


@pytest.mark.django_db
def test_without_queues_in_this_database_there_is_nothing_to_do() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS kombu_message")
    assert prune_broker() == 0


@pytest.mark.django_db
def test_notes_of_writes_are_folded() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO written (topic, id) VALUES ('other', '5'), ('other', '7')")
        tidy_up(now=timezone.now())
        cursor.execute("SELECT id::text, n FROM written WHERE topic = 'other'")
        assert cursor.fetchall() == [("7", 2)]


@pytest.mark.django_db
def test_old_refreshes_go_but_for_what_an_editor_has_decided() -> None:
    source, old = make_source(), timezone.now() - KEEP_REFRESHES - timedelta(days=1)
    endpoint = make_endpoint(make_model())
    for state in ("done", "rejected"):
        row = Refresh.objects.create(source=source, started_at=old, state=state)
        row.earlier_claims.create(endpoint=endpoint)
    Refresh.objects.create(source=source, state="failed")
    tidy_up(now=timezone.now())
    assert [row.state for row in Refresh.objects.all()] == ["failed", "rejected"]
    assert not EarlierClaims.objects.exists()
