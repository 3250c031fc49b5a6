"""The lifecycle of a model follows from what is stated of its endpoints."""

import pytest

from sources.model_stage import EndpointStage, model_stage

CLOUD, GATEWAY = True, False


def at_creator(voice=0, **stated):
    return endpoint(voice=voice, direct=True, **stated)


def endpoint(*, voice=None, direct=GATEWAY, **stated):
    stated = {"lifecycle": "listed", "deprecated_on": "", "retired_on": "", **stated}
    origins = {
        field: ["litellm", "2026-11-12"]
        for field, value in stated.items()
        if value not in ("listed", "")
    }
    return EndpointStage(voice=voice, direct=direct, origins=origins, **stated)


def ends(*endpoints, open_weights=False):
    return model_stage(endpoints, open_weights=open_weights).columns["ends_on"]


def stage(*endpoints, open_weights=False):
    return model_stage(endpoints, open_weights=open_weights).columns["lifecycle"]


def test_without_a_statement_a_model_is_listed():
    assert stage() == stage(endpoint()) == stage(at_creator()) == "listed"


def test_the_creators_own_api_states_the_stage():
    found = model_stage(
        [
            at_creator(lifecycle="deprecated", deprecated_on="2026-04-22", retired_on="2026-10-23"),
            endpoint(direct=CLOUD, lifecycle="preview", deprecated_on="2026-01-01"),
        ],
        open_weights=False,
    )
    assert found.columns == {
        "lifecycle": "deprecated",
        "deprecated_on": "2026-04-22",
        "retired_on": "2026-10-23",
        "ends_on": "2026-10-23",
    }
    assert set(found.provenance) == {"lifecycle", "deprecated_on", "retired_on"}


def test_the_models_own_id_speaks_before_its_snapshots():
    snapshot = at_creator(voice=1, retired_on="2026-01-01", deprecated_on="2025-01-01")
    found = model_stage([at_creator(), snapshot], open_weights=False)
    assert found.columns["ends_on"] == found.columns["deprecated_on"] == ""
    assert ends(snapshot) == "2026-01-01"


def test_an_own_id_without_an_end_keeps_the_model():
    assert ends(at_creator(retired_on="2026-01-01"), at_creator()) == ""
    both = [at_creator(retired_on="2026-01-01"), at_creator(retired_on="2026-03-01")]
    assert ends(*both) == "2026-03-01"


def test_a_closed_model_ends_with_its_creator_or_later_where_a_direct_provider_says_so():
    own = at_creator(retired_on="2026-10-23")
    assert ends(own, endpoint(direct=CLOUD), endpoint()) == "2026-10-23"
    assert ends(own, endpoint(direct=CLOUD, retired_on="2026-11-19")) == "2026-11-19"
    assert ends(own, endpoint(direct=CLOUD, retired_on="2026-01-01")) == "2026-10-23"
    assert ends(own, endpoint(retired_on="2027-01-01")) == "2026-10-23"


def test_a_model_with_open_weights_ends_with_its_last_endpoint():
    own = at_creator(retired_on="2026-08-31")
    assert ends(own, endpoint(), open_weights=True) == ""
    assert ends(own, endpoint(retired_on="2027-01-01"), open_weights=True) == "2027-01-01"
    assert ends(own, open_weights=True) == "2026-08-31"


def test_a_model_that_its_creator_does_not_serve_ends_with_its_last_endpoint():
    assert ends(endpoint(retired_on="2026-08-31"), endpoint()) == ""
    gone = [endpoint(retired_on="2026-08-31"), endpoint(direct=CLOUD, retired_on="2026-09-30")]
    assert ends(*gone) == "2026-09-30"


def test_a_model_at_gateways_alone_ends_with_the_last_of_them():
    assert ends(endpoint(retired_on="2027-01-01")) == "2027-01-01"
    assert (
        ends(endpoint(retired_on="2027-01-01"), endpoint(retired_on="2027-03-01")) == "2027-03-01"
    )


@pytest.mark.parametrize(
    ("others", "open_weights", "expected"),
    [
        ([], False, ("retired", "")),
        ([endpoint()], False, ("retired", "")),
        ([endpoint(direct=CLOUD, retired_on="2027-01-01")], False, ("deprecated", "2027-01-01")),
        ([endpoint()], True, ("listed", "")),
        ([endpoint(lifecycle="retired")], True, ("retired", "")),
    ],
)
def test_a_retirement_without_a_day_holds_at_once(others, open_weights, expected):
    found = model_stage([at_creator(lifecycle="retired"), *others], open_weights=open_weights)
    assert (found.columns["lifecycle"], found.columns["ends_on"]) == expected
