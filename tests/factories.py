"""Rows for tests: plain functions with sensible values, each of which a test may state itself."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from catalog.derived import summarise_models
from catalog.models import Creator, Endpoint, Model, Provider, Source
from catalog.provider_kinds import ProviderKind
from catalog.ratings import Rating
from catalog.search import like_patterns, search_words
from catalog.sql import rows
from pricing.headlines import find_headlines
from pricing.meters import meter as meter_of
from pricing.models import Rate
from pricing.rate_cards import holds_sql
from pricing.terms import BASE, Terms

OBSERVED = datetime(2026, 11, 12, tzinfo=UTC)


def make_source(slug: str = "models-dev", **fields: Any) -> Source:
    defaults = {"name": slug.title(), "url": f"https://{slug}.example", "as_of": OBSERVED}
    return Source.objects.get_or_create(slug=slug, defaults={**defaults, **fields})[0]


def make_creator(slug: str = "openai", **fields: Any) -> Creator:
    return Creator.objects.get_or_create(slug=slug, defaults={"name": slug.title(), **fields})[0]


def make_model(slug: str = "openai/o4-mini", **fields: Any) -> Model:
    creator, _, name = slug.partition("/")
    return Model.objects.create(
        slug=slug, **{"creator": make_creator(creator), "name": name, **fields}
    )


def make_provider(slug: str = "openai", **fields: Any) -> Provider:
    defaults = {"name": slug.title(), "kind": ProviderKind.INFERENCE_HOST, **fields}
    return Provider.objects.get_or_create(slug=slug, defaults=defaults)[0]


def make_endpoint(model: Model, provider: Provider | None = None, **fields: Any) -> Endpoint:
    defaults = {"upstream_id": model.slug.partition("/")[2], "mode": "chat"}
    return Endpoint.objects.create(
        model=model, provider=provider or make_provider(), **{**defaults, **fields}
    )


def make_rate(
    endpoint: Endpoint,
    meter: str = "input",
    amount: str | None = "1.10",
    *,
    state: str = "priced",
    terms: Terms = BASE,
    **fields: Any,
) -> Rate:
    """A rate in US dollars per the meter's unit; its state says whether it has an amount."""
    defaults = {"source": make_source(), "observed_at": OBSERVED, "per": meter_of(meter).per}
    stated = {
        "amount": None if amount is None else Decimal(amount),
        "state": state,
        "terms": terms.to_json(),
    }
    return Rate.objects.create(endpoint=endpoint, meter=meter, **{**defaults, **stated, **fields})


def sell(model: Model, provider: Provider | None = None, **prices: str) -> Endpoint:
    """An endpoint with a base card: `sell(model, azure, input="1.10", output="4.40")`."""
    endpoint = make_endpoint(model, provider)
    for meter, amount in prices.items():
        make_rate(endpoint, meter, amount)
    return endpoint


def sell_all(sales: Iterable[tuple[Model, Provider, Mapping[str, str]]]) -> None:
    """As `sell` for many models that are not saved yet, each with its endpoint's prices."""
    known = list(sales)
    Model.objects.bulk_create([model for model, _, _ in known])
    endpoints = [
        Endpoint(
            model=model,
            provider=provider,
            upstream_id=model.slug.partition("/")[2],
            mode="chat",
            capabilities=model.capabilities,
        )
        for model, provider, _ in known
    ]
    Endpoint.objects.bulk_create(endpoints)
    source = make_source()
    Rate.objects.bulk_create(
        Rate(
            endpoint=endpoint,
            meter=meter,
            amount=Decimal(amount),
            state="priced",
            terms=BASE.to_json(),
            per=meter_of(meter).per,
            source=source,
            observed_at=OBSERVED,
        )
        for endpoint, (_, _, prices) in zip(endpoints, known, strict=True)
        for meter, amount in prices.items()
    )


def make_rating(
    model: Model,
    rating: str = "1400.0",
    board: str = "text",
    category: str = "overall",
    **fields: Any,
) -> Rating:
    """A rating by the leaderboard Arena, with an interval of 5 to either side."""
    value = Decimal(rating)
    defaults = {
        "name": model.name,
        "low": value - 5,
        "high": value + 5,
        "votes": 12_345,
        "rank": 1,
        "as_of": "2026-10-20",
        "source": make_source("arena", name="Arena leaderboard", licence="CC BY 4.0"),
    }
    return Rating.objects.create(
        model=model, board=board, category=category, rating=value, **{**defaults, **fields}
    )


def current_rates(at: datetime, rates: QuerySet[Rate] | None = None) -> QuerySet[Rate]:
    """The published rates that hold at an instant, among `rates` or all."""
    holds = RawSQL(holds_sql("pricing_rate", "%s"), [at, at], output_field=BooleanField())
    return (Rate.objects.all() if rates is None else rates).filter(holds)


def found_by(search: str) -> list[str]:
    """The slugs of the models whose search text holds every word of a search."""
    patterns = like_patterns(search_words(search))
    statement = "SELECT slug FROM catalog_model WHERE search_text LIKE ALL (%(patterns)s)"
    return sorted(row["slug"] for row in rows(dict, statement, patterns=patterns))


def summarise() -> None:
    """What a load does last: search texts, numbers of providers, and headlines."""
    summarise_models()
    find_headlines()
