"""The migration that takes away endpoints of an earlier version that only rules stated."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from catalog.models import Endpoint, EndpointClaims, Model
from catalog.overrides import override
from pricing.models import Rate
from tests.factories import make_endpoint, make_model, make_rate, make_source

pytestmark = pytest.mark.django_db

MAY = datetime(2026, 5, 21, tzinfo=UTC)
migration = import_module("sources.migrations.0004_rules_list_no_endpoints")


def stated(upstream_id: str, *sources: str) -> Endpoint:
    endpoint = make_endpoint(make_model(f"openai/{upstream_id}"), upstream_id=upstream_id)
    for slug in sources:
        claims = {"source": make_source(slug), "stated_at": MAY, "digest": b""}
        EndpointClaims.objects.create(endpoint=endpoint, **claims)
    make_rate(endpoint)
    return endpoint


def test_what_only_rules_stated_goes_unless_an_editor_touched_it() -> None:
    editor = User.objects.create_user("ada")
    stated("ruled", "genai-prices")
    kept = {
        "listed": stated("listed", "genai-prices", "models-dev"),
        "edited": stated("edited", "genai-prices"),
        "added": stated("added", "genai-prices"),
        "priced": stated("priced", "genai-prices"),
        "own": stated("own"),
    }
    facts = {"context_window": 1}
    override(kept["edited"], facts, by=editor, why="Their page.", at=timezone.now())
    LogEntry.objects.create(
        user=editor,
        content_type=ContentType.objects.get_for_model(Endpoint),
        object_id=str(kept["added"].id),
        object_repr="",
        action_flag=ADDITION,
    )
    make_rate(kept["priced"], "output", source=make_source("editor"))
    described = make_model("openai/described", about="Kept.")
    make_endpoint(described, upstream_id="described")
    claims = {"source": make_source("genai-prices"), "stated_at": MAY, "digest": b""}
    EndpointClaims.objects.create(endpoint=described.endpoints.get(), **claims)
    migration.take_away(apps, None)
    assert set(Endpoint.objects.values_list("upstream_id", flat=True)) == set(kept)
    slugs = set(Model.objects.values_list("slug", flat=True))
    assert slugs == {f"openai/{name}" for name in (*kept, "described")}
    assert set(Rate.objects.values_list("endpoint__upstream_id", flat=True)) == set(kept)
    ruled = EndpointClaims.objects.filter(by_rule=True).values_list("source__slug", flat=True)
    assert set(ruled) == {"genai-prices"}
