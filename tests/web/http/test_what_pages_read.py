"""Whatever table a public page reads, a write to it changes the version that pages are kept by."""

import json

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from catalog.models import (
    Alias,
    Capability,
    EndpointClaims,
    Model,
    Override,
    ProviderClaims,
    Source,
)
from pricing.terms import Schedule, Terms
from telemetry.models import Measured, Series
from tests.factories import (
    OBSERVED,
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_source,
    sell,
    summarise,
)
from web.http.page_cache import RUNS, TOPICS
from web.urls import urlpatterns

pytestmark = pytest.mark.django_db

MODEL = "/models/openai/o4-mini/"
USE = "input=1000&output=500"
HTMX = {"HX-Request": "true"}

# Each route, and addresses that lead through all that it can show.
PUBLIC = {
    "": [
        "/",
        "/?kind=plan&sort=input",
        "/?q=o4+azure&sort=input&kind=cloud&capability=vision&provider=azure&input_max=9",
    ],
    "models/": ["/models/?creator=openai&no_training=1&zdr=1&context_min=1&sort=-providers"],
    "models.csv": ["/models.csv", "/models.csv?q=o4&input_max=9"],
    "models/<part:creator>/<part:name>/": [
        MODEL,
        f"{MODEL}?use=azure&sort=input",
        f"{MODEL}?window=30d&live=probe",
    ],
    "models/<part:creator>/<part:name>/providers.csv": [f"{MODEL}providers.csv"],
    "models/<part:creator>/<part:name>/endpoints/<part:provider>/": [
        f"{MODEL}endpoints/azure/",
        f"{MODEL}endpoints/unknown/",
    ],
    "models/<spelling:spelling>/": ["/models/o4mini/", "/models/alias-of-it/", "/models/o5/"],
    "providers/": ["/providers/", "/providers/?q=a&sort=-models&kind=cloud"],
    "providers/<part:slug>/": [
        "/providers/azure/",
        "/providers/azure/?q=o4&sort=input",
        "/providers/az/",
    ],
    "creators/": ["/creators/"],
    "creators/<part:slug>/": ["/creators/openai/", "/creators/opena/"],
    "live/": ["/live/", "/live/?e=1,2"],
    "estimate/": ["/estimate/", f"/estimate/?{USE}&per=endpoint&q=o4&pin=openai/o4-mini"],
    "estimate.csv": [f"/estimate.csv?{USE}"],
    "estimate/prompt/": ["/estimate/prompt/"],
    "estimate/usage-json/": ["/estimate/usage-json/"],
    "choices/creators/": ["/choices/creators/", "/choices/creators/?creator=openai&q=o4"],
    "choices/providers/": ["/choices/providers/"],
    "compare/": ["/compare/?m=openai/o4-mini&m=openai/o3&" + USE, "/compare/?q=o4"],
    "explore/": ["/explore/", "/explore/?q=o4&x=input&sort=price"],
    "explore.svg": ["/explore.svg"],
    "changes/": [
        "/changes/",
        "/changes/?kind=correction&provider=azure&model=openai/o4-mini&all=1",
    ],
    "changes/feed.atom": ["/changes/feed.atom"],
    "changes/feed.json": ["/changes/feed.json?creator=openai"],
    "sources/": ["/sources/"],
    "coverage/": ["/coverage/", "/coverage/?provider=azure", "/coverage/?provider=nope"],
    "suggest/": ["/suggest/?q=o4", "/suggest/?q=azure", "/suggest/?q=vision+o4+%249"],
    "coverage.csv": ["/coverage.csv"],
    "sitemap.xml": ["/sitemap.xml"],
    "sitemap-<slug:section>.xml": ["/sitemap-pages.xml"],
    "robots.txt": ["/robots.txt"],
    "favicon.ico": ["/favicon.ico"],
}
# Calls are counted in these every ten seconds: noted, they would empty all kept pages as often.
# Measured figures, made of them once a minute, are noted; charts are as new as those.
COUNTED = {"telemetry_series", "telemetry_slot", "telemetry_hour", "telemetry_day"}
TOPICS_OF = {"sources/": (*TOPICS, RUNS)}
# Never kept: an upload is its owner's, a form's link an editor's, an account a person's, checks are
# about this instant, a sprite is in a file.
NOT_KEPT = {
    "account/",
    "account/spending.csv",
    "account/keys/",
    "account/keys/<int:id_>/revoke/",
    "account/teams/<slug:slug>/",
    "account/teams/<slug:slug>/invitations/",
    "account/teams/<slug:slug>/keys/",
    "account/teams/<slug:slug>/keys/<int:id_>/revoke/",
    "account/teams/<slug:slug>/members/<int:id_>/",
    "account/teams/<slug:slug>/members/<int:id_>/remove/",
    "account/prices/",
    "logos/<slug:digest>.svg",
    "edit-link/",
    "estimate/usage/",
    "estimate/usage/<slug:token>/",
    "estimate/usage/<slug:token>/cancel/",
    "estimate/usage/<slug:token>/owners.csv",
    "estimate/usage/<slug:token>/result.json",
    "healthz",
    "readyz",
    "playground/",
    "playground/form/",
    "playground/most/",
    # What programs send.
    "v1/chat/completions",
    "v1/models",
    "v1/traces",
    "v1/traces/",
    "v1/metrics",
    "v1/metrics/",
    "v1/logs",
    "v1/logs/",
}


def test_every_public_route_is_looked_at():
    assert {str(route.pattern) for route in urlpatterns} == {*PUBLIC, *NOT_KEPT}


