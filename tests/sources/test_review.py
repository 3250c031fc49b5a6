"""What an editor decides of an answer, and that a refresh can be taken back whole."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import (
    Endpoint,
    EndpointClaims,
    Model,
    Provider,
    ProviderClaims,
    Source,
)
from pricing.edit import state_rate
from pricing.models import Rate
from pricing.rates import stated
from sources.held_answers import ContentRefused, Held
from sources.models import KeptRules, Refresh
from sources.refresh import refresh
from sources.registry import SOURCES, all_sources
from sources.review import ReviewRefused, accept, accept_rows, difference_of, reject, roll_back
from tests.factories import make_source
from tests.sources.server import Page, Server
from tests.sources.test_held_answers import HOSTS, catalog, serve

pytestmark = pytest.mark.django_db

WHY = "As on the provider's page."


def run() -> Any:
    return refresh(SOURCES["models-dev"], now=timezone.now())


@pytest.fixture
def upstream(upstream: Server) -> Server:
    serve(upstream, catalog())
    run()
    return upstream


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("ada")


def hold(upstream: Server, answer: Any) -> Refresh:
    serve(upstream, answer)
    with pytest.raises(Held):
        run()
    return Refresh.objects.get(state="held")


def decided(editor: User) -> dict[str, Any]:
    return {"by": editor, "why": WHY, "now": timezone.now()}


def published(model: int, host: str = HOSTS[0], meter: str = "input") -> Decimal | None:
    rates = Rate.objects.published().filter(valid_to=None, meter=meter)
    return rates.get(
        endpoint__provider__slug=host, endpoint__upstream_id=f"acme/maker-{model}"
    ).amount


def facts() -> list[Any]:
    """What the catalog holds, but for when and by which refresh it was written."""
    claims = EndpointClaims.objects.order_by("endpoint_id")
    rates = Rate.objects.published().order_by("id")
    return [
        [
            *claims.values_list(
                "endpoint_id", "facts", "rates", "since", "stated_at", "missing_since"
            )
        ],
        [*rates.values_list("id", "amount", "state", "valid_from", "valid_to", "origin")],
        [*Endpoint.objects.order_by("id").values_list("id", "missing_since", "context_window")],
        [*Model.objects.order_by("id").values_list("id", "name", "provider_count")],
        [*Source.objects.values_list("slug", "as_of")],
    ]


def test_an_accepted_answer_is_applied_whole_and_believed_from_then_on(upstream, editor):
    held = hold(upstream, catalog(times="0.001"))
    assert len(difference_of(held).moves) == 60
    accept(held, **decided(editor))
    row = Refresh.objects.get(id=held.id)
    assert (row.state, row.reviewed_by, row.why, row.error) == ("accepted", editor, WHY, "")
    assert published(0) == Decimal("0.001")
    assert not Rate.objects.filter(held=True).exists()
    assert run() == {}
    serve(upstream, dict(reversed(catalog(times="0.001").items())))
    run()
    assert published(0) == Decimal("0.001")
    with pytest.raises(ReviewRefused, match="accepted by an editor, not held"):
        accept(held, **decided(editor))


def test_an_answer_may_be_accepted_row_by_row(upstream, editor):
    held = hold(upstream, catalog(HOSTS[:1], times="0.5"))
    accept_rows(held, {(HOSTS[0], "acme/maker-1"), (HOSTS[1], "acme/maker-2")}, **decided(editor))
    assert (published(0), published(1)) == (1, 1)
    missing = Endpoint.objects.exclude(missing_since=None)
    assert [str(one) for one in missing] == ["acme/maker-2 at host-two"]
    before = facts()
    assert run() == {}
    serve(upstream, dict(reversed(catalog(HOSTS[:1], times="0.5").items())))
    run()
    assert facts()[:4] == before[:4]


def test_a_rejected_answer_is_refused_and_may_be_accepted_later(upstream, editor):
    held = hold(upstream, catalog(times="0"))
    before = facts()
    reject(held, **decided(editor))
    with pytest.raises(ContentRefused, match=r"rejected by an editor on .*provider's page"):
        run()
    assert facts() == before
    assert Refresh.objects.filter(state="held").count() == 0
    accept(held, **decided(editor))
    assert published(0) != 1


def test_a_refresh_that_is_rolled_back_leaves_the_catalog_as_before(upstream, editor):
    before = facts()
    answer = catalog((*HOSTS, "host-four"))
    for n in range(3):
        answer["host-one"]["models"][f"acme/maker-{n}"]["cost"]["input"] = n + 1.5
    del answer["host-two"]["models"]["acme/maker-0"]
    serve(upstream, answer)
    run()
    wrong = Refresh.objects.first()
    assert published(0) == Decimal("1.5")
    counts = roll_back(wrong, **decided(editor))
    assert counts["refreshes rolled back"] == 1
    assert published(0) == 1
    withdrawn = Rate.objects.filter(origin="withdrawn")
    assert withdrawn.count() == 23
    assert set(withdrawn.values_list("held", "why")) == {(True, f"rolled back: {WHY}")}
    assert (
        Endpoint.objects.get(provider__slug="host-two", upstream_id="acme/maker-0").missing_since
        is None
    )
    new = Endpoint.objects.filter(provider__slug="host-four")
    assert all(endpoint.missing_since for endpoint in new)
    after = facts()
    assert [row for row in after[0] if row[0] not in {one.id for one in new}] == before[0]
    assert after[1] == before[1]
    with pytest.raises(ContentRefused, match="rolled back by an editor"):
        run()
    assert facts() == after


def test_facts_of_providers_and_rules_are_rolled_back_too(upstream, server, monkeypatch, editor):
    monkeypatch.setenv("RATECARD_SOURCE_GENAI_PRICES_URL", f"{server.address}/genai.json")

    def serve_rules(amount: float, **names: str) -> None:
        rule = {"contains": "maker-1"}
        models = [{"id": "maker-1", "match": rule, "prices": {"input_mtok": amount}}]
        body = [{"id": host, "name": names.get(host, host), "models": models} for host in HOSTS]
        body = [{**row, "id": row["id"].replace("_", "-")} for row in body]
        server.pages["/genai.json"] = Page(json.dumps(body).encode())
        refresh(SOURCES["genai-prices"], now=timezone.now())

    def rows() -> list[Any]:
        known = ProviderClaims.objects.order_by("id").values(
            *("source_id", "provider_id", "since", "facts", "stated_at", "digest")
        )
        providers = Provider.objects.order_by("id").values()
        return [[*known], [*providers], [*KeptRules.objects.order_by("source_id").values()]]

    serve_rules(1)
    answer = catalog()
    answer["host-one"]["doc"] = "https://one.example"
    serve(upstream, answer)
    run()
    before = rows()
    answer["host-one"] |= {"doc": "https://other.example", "name": "Other"}
    del answer["host-two"]["name"]
    answer |= catalog(("host-four",))
    serve(upstream, answer)
    run()
    wrong = Refresh.objects.first()
    serve_rules(1.5)
    wrong_rules = Refresh.objects.first()
    assert rows()[0][0] != before[0][0] and rows()[2] != before[2]
    roll_back(wrong, **decided(editor))
    roll_back(wrong_rules, **decided(editor))
    after = rows()
    assert after[0] == before[0]
    assert after[2] == before[2]
    assert [row for row in after[1] if row["slug"] != "host-four"] == before[1]


def test_what_an_account_no_longer_lists_comes_back_with_a_roll_back(
    upstream, server, monkeypatch, editor
):
    monkeypatch.setenv("HOST_ONE_API_KEY", "key")
    monkeypatch.setenv("RATECARD_PROVIDER_HOST_ONE_URL", f"{server.address}/v1")
    account = all_sources()["account-host-one"]

    def list_models(*numbers: int) -> list[Any]:
        rows = [{"id": f"acme/maker-{n}", "context_window": 8000 + n} for n in numbers]
        server.pages["/v1/models"] = Page(json.dumps({"data": rows}).encode())
        refresh(account, now=timezone.now())
        claims = EndpointClaims.objects.filter(source__slug="account-host-one")
        return [*claims.order_by("endpoint_id").values_list("endpoint_id", "facts", "stated_at")]

    before = list_models(*range(6))
    windows = [*Endpoint.objects.order_by("id").values_list("context_window", flat=True)]
    assert list_models(*range(1, 6), 7) != before
    roll_back(Refresh.objects.first(), **decided(editor))
    claims = EndpointClaims.objects.filter(source__slug="account-host-one").order_by("endpoint_id")
    assert [*claims.values_list("endpoint_id", "facts", "stated_at")] == before
    assert [*Endpoint.objects.order_by("id").values_list("context_window", flat=True)] == windows


def test_what_came_after_a_refresh_is_rolled_back_with_it_and_comes_again(upstream, editor):
    before = facts()
    for amount in (1.5, 1.25):
        answer = catalog()
        answer["host-one"]["models"]["acme/maker-0"]["cost"]["input"] = amount
        serve(upstream, answer)
        run()
    _, wrong, _ = Refresh.objects.all()
    roll_back(wrong, **decided(editor))
    assert [row.state for row in Refresh.objects.all()] == ["rolled_back", "rolled_back", "done"]
    assert facts()[:4] == before[:4]
    run()
    assert published(0) == Decimal("1.25")
    assert Rate.objects.filter(origin="withdrawn").count() == 2


def test_an_accepted_answer_can_be_rolled_back(upstream, editor):
    before = facts()
    held = hold(upstream, catalog(times="0.001"))
    accept(held, **decided(editor))
    roll_back(held, **decided(editor))
    assert facts()[:4] == before[:4]
    with pytest.raises(ContentRefused):
        run()


def test_an_editors_price_survives_a_roll_back(upstream, editor):
    answer = catalog()
    answer["host-one"]["models"]["acme/maker-0"]["cost"]["input"] = 2
    serve(upstream, answer)
    run()
    row = Rate.objects.get(amount=2, valid_to=None, source__slug="models-dev", origin="change")
    make_source("editor")
    now = timezone.now()
    state_rate(row.endpoint, stated("input", Decimal(3)), by=editor, why=WHY, at=now)
    roll_back(Refresh.objects.first(), **decided(editor))
    assert published(0) == 3
    row.refresh_from_db()
    assert row.origin == "withdrawn"


def test_a_newer_answer_is_not_replaced_by_a_rejected_one(upstream, editor):
    held = hold(upstream, catalog(times="0"))
    reject(held, **decided(editor))
    answer = catalog()
    answer["host-one"]["models"]["acme/maker-0"]["cost"]["input"] = 2
    serve(upstream, answer)
    run()
    with pytest.raises(ReviewRefused, match=r"A newer answer of models.dev has been applied"):
        accept(held, **decided(editor))


def test_a_review_needs_a_reason_and_an_answer_that_is_kept(upstream, editor):
    held = hold(upstream, catalog(times="0"))
    with pytest.raises(ReviewRefused, match="needs a reason"):
        reject(held, by=editor, why=" ", now=timezone.now())
    assert Refresh.objects.get(id=held.id).state == "held"
    Refresh.objects.filter(id=held.id).update(answer=None)
    with pytest.raises(ReviewRefused, match="no longer kept"):
        accept(held, **decided(editor))


def test_a_load_from_a_file_cannot_be_rolled_back(upstream, editor):
    first = Refresh.objects.get()
    first.earlier_claims.all().delete()
    with pytest.raises(ReviewRefused, match="came in a file"):
        roll_back(first, **decided(editor))


def test_the_command_lists_describes_and_decides(upstream, capsys):
    call_command("review_refresh")
    assert capsys.readouterr().out == "No answer is held.\n"
    held = hold(upstream, catalog(times="0.001"))
    call_command("review_refresh")
    assert f"{held.id}  models.dev at " in (out := capsys.readouterr().out)
    assert "60 of 60 prices are 1/1,000 of what they were" in out
    call_command("review_refresh", str(held.id))
    out = capsys.readouterr().out
    assert "host-one: 10 endpoints, 0 removed, 0 added; 20 of 20 prices differ" in out
    assert "host-one acme/maker-0 input: 1 → 0.001" in out
    with pytest.raises(CommandError, match="Give a reason: --why TEXT"):
        call_command("review_refresh", str(held.id), "--accept")
    call_command("review_refresh", str(held.id), "--reject", "--why", WHY)
    assert Refresh.objects.get(id=held.id).state == "rejected"
    call_command("review_refresh", str(held.id), "--accept", "--why", WHY)
    call_command("review_refresh", str(held.id), "--roll-back", "--why", WHY)
    assert "is rolled back." in capsys.readouterr().out
    assert published(0) == 1
    with pytest.raises(CommandError, match="rolled back by an editor, not held"):
        call_command("review_refresh", str(held.id), "--accept", "--why", WHY)
    with pytest.raises(CommandError, match="There is no refresh 0"):
        call_command("review_refresh", "0")
