"""Everything on offer, with its rate cards: what an estimate ranks. Held in memory until a figure changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

from pricing.cards import all_cards
from pricing.rates import RateCard
from web.queries.ask import ask
from web.remembered import database_state


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A model at a provider, live today: what an estimate shows of it, and what it is filtered by."""

    endpoint_id: int
    upstream_id: str
    variant: frozenset[str]
    mode: str
    context: int | None
    max_input: int | None
    max_output: int | None
    capabilities: frozenset[str]
    zdr: str
    training: str
    provider: str
    provider_name: str
    kind: str
    model: str
    model_name: str
    creator: str
    creator_name: str
    model_context: int | None
    modalities_in: frozenset[str]
    modalities_out: frozenset[str]
    open_weights: bool | None
    released: str
    stage: str
    search_text: str
    card: RateCard


# First-party endpoints first, so that among equals they are the ones that are shown.
_OFFERS = """
SELECT endpoint.id, endpoint.upstream_id, endpoint.variant,
       coalesce(nullif(endpoint.mode, ''), model.mode) AS mode, endpoint.context_window, endpoint.max_input,
       endpoint.max_output, endpoint.capabilities, endpoint.zdr, endpoint.training,
       provider.slug AS provider, provider.name AS provider_name, provider.kind,
       model.slug AS model, model.name AS model_name, creator.slug AS creator, creator.name AS creator_name,
       coalesce(model.context_window, model.max_input) AS model_context,
       model.capabilities AS model_capabilities, model.modalities_in, model.modalities_out,
       model.open_weights, model.released, model.search_text,
       CASE WHEN model.retired_on <> '' AND model.retired_on <= %(today)s THEN 'retired'
            WHEN model.deprecated_on <> '' AND model.deprecated_on <= %(today)s
                 AND model.lifecycle <> 'retired' THEN 'deprecated'
            ELSE model.lifecycle END AS stage
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
WHERE endpoint.missing_since IS NULL AND endpoint.lifecycle <> 'retired'
  AND (endpoint.retired_on = '' OR endpoint.retired_on > %(today)s)
ORDER BY array_position(ARRAY['first-party', 'cloud', 'inference-host'], provider.kind::text) NULLS LAST,
         model.slug, provider.slug, endpoint.upstream_id
"""

# A name for what the offers are read from: it is another one as soon as a row of it is. Reading these four
# numbers takes a thirtieth of the time of reading the offers.
_EDITION = """
SELECT (SELECT sum(xmin::text::bigint) + count(*) FROM pricing_rate)::text AS rates,
       (SELECT sum(xmin::text::bigint) + count(*) FROM catalog_endpoint)::text AS endpoints,
       (SELECT sum(xmin::text::bigint) + count(*) FROM catalog_model)::text AS models,
       (SELECT sum(xmin::text::bigint) + count(*) FROM catalog_provider)::text AS providers
"""


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """All of them, in the order in which equals are shown, and which edition of the catalog they are of."""

    all: tuple[Offer, ...]
    edition: str


_reading = Lock()
_held: dict[str, tuple[date, str, Offers]] = {}


def offers() -> Offers:
    """The offers as they are now: read again when a figure has changed, or another day has begun."""
    today = datetime.now(UTC).date()
    state = database_state()
    if held := _same(today, state):
        return held
    with _reading:  # whoever comes second finds them read
        if held := _same(today, state):
            return held
        edition = str(tuple(ask(_EDITION)[0]))
        day, _, kept = _held.get("", (None, "", None))
        if kept is None or day != today or kept.edition != edition:
            kept = _read(today, edition)
        if state:
            _held[""] = (today, state, kept)
        return kept


def _same(today: date, state: str) -> Offers | None:
    day, known, kept = _held.get("", (None, "", None))
    return kept if state and (day, known) == (today, state) else None


def _read(today: date, edition: str) -> Offers:
    cards = all_cards()
    sets: dict[tuple[str, ...], frozenset[str]] = {}

    def as_set(*lists: list[str]) -> frozenset[str]:
        """The same few sets again and again, so each is held once."""
        words = tuple(word for each in lists for word in each or ())
        return sets.setdefault(words, frozenset(words))

    return Offers(tuple(_offer(row, cards, as_set) for row in ask(_OFFERS, today=today.isoformat())), edition)


def _offer(row: Any, cards: Mapping[int, RateCard], as_set: Callable[..., frozenset[str]]) -> Offer:
    return Offer(
        endpoint_id=row.id,
        upstream_id=row.upstream_id,
        variant=as_set(row.variant.split(",")),
        mode=row.mode,
        context=row.context_window or row.max_input or row.model_context,
        max_input=row.max_input,
        max_output=row.max_output,
        capabilities=as_set(row.capabilities, row.model_capabilities),
        zdr=row.zdr,
        training=row.training,
        provider=row.provider,
        provider_name=row.provider_name,
        kind=row.kind,
        model=row.model,
        model_name=row.model_name,
        creator=row.creator,
        creator_name=row.creator_name,
        model_context=row.model_context,
        modalities_in=as_set(row.modalities_in),
        modalities_out=as_set(row.modalities_out),
        open_weights=row.open_weights,
        released=row.released,
        stage=row.stage,
        search_text=row.search_text,
        card=cards.get(row.id, _NO_CARD),
    )


_NO_CARD = RateCard(())