@pytest.fixture
def filled():
    """A catalog that has something of everything."""
    Capability.objects.get_or_create(slug="vision", defaults={"name": "Vision"})
    model = make_model(capabilities=["vision"], description="Thinks.", context_window=200_000)
    sibling, successor = make_model("openai/o3"), make_model("openai/o5-mini")
    Model.objects.filter(pk=sibling.pk).update(successor=successor)
    Alias.objects.create(spelling="alias-of-it", model=model)
    azure = make_provider("azure", name="Azure", kind="cloud")
    for each in (model, sibling, successor):
        sell(each, azure, input="1.10", output="4.40", cache_read="0.2")
        sell(each, make_provider("openai", kind="first-party"), input="1", output="4")
    endpoint = make_endpoint(model, azure, upstream_id="o4-mini-batch", variant="batch")
    begins = timezone.now()
    make_rate(endpoint, amount="2", valid_to=begins)
    make_rate(endpoint, amount="3", valid_from=begins)
    make_rate(endpoint, "output", "4", terms=Terms("batch"), valid_from=begins.replace(year=2031))
    make_rate(endpoint, "output", "5", terms=Terms(schedules=(Schedule((("01:00", "02:00"),)),)))
    claims = {"source": make_source(), "stated_at": OBSERVED, "facts": {"mode": "chat"}}
    EndpointClaims.objects.create(
        endpoint=endpoint, rates=[{"meter": "input", "amount": "2"}], **claims
    )
    ProviderClaims.objects.create(provider=azure, **claims)
    called = {"origin": "traffic", "endpoint": endpoint}
    Measured.objects.create(newest_at=begins, **called)
    Series.objects.create(model_name="o4-mini", first_seen=begins, last_seen=begins, **called)
    editor = User.objects.create(username="editor")
    Override.objects.create(
        model=model, field="name", value="o4 mini", by=editor, at=begins, why="its name"
    )
    Source.objects.get_or_create(slug=Source.EDITOR, defaults={"name": "Editor"})
    summarise()


def relations_of(plan):
    """The tables under a node of a plan, and its own."""
    found = {plan["Relation Name"]} if "Relation Name" in plan else set()
    return found.union(*map(relations_of, plan.get("Plans", ())))


def relations_read(ask):
    """The tables that the queries of `ask` read, out of PostgreSQL's plans for them."""
    queries = []

    def collect(execute, sql, params, many, context):
        queries.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(collect):
        ask()
    found = set()
    with connection.cursor() as cursor:
        for sql, params in queries:
            if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
                assert sql.startswith(("SAVEPOINT", "RELEASE")), f"a public page executes {sql}"
                continue
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (plans,) = cursor.fetchone()
            plans = plans if isinstance(plans, list) else json.loads(plans)
            found |= relations_of(plans[0]["Plan"])
    return found - {"written"}


def not_noted(relations, topics=TOPICS):
    """Those of these tables for which some kind of write is not noted under one of the topics."""
    kinds = {"INSERT", "UPDATE", "DELETE", "TRUNCATE"}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, kind FROM pg_trigger
            JOIN pg_class ON pg_class.oid = tgrelid
            JOIN pg_proc ON pg_proc.oid = tgfoid
            CROSS JOIN (VALUES ('INSERT', 4), ('DELETE', 8), ('UPDATE', 16), ('TRUNCATE', 32))
                AS kinds (kind, bit)
            WHERE proname = 'note_written' AND tgenabled <> 'D' AND tgtype & 1 = 0
                AND tgtype & bit > 0
                AND encode(tgargs, 'escape') = ANY(%s)
            """,
            [[f"{topic}\\000" for topic in topics]],
        )
        noted = set(cursor.fetchall())
    return {table for table in relations if {(table, kind) for kind in kinds} - noted}


def get(client, address, headers):
    response = client.get(address, headers=headers)
    assert response.status_code < 500
    return b"".join(response.streaming_content) if response.streaming else response.content


def read_by_pages(client):
    return {
        route: relations_read(
            lambda addresses=addresses: [
                get(client, address, headers) for address in addresses for headers in ({}, HTMX)
            ]
        )
        for route, addresses in PUBLIC.items()
    }


def test_every_table_that_a_public_page_reads_notes_its_writes(client, filled):
    read = read_by_pages(client)
    unnoted = {
        route: not_noted(tables, TOPICS_OF.get(route, TOPICS)) - COUNTED
        for route, tables in read.items()
    }
    assert {route: tables for route, tables in unnoted.items() if tables} == {}
    # Runs of sources come every few minutes, and change no other page.
    assert {route for route, tables in read.items() if "sources_refresh" in tables} == {"sources/"}
    # So that the test sees what it is there for: these are read on any account.
    assert set().union(*read.values()) >= {
        *("catalog_model", "catalog_creator", "catalog_endpoint", "catalog_provider"),
        *("catalog_source", "catalog_capability", "catalog_alias", "catalog_endpointclaims"),
        *("pricing_rate", "pricing_pricerow", "pricing_headline"),
        *("telemetry_measured", *COUNTED),
    }


def test_a_table_without_its_triggers_is_found(client, filled):
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER note_delete ON pricing_rate")
        cursor.execute("ALTER TABLE catalog_creator RENAME TO catalog_maker")
        cursor.execute("CREATE TABLE elsewhere (LIKE catalog_maker INCLUDING ALL)")
        cursor.execute("CREATE VIEW catalog_creator AS SELECT * FROM elsewhere")
    read = set().union(*read_by_pages(client).values())
    assert not_noted(read, (*TOPICS, RUNS)) - COUNTED == {"pricing_rate", "elsewhere"}
    assert not_noted({"django_session", "auth_user"}) == {"django_session", "auth_user"}
