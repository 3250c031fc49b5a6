import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Source
from sources.models import Refresh, RefreshState
from tests.factories import OBSERVED, make_endpoint, make_model, make_rate, make_source
from tests.web.page import Tables
from web.text.runs import share_in_words

pytestmark = pytest.mark.django_db


def run(source, hours_ago, state=RefreshState.DONE, **fields):
    began = timezone.now() - timedelta(hours=hours_ago)
    defaults = {"started_at": began, "finished_at": began + timedelta(seconds=4), "state": state}
    return Refresh.objects.create(source=source, **{**defaults, **fields})


def page_of(client):
    return " ".join(client.get("/sources/").content.decode().split())


def text_of(html):
    return " ".join(re.sub(r"<[^>]*>?", "", html).split())


def table(client):
    rows = Tables(page_of(client)).tables["sources"]
    return {
        row["data-source"]: [cell["text"] for cell in row["cells"]]
        for row in rows
        if "data-source" in row
    }


def claim(endpoint, source, rates=(), **facts):
    EndpointClaims.objects.create(
        endpoint=endpoint, source=source, stated_at=OBSERVED, rates=list(rates), facts=facts
    )


def test_each_source_shows_what_it_wins_and_how_often_it_differs(client):
    best, other = make_source("models-dev", licence="MIT"), make_source("litellm")
    make_source("curated")
    Source.objects.update(fetched_at=timezone.now())
    first, second = make_endpoint(make_model()), make_endpoint(make_model("openai/o3"))
    Endpoint.objects.update(context_window=200_000, released="2025-04-16")
    for endpoint in (first, second):
        make_rate(endpoint, "input", "1.10", source=best)
        ended = {"valid_to": OBSERVED}
        make_rate(endpoint, "output", "4", source=best, **ended)
        limit = 200_000 if endpoint == first else 128_000
        claim(endpoint, best, [{"meter": "input", "amount": "1.1"}], context_window=200_000)
        states = [
            {"meter": "input", "amount": "1.10" if endpoint == first else "0.9"},
            {"meter": "output", "amount": "5"},
            {"meter": "input", "amount": "7", "to": OBSERVED.isoformat()},
            {"meter": "input", "state": "unknown"},
        ]
        claim(endpoint, other, states, context_window=limit, released="2025-04-16")
    rows = table(client)
    assert rows["models-dev"][4:] == ["2", "2", "0 %0 of 2", "0 %0 of 2"]
    assert rows["litellm"][4:] == ["2", "0", "50.0 %1 of 2", "25.0 %1 of 4"]
    assert rows["curated"][:2] == ["CuratedCrowd-edited", "Comes with the program"]
    assert rows["curated"][4:] == ["0", "0", "—", "—"]
    EndpointClaims.objects.filter(source=other).update(missing_since=OBSERVED)
    assert table(client)["litellm"][4:] == ["0", "0", "—", "—"]


def test_a_source_that_fails_is_overdue_or_never_came_is_marked(client):
    now = timezone.now()
    fresh, late, failing, new = map(
        make_source, ("models-dev", "genai-prices", "litellm", "model-prices")
    )
    Source.objects.filter(pk=fresh.pk).update(fetched_at=now)
    Source.objects.filter(pk=late.pk).update(fetched_at=datetime(2026, 11, 1, 9, 30, tzinfo=UTC))
    since = datetime(2026, 11, 28, 7, 5, tzinfo=UTC)
    Source.objects.filter(pk=failing.pk).update(fetched_at=now, failing_since=since)
    Source.objects.filter(pk=new.pk).update(read_at=now)
    make_source("pi-ai")
    rows = table(client)
    assert [rows[slug][1] for slug in ("models-dev", "genai-prices", "litellm")] == [
        "Up to date",
        "Not refreshed on schedule",
        "Failing since Nov 28, 2026, 07:05 UTC",
    ]
    assert rows["genai-prices"][2:4] == ["Nov 12, 2026", "Nov 1, 2026, 09:30 UTC"]
    assert rows["model-prices"][1:4] == ["Never fetched here", "Nov 12, 2026", "—"]
    assert rows["pi-ai"][1] == "Comes with the snapshot"
    page = page_of(client)
    assert "2 need attention" in page
    # The banner of every page names the single source that is late.
    banner = page.partition('class="page stale"')[2].partition("</aside>")[0]
    assert "Genai-Prices, last fetched on Nov 1, 2026, 09:30 UTC" in banner
    assert "Models-Dev" not in banner


def test_runs_that_change_nothing_are_one_line_and_errors_stay_private(client):
    source = make_source("models-dev")
    run(source, 9, finished_at=None, state=RefreshState.FAILED, error="http://me:secret@mirror")
    for hours_ago in (8, 7, 6):
        run(source, hours_ago, RefreshState.UNCHANGED)
    run(source, 5, counts={"rates change": 1200, "claims new": 3}, not_expressed={"field x": 1215})
    run(source, 4, RefreshState.ROLLED_BACK)
    html = page_of(client)
    listed = html.partition('<ul class="runs"')[2].partition("</ul>")[0]
    lines = [text_of(line) for line in listed.split("</li>")]
    assert lines[0].endswith("UTC Rolled back by an editor")
    assert lines[1].endswith("UTC Applied: 1,200 changed prices")
    assert "UTC Unchanged, 3 times since" in lines[2]
    assert lines[3].endswith("UTC Failed")
    assert "field x" in html and "1,215" in html
    assert "secret" not in html


def test_a_held_answer_is_named_however_long_ago(client, monkeypatch):
    monkeypatch.setattr("web.reads.sources.MOST_RUNS", 2)
    source, account = make_source("models-dev"), make_source("account-openai")
    reasons = {"reasons": ["it lacks 4,119 of 4,803 endpoints"]}
    run(source, 9, RefreshState.HELD, difference=reasons, content="x")
    run(account, 9, RefreshState.HELD, difference=reasons, content="x")
    for hours_ago in (3, 2, 1):
        run(source, hours_ago, RefreshState.UNCHANGED)
    html = page_of(client)
    assert "Models-Dev: an answer is held for an editor since" in html
    # Of an account's list of models no page gives a part away.
    assert html.count("it lacks 4,119 of 4,803 endpoints") == 1
    assert table(client)["models-dev"][1] == "An answer is held for an editor"


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        *((0, 0, ""), (0, 9, "0 %"), (9, 9, "100 %"), (1, 3, "33.3 %")),
        *((1, 5000, "< 0.1 %"), (4999, 5000, "> 99.9 %")),
    ],
)
def test_shares_are_never_rounded_to_all_or_none(part, whole, words):
    assert share_in_words(part, whole) == words
