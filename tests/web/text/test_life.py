from datetime import UTC, date, datetime

import pytest

from catalog.models import Alias
from tests.factories import make_model
from web.reads.model_facts import model_of_slug
from web.text.facts import words
from web.text.life import life_notice, stage_in_words

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)


def notice(**fields):
    make_model("lab/one", name="One", **fields)
    model = model_of_slug("lab/one", TODAY)
    assert model
    return words(life_notice(model, TODAY))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ""),
        ({"lifecycle": "active"}, ""),
        ({"lifecycle": "preview"}, ""),
        (
            {"missing_since": datetime(2026, 10, 31, tzinfo=UTC)},
            "No source has listed One since Oct 31, 2026: it counts as retired."
            " No source names a successor.",
        ),
        ({"missing_since": datetime(2026, 11, 1, tzinfo=UTC)}, ""),
        (
            {"lifecycle": "retired", "retired_on": "2026-10-23"},
            "One was retired on Oct 23, 2026. No source names a successor.",
        ),
        ({"lifecycle": "retired"}, "One is retired. No source names a successor."),
        (
            {"ends_on": "2026-11", "lifecycle": "active"},
            "One was retired in Nov 2026. No source names a successor.",
        ),
        (
            {"deprecated_on": "2026-04-22", "retired_on": "2026-12-09"},
            "One is deprecated since Apr 22, 2026, and retires on Dec 9, 2026."
            " No source names a successor.",
        ),
        (
            {"lifecycle": "deprecated"},
            "One is deprecated; no source states when it retires. No source names a successor.",
        ),
        (
            {"retired_on": "2026-11-30", "ends_on": "2027-04-08"},
            "Lab ended One on Nov 30, 2026; other providers still list it."
            " No source names a successor.",
        ),
    ],
)
def test_a_notice_is_of_models_that_end_or_ended(fields, text):
    assert notice(**fields) == text


def test_it_leads_to_the_successor():
    following = make_model("lab/two", name="Two")
    make_model("lab/one", name="One", lifecycle="retired", successor=following)
    model = model_of_slug("lab/one", TODAY)
    assert model
    pieces = life_notice(model, TODAY)
    assert words(pieces) == "One is retired. Its successor is Two."
    assert [piece.href for piece in pieces if piece.href] == ["/models/lab/two/"]


def test_a_retired_id_that_is_answered_as_another_is_redirected():
    model, other = make_model("lab/one", name="One"), make_model("lab/two", name="Two")
    Alias.objects.create(
        spelling="one",
        model=model,
        billed_as=other,
        billed_from=datetime(2026, 12, 1, tzinfo=UTC),
    )
    before = model_of_slug("lab/one", TODAY)
    assert before
    assert words(life_notice(before, TODAY)).strip() == (
        "From Dec 1, 2026 on requests for its id are answered and billed as Two."
    )
    assert stage_in_words(before, TODAY) == "Listed"
    model.lifecycle = "retired"
    model.save()
    day = date(2026, 12, 1)
    after = model_of_slug("lab/one", day)
    assert after
    assert words(life_notice(after, day)) == (
        "One is retired. Since Dec 1, 2026 requests for its id are answered and billed as Two."
    )
    assert stage_in_words(after, day) == "Redirected"
