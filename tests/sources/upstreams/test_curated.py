"""The curated files: their form, and a sentence with file and row for every mistake."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import EndpointClaims, Source
from sources.base import Answer, Parsed, ProviderListing, WrongShape
from sources.models import Refresh
from sources.upstreams.curated import read
from sources.upstreams.curated.check import model_complaints, rule_complaints
from sources.upstreams.curated.read import SUBJECTS, Curated, CuratedFacts, read_facts

AT = {"source": "https://openai.example/policy", "checked": "2026-08-30"}
POLICY = {"training": "opt_in", "retention": "days:30", "note": "Thirty days.", **AT}
PROVIDER = {"provider": "openai", "policy": POLICY}
RULE = {"provider": "openai", "pattern": "^o4", "zdr": "no", "note": "Never.", **AT}


def pages(**rows: list[Any]) -> dict[str, bytes]:
    empty: dict[str, list[Any]] = {name: [] for name in SUBJECTS}
    named = {f"{name}.json": records for name, records in rows.items()}
    return {
        name: json.dumps({"as_of": "2026-11-30", "about": "", "rows": records}).encode()
        for name, records in (empty | named).items()
    }


def facts(**rows: list[Any]) -> CuratedFacts:
    return read_facts(pages(**rows))


def parsed(**rows: list[Any]) -> Parsed:
    return Curated().parse(Answer(datetime(2026, 12, 1, tzinfo=UTC), pages(**rows)))


def test_a_row_of_a_provider_has_evidence_for_each_fact() -> None:
    terms = {"terms_url": "https://openai.example/terms"}
    links = {**terms, "source": "https://l.example/", "checked": "2026-08"}
    country = {"country": "US", "note": "Its parent is elsewhere.", **AT}
    answer = parsed(providers=[{**PROVIDER, "links": links, "headquarters": country}])
    (row,) = answer.providers
    assert isinstance(row, ProviderListing)
    assert (answer.as_of, answer.only_known) == (datetime(2026, 11, 30, tzinfo=UTC), True)
    assert row.facts["headquarters"] == "US"
    assert (row.facts["retention"], row.facts["retention_days"]) == ("days", 30)
    assert row.facts["policy_basis"] == "provider_default"
    assert row.evidence["training"] == ("https://openai.example/policy", "2026-08-30")
    assert row.evidence["terms_url"] == ("https://l.example/", "2026-08")
    assert row.evidence.keys() == row.facts.keys()


def test_links_without_a_source_are_their_own_evidence() -> None:
    links = {"terms_url": "https://openai.example/terms", "checked": "2026"}
    (row,) = parsed(providers=[{"provider": "openai", "links": links}]).providers
    assert row.evidence == {"terms_url": ("https://openai.example/terms", "2026")}


def test_what_holds_for_some_requests_is_an_exception_and_no_value() -> None:
    when = {"when": "Unpaid tier", "note": "It trains.", **AT}
    row = {"provider": "openai", "pattern": "^o4", "exceptions": [when], **AT}
    (rule,) = parsed(endpoint_policy=[row]).rules
    assert rule.facts == {"policy_exceptions": ["Unpaid tier: It trains."]}


def test_what_others_list_beside_it_is_kept_and_is_no_value() -> None:
    policy = {"elsewhere": ["A gateway: no training under its own agreement"], **AT}
    (row,) = parsed(providers=[{"provider": "openai", "policy": policy}]).providers
    assert [*row.facts] == ["policy_elsewhere"]


def test_a_row_of_models_states_their_release() -> None:
    row = {"models": ["openai/gpt-4", "openai/gpt-4-*"], "released": "2023-03-14", **AT}
    (rule,) = parsed(models=[row]).models
    assert (rule.models, rule.facts) == (tuple(row["models"]), {"released": "2023-03-14"})
    assert rule.evidence == {"released": ("https://openai.example/policy", "2026-08-30")}


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (
            {"models": [{"models": ["GPT-4"], "released": "2023-03-14", **AT}]},
            "models.json, row 1 (GPT-4): “GPT-4” in models is no slug such as openai/gpt-4.",
        ),
        (
            {"models": [{"models": ["openai/gpt-4"], **AT}]},
            "models.json, row 1 (openai/gpt-4): released is missing.",
        ),
        (
            {"models": [{"models": 4, "released": "2023-03-14", **AT}]},
            "models.json, row 1 (None): models is no list of texts.",
        ),
        (
            {"providers": [{"provider": 5, "policy": POLICY}]},
            "providers.json, row 1 (5): provider is no text in one line without spaces around it.",
        ),
        (
            {"providers": [{"provider": "opnai", "policy": POLICY}]},
            "providers.json, row 1 (opnai): provider “opnai” is not in catalog/known_providers.py.",
        ),
        (
            {"providers": [{"provider": "openai", "policy": {**POLICY, "training": "maybe"}}]},
            "providers.json, row 1 (openai), policy: training is “maybe”, and not one of no,"
            " opt_out, opt_in, yes, unknown.",
        ),
        (
            {"providers": [PROVIDER, PROVIDER]},
            "providers.json, row 2 (openai): openai has a row already, providers.json, row 1"
            " (openai).",
        ),
        (
            {"endpoint_policy": [{**RULE, "checked": "2026-02-30"}]},
            "endpoint_policy.json, row 1 (openai): checked is “2026-02-30”, and no date such as"
            " 2026-11-30 or 2026-11.",
        ),
        (
            {"endpoint_policy": [{**RULE, "checked": "2026-12-01"}]},
            "endpoint_policy.json, row 1 (openai): checked is 2026-12-01, after the file's as_of,"
            " 2026-11-30.",
        ),
        (
            {"endpoint_policy": [{**RULE, "source": "their terms"}]},
            "endpoint_policy.json, row 1 (openai): source is “their terms”, and no address that"
            " begins with https://.",
        ),
        (
            {"endpoint_policy": [{**RULE, "pattern": "(o4"}]},
            "endpoint_policy.json, row 1 (openai): pattern is no regular expression: missing ),"
            " unterminated subpattern at position 0.",
        ),
        (
            {"endpoint_policy": [{**RULE, "ids": ["o4-mini"]}]},
            "endpoint_policy.json, row 1 (openai): it names its endpoints by ids or by a pattern,"
            " one of the two.",
        ),
        (
            {"endpoint_policy": [{**RULE, "retention": "days"}]},
            "endpoint_policy.json, row 1 (openai): retention in days has a number of days behind"
            " it, such as days:30.",
        ),
        (
            {"endpoint_policy": [{**RULE, "zrd": "no"}]},
            "endpoint_policy.json, row 1 (openai): there is no field zrd.",
        ),
        (
            {"endpoint_policy": [{**RULE, "note": ""}]},
            "endpoint_policy.json, row 1 (openai): note is missing: one sentence that the values"
            " rest on.",
        ),
        ({"endpoint_policy": ["o4"]}, "endpoint_policy.json, row 1: this is no JSON object."),
        ({"others": []}, "others.json: no reader of it is known."),
    ],
)
def test_a_mistake_has_its_file_its_row_and_its_reason(rows: Any, complaint: str) -> None:
    assert complaint in facts(**rows).complaints
    with pytest.raises(WrongShape):
        parsed(**rows)


def test_a_rule_that_covers_nothing_or_is_overridden_by_a_wider_one_is_named() -> None:
    narrow, wide = {**RULE, "pattern": "^o4-mini"}, {**RULE, "pattern": "^o4", "zdr": "default"}
    dead = {**RULE, "pattern": "^o9"}
    ids = {"openai": ["o4-mini", "o4"]}
    assert [*rule_complaints(facts(endpoint_policy=[narrow, wide, dead]), ids)] == [
        "endpoint_policy.json, row 3 (openai): no endpoint of openai in the bundled snapshot is"
        " covered.",
        "endpoint_policy.json, row 1 (openai): endpoint_policy.json, row 2 (openai) covers more"
        " endpoints and overrides its zdr: put it above.",
    ]
    assert not [*rule_complaints(facts(endpoint_policy=[wide, narrow]), ids)]


def test_a_rule_about_a_model_that_does_not_exist_is_named() -> None:
    rows = [
        {"models": ["openai/gpt-4", "openai/o*"], "released": "2023-03-14", **AT},
        {"models": ["openai/gpt-4", "openai/gpt4", "openai/x*"], "released": "2023", **AT},
    ]
    places = [*facts(models=rows).stated]
    assert [*model_complaints(facts(models=rows), {"openai/gpt-4", "openai/o4-mini"})] == [
        f"{places[1]}: no model of the bundled snapshot is “openai/gpt4”.",
        f"{places[1]}: no model of the bundled snapshot is “openai/x*”.",
    ]


def test_the_files_in_the_repository_have_no_mistake() -> None:
    out = StringIO()
    call_command("check_facts", stdout=out)
    assert "rows of curated facts" in out.getvalue()


def test_a_list_of_a_gateway_states_the_policy_of_another_provider_in_doubt_alone() -> None:
    rows = json.loads(read.FOLDER.joinpath("providers.json").read_text())["rows"]
    lists = ("vercel.com", "openrouter.ai", "github.com", "www.npmjs.com")
    values = {"training", "retention", "zdr"}
    stated = {
        row["provider"]: row["policy"] for row in rows if values & row.get("policy", {}).keys()
    }
    listed = {
        slug: policy.get("doubt", "")
        for slug, policy in stated.items()
        if urlsplit(policy["source"]).hostname in lists
    }
    assert not (listed.pop("openrouter") or listed.pop("vercel"))
    assert listed
    assert all("no page of the provider itself is on record" in doubt for doubt in listed.values())
    assert len(stated) > 40


def test_the_check_names_every_mistake(monkeypatch: Any, tmp_path: Path) -> None:
    wrong = {**RULE, "zdr": "perhaps", "pattern": "^o99"}
    write(tmp_path, endpoint_policy=[wrong])
    monkeypatch.setattr(read, "FOLDER", tmp_path)
    err = StringIO()
    with pytest.raises(CommandError, match="have 2 mistakes"):
        call_command("check_facts", stderr=err)
    assert "zdr is “perhaps”" in err.getvalue()
    assert "no endpoint of openai" in err.getvalue()


@pytest.mark.django_db
def test_a_refresh_with_a_bad_file_ends_with_one_sentence(monkeypatch: Any, tmp_path: Path) -> None:
    write(tmp_path, endpoint_policy=[{**RULE, "zdr": "perhaps", "source": ""}])
    monkeypatch.setattr(read, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match=r"check_facts names all 2 mistakes\."):
        call_command("refresh_source", "curated")
    assert "zdr is “perhaps”" in Refresh.objects.get().error
    assert not EndpointClaims.objects.exists()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("load_snapshot")


@pytest.mark.django_db
def test_a_refresh_needs_no_network_and_counts_as_no_fetch_of_prices() -> None:
    call_command("refresh_source", "curated", stdout=StringIO())
    source = Source.objects.get(slug="curated")
    assert source.trust == Source.Trust.CURATED
    assert source.as_of == Curated().parse(Curated().answer(now=timezone.now())).as_of
    assert source.fetched_at is None
    read_at = source.read_at
    call_command("refresh_source", "curated", stdout=StringIO())
    source.refresh_from_db()
    assert (source.read_at, source.refreshes.count()) == (read_at, 2)


def write(folder: Path, **rows: list[Any]) -> None:
    for name, body in pages(**rows).items():
        folder.joinpath(name).write_bytes(body)
