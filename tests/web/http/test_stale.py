"""The banner of a catalog that is no longer refreshed, and the dates at heads and feet."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Source
from tests.factories import make_endpoint, make_model, make_rate, make_source, sell, summarise
from tests.web.page import collapsed

pytestmark = pytest.mark.django_db(transaction=True)

FETCHED = datetime(2030, 3, 1, 9, tzinfo=UTC)
BANNER = "Not up to date: Models-Dev, last fetched on Mar 1, 2030, 09:00 UTC. Prices may have"


@pytest.fixture(autouse=True)
def sold():
    sell(make_model(), input="1")
    summarise()


@pytest.fixture
def clock(monkeypatch):
    now = [FETCHED]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now


def banner(client, path="/"):
    """The text of the banner, "" without one."""
    _, _, rest = collapsed(client.get(path)).partition('<aside class="page stale"><p>')
    text, link, _ = rest.partition("</p>")[0].partition(' <a href="/sources/">Sources</a>')
    assert bool(text) == bool(link)
    return text


def test_it_appears_on_cached_pages_when_the_time_has_come_and_goes_with_a_refresh(client, clock):
    Source.objects.update(fetched_at=FETCHED)
    clock[0] = FETCHED + timedelta(hours=2, minutes=59)
    assert not banner(client)
    clock[0] = FETCHED + timedelta(hours=3)
    for path in ("/", "/providers/", "/compare/"):
        assert banner(client, path) == f"{BANNER} changed."
    with CaptureQueriesContext(connection) as queries:
        assert banner(client)
    assert len(queries) == 1  # of the catalog's version
    Source.objects.update(fetched_at=clock[0])
    assert not banner(client)
    cache.clear()


def test_it_appears_at_once_where_fetching_fails(client, clock):
    Source.objects.update(fetched_at=FETCHED)
    assert not banner(client)
    Source.objects.update(failing_since=FETCHED)
    assert banner(client) == f"{BANNER} changed."


def test_one_source_in_use_that_no_longer_answers_is_enough(client, clock, settings):
    Source.objects.update(fetched_at=FETCHED)
    clock[0] = FETCHED + timedelta(days=3)
    make_source("litellm", name="LiteLLM", fetched_at=clock[0])
    make_source("genai-prices", name="genai-prices", read_at=FETCHED)
    assert banner(client) == (
        "Not up to date: genai-prices, never fetched here (data as of Nov 12, 2026); Models-Dev,"
        " last fetched on Mar 1, 2030, 09:00 UTC. Prices may have changed."
    )
    settings.SOURCES = ["litellm"]
    cache.clear()
    Source.objects.filter(slug="litellm").update(fetched_at=clock[0])
    assert not banner(client)


def test_a_snapshot_says_what_it_knows_once_there_was_time_to_start_workers(client, clock):
    Source.objects.update(read_at=FETCHED)
    clock[0] = FETCHED + timedelta(hours=47, minutes=59)
    assert not banner(client)
    clock[0] = FETCHED + timedelta(hours=48)
    assert banner(client) == "Data as of Nov 12, 2026; never refreshed here."
    Source.objects.update(failing_since=FETCHED)
    assert banner(client) == (
        "Data as of Nov 12, 2026; never refreshed here. Fetching Models-Dev fails."
    )


def test_an_install_that_refreshes_nothing_has_none(client, clock, settings):
    Source.objects.update(fetched_at=FETCHED)
    settings.SOURCES = ["curated"]
    clock[0] = FETCHED + timedelta(days=3)
    assert not banner(client)


def test_a_part_for_htmx_has_none(client, clock):
    Source.objects.update(fetched_at=FETCHED)
    clock[0] = FETCHED + timedelta(days=3)
    assert BANNER not in client.get("/", headers={"HX-Request": "true"}).content.decode()


def test_heads_and_feet_give_the_oldest_data_that_a_page_rests_on(client, clock):
    """A curated or one-off set counts where a page rests on nothing else."""
    for slug, day in (("litellm", 2), ("genai-prices", 3), ("curated", 1), ("arena", 1)):
        make_source(slug, name=slug, as_of=datetime(2026, 10, day, tzinfo=UTC))
    other = make_endpoint(make_model("meta/llama"))
    make_rate(other, "input", source=Source.objects.get(slug="genai-prices"))
    make_rate(other, "output", source=Source.objects.get(slug="curated"))
    alone = make_endpoint(make_model("meta/other"))
    make_rate(alone, "input", source=Source.objects.get(slug="curated"))
    summarise()
    oldest = "As of {}, the oldest prices that this page rests on."
    assert oldest.format("Oct 2, 2026") in collapsed(client.get("/"))
    assert "· as of Oct 2, 2026" in collapsed(client.get("/"))
    for path, day in (
        ("/models/openai/o4-mini/", "Nov 12, 2026"),
        ("/models/meta/llama/", "Oct 3, 2026"),
        ("/models/meta/other/", "Oct 1, 2026"),
        ("/models/meta/llama/endpoints/openai/", "Oct 3, 2026"),
        ("/compare/?m=openai/o4-mini&m=meta/llama", "Oct 3, 2026"),
        ("/providers/openai/", "Oct 3, 2026"),
        ("/estimate/", "Oct 2, 2026"),
    ):
        assert oldest.format(day) in collapsed(client.get(path)), path
    model = collapsed(client.get("/models/meta/llama/"))
    assert '<span class="quiet">as of Oct 3, 2026</span>' in model
    assert "current prices, as of Oct 2, 2026" in collapsed(client.get("/estimate/"))
    csv = client.get("/models/meta/llama/providers.csv").content.decode()
    assert csv.splitlines()[1].endswith(",2026-10-03")


def test_loading_a_snapshot_checks_nothing(client, clock):
    Source.objects.update(read_at=FETCHED, licence="MIT")
    assert "Models-Dev</a> (MIT, as of Nov 12, 2026)." in collapsed(client.get("/"))
    Source.objects.update(fetched_at=FETCHED)
    foot = collapsed(client.get("/"))
    assert "Models-Dev</a> (MIT, as of Nov 12, 2026, checked Mar 1, 2030)." in foot
    Source.objects.update(as_of=FETCHED)
    assert "Models-Dev</a> (MIT, checked Mar 1, 2030)." in collapsed(client.get("/"))
