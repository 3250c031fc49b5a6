"""Everything on offer, with its rate cards: what an estimate ranks.

Held in memory until a figure changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

from catalog.sql import ask
from pricing.rate_cards import all_cards
from pricing.rates import RateCard
from web.http.page_cache import database_state


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """A model at a provider, live today:

    what an estimate shows of it, and what it is filtered by.
    """

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
    modalities_in: frozenset[str]
    modalities_out: frozenset[str]
    open_weights: bool | None
    released: str
    stage: str
    search_text: str
    card: RateCard


# First-party endpoints first, so that among equals they are the ones that are shown.
_ENDPOINTS = """
SELECT endpoint.id, endpoint.model_id, endpoint.upstream_id, endpoint.variant, endpoint.mode,
       endpoint.context_window, endpoint.max_input, endpoint.max_output, endpoint.capabilities,
       endpoint.lacks, endpoint.zdr, endpoint.training,
       provider.slug AS provider, provider.name AS provider_name, provider.kind
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
WHERE endpoint.missing_since IS NULL AND endpoint.lifecycle <> 'retired'
  AND (endpoint.retired_on = '' OR endpoint.retired_on > %(today)s)
ORDER BY array_position(ARRAY['first-party', 'cloud', 'inference-host'], provider.kind::text) NULLS LAST,
         model.slug, provider.slug, endpoint.upstream_id
"""
# Apart, because a model's facts would come once for each of its endpoints.
_MODELS = """
SELECT model.id, model.slug, model.name, creator.slug AS creator, creator.name AS creator_name, model.mode,
       coalesce(model.context_window, model.max_input) AS context, model.capabilities, model.modalities_in,
       model.modalities_out, model.open_weights, model.released, model.search_text,
       CASE WHEN model.retired_on <> '' AND model.retired_on <= %(today)s THEN 'retired'
            WHEN model.deprecated_on <> '' AND model.deprecated_on <= %(today)s
                 AND model.lifecycle <> 'retired' THEN 'deprecated'
            ELSE model.lifecycle END AS stage
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
"""

# A name for what the offers are read from: it is another one as soon as a row of it is. Whatever is
# written gets the number of its transaction, and most often the highest; what goes, goes from the
# count and the sum. Asking takes a thirtieth of the time of reading the offers.
_READ = ("pricing_rate", "catalog_endpoint", "catalog_model", "catalog_provider", "catalog_creator")
_NEWEST = "SELECT concat_ws(' ', count(*), max(n), sum(n)) FROM (SELECT xmin::text::bigint FROM {}) AS own(n)"
_EDITION = " UNION ALL ".join(_NEWEST.format(table) for table in _READ)


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """All of them, in the order in which equals are shown, and which edition of the catalog they
    are of."""

    all: tuple[Offer, ...]
    edition: str


_reading = Lock()
_held: dict[str, tuple[date, str, Offers]] = {}


def offers() -> Offers:
    """The offers as they are now:

    read again when a figure has changed, or another day has begun.
    """
    today = datetime.now(UTC).date()
    state = database_state()
    if held := _same(today, state):
        return held
    with _reading:  # whoever comes second finds them read
        if held := _same(today, state):
            return held
        edition = str(ask(_EDITION))
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

    def as_set(words: Sequence[str]) -> frozenset[str]:
        """The same few sets again and again, so each is held once."""
        return sets.setdefault(tuple(words), frozenset(words))

    rows = ask(_ENDPOINTS, today=today.isoformat())
    models = {row.id: row for row in ask(_MODELS, today=today.isoformat())}
    # A model may go between the questions; then the edition is another one, and all is read again.
    known = (row for row in rows if row.model_id in models)
    return Offers(tuple(_offer(row, models[row.model_id], cards, as_set) for row in known), edition)


def _offer(
    row: Any,
    model: Any,
    cards: Mapping[int, RateCard],
    as_set: Callable[[Sequence[str]], frozenset[str]],
) -> Offer:
    return Offer(
        endpoint_id=row.id,
        upstream_id=row.upstream_id,
        variant=as_set(row.variant.split(",")),
        mode=row.mode or model.mode,
        context=row.context_window or row.max_input or model.context,
        max_input=row.max_input,
        max_output=row.max_output,
        # What an endpoint neither states nor denies is as with its model.
        capabilities=as_set(
            (*row.capabilities, *(x for x in model.capabilities if x not in row.lacks))
        ),
        zdr=row.zdr,
        training=row.training,
        provider=row.provider,
        provider_name=row.provider_name,
        kind=row.kind,
        model=model.slug,
        model_name=model.name,
        creator=model.creator,
        creator_name=model.creator_name,
        modalities_in=as_set(model.modalities_in),
        modalities_out=as_set(model.modalities_out),
        open_weights=model.open_weights,
        released=model.released,
        stage=model.stage,
        search_text=model.search_text,
        card=cards.get(row.id, _NO_CARD),
    )


_NO_CARD = RateCard(())
