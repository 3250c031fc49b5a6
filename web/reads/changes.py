"""What changed: prices on record, and dated facts of models, as entries of one day each."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from catalog.lifecycle import TODAY, day_sql
from catalog.provider_kinds import billed_sql, direct_sql
from catalog.sql import rows
from pricing.meters import amount_per_unit
from pricing.rates import State
from pricing.terms import Terms
from web.format.figures import DUST
from web.format.terms import in_words
from web.http.page_cache import cached_each, cached_summary
from web.reads.prices import Price, billed_by

RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """What changed on one day at one endpoint, or of one model, in one of `web.params`' kinds.

    `what` is the stage that a model reached, *recorded* of what this install saw, "" of prices and
    releases. `ids` are those of the rates, or of what is recorded. `provider` is "" of a model's
    own change, and `model` of a provider's. `folded` is whether it shows only unfolded, and `top`
    the model's place in the order Top.
    """

    day: str
    kind: str
    model_id: int
    model: str
    model_name: str
    creator: str
    creator_name: str
    provider: str
    provider_name: str
    upstream_id: str
    direct: bool
    folded: bool
    top: int
    seen_at: datetime | None
    what: str
    source: str
    evidence: str
    ids: tuple[int, ...]

    @property
    def is_recorded(self) -> bool:
        return self.what == RECORDED

    @property
    def actor(self) -> str:
        """Slug of the provider, of a model's own change of its creator."""
        return self.provider or self.creator


# The published price that a rate follows upon: none that was listed by mistake and never held.
_BEFORE = """
LEFT JOIN LATERAL (
    SELECT before.state, before.amount, before.per, before.currency, before.terms
    FROM pricing_rate before
    WHERE before.endpoint_id = rate.endpoint_id AND before.series = rate.series
      AND NOT before.held AND before.id <> rate.id
      AND (before.valid_to IS NULL OR before.valid_from IS NULL
           OR before.valid_to > before.valid_from)
      AND (before.valid_from IS NULL OR before.valid_from < rate.valid_from)
    ORDER BY before.valid_from DESC NULLS LAST
    LIMIT 1
) before ON true
"""
# A model without a headline is retired: nothing serves it.
_AT = "coalesce(rate.valid_from, rate.observed_at)"
_PRICES = f"""
WITH moved AS (
    SELECT rate.endpoint_id, {day_sql(_AT)} AS day,
           CASE WHEN rate.origin = 'correction' THEN 'correction'
                WHEN rate.announced THEN 'announced' ELSE 'price' END AS kind,
           -- By the rounding of a conversion alone.
           bool_and(coalesce(rate.currency = before.currency AND abs(
               rate.amount / rate.per - before.amount / before.per
           ) <= {DUST} * before.amount / before.per, false)) AS dust,
           max(rate.observed_at) AS seen_at, min(rate.source_id) AS source_id,
           max(rate.evidence) AS evidence, array_agg(rate.id ORDER BY rate.id) AS ids
    FROM pricing_rate rate
    {_BEFORE}
    WHERE rate.origin IN ('change', 'correction') AND NOT rate.held
      AND (rate.valid_to IS NULL OR rate.valid_from IS NULL OR rate.valid_to > rate.valid_from)
    GROUP BY 1, 2, 3
)
SELECT moved.day, moved.kind, model.id AS model_id, model.slug AS model, model.name AS model_name,
       creator.slug AS creator, creator.name AS creator_name,
       provider.slug AS provider, provider.name AS provider_name, endpoint.upstream_id,
       {direct_sql("provider")} AS direct,
       coalesce(headline.folded, 'retired') <> '' OR endpoint.floating
           OR NOT {billed_sql("provider")} OR moved.dust AS folded,
       coalesce(headline.top, 0) AS top, moved.seen_at, '' AS what, source.name AS source,
       moved.evidence, moved.ids
FROM moved
JOIN catalog_source source ON source.id = moved.source_id
JOIN catalog_endpoint endpoint ON endpoint.id = moved.endpoint_id
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN pricing_headline headline ON headline.model_id = model.id
"""  # noqa: S608 - put together from fixed words alone


def _of_models(kind: str, field: str, what: str, condition: str, unfolded: str) -> str:
    return f"""
SELECT model.{field} AS day, '{kind}' AS kind, model.id AS model_id, model.slug AS model,
       model.name AS model_name, creator.slug AS creator, creator.name AS creator_name,
       '' AS provider, '' AS provider_name, '' AS upstream_id, true AS direct,
       coalesce(headline.folded, 'retired') NOT IN ({unfolded})
           OR model.derived_from_id IS NOT NULL AS folded,
       coalesce(headline.top, 0) AS top, NULL::timestamptz AS seen_at, '{what}' AS what,
       coalesce(source.name, '') AS source,
       coalesce(model.provenance -> '{field}' ->> 2, '') AS evidence, '{{}}'::bigint[] AS ids
FROM catalog_model model
JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN pricing_headline headline ON headline.model_id = model.id
LEFT JOIN catalog_source source ON source.slug = model.provenance -> '{field}' ->> 0
WHERE length(model.{field}) = 10 AND model.provider_count > 0 AND NOT model.floating AND {condition}
"""  # noqa: S608 - put together from fixed words alone


# What this install saw, by day and thing; a provider's own change has no model.
_RECORDED = f"""
WITH seen AS (
    SELECT {day_sql("at")} AS day,
           CASE WHEN correction THEN 'correction' ELSE kind END AS kind,
           model_id, endpoint_id, provider_id, max(at) AS seen_at, min(source_id) AS source_id,
           array_agg(id ORDER BY id) AS ids
    FROM catalog_change WHERE NOT withdrawn
    GROUP BY 1, 2, 3, 4, 5
)
SELECT seen.day, seen.kind, coalesce(model.id, 0) AS model_id, coalesce(model.slug, '') AS model,
       coalesce(model.name, '') AS model_name, coalesce(creator.slug, '') AS creator,
       coalesce(creator.name, '') AS creator_name, coalesce(provider.slug, '') AS provider,
       coalesce(provider.name, '') AS provider_name,
       coalesce(endpoint.upstream_id, '') AS upstream_id,
       coalesce({direct_sql("provider")}, true) AS direct,
       seen.provider_id IS NULL AND (
           coalesce(headline.folded, 'retired') <> '' AND seen.kind <> 'lifecycle'
           OR coalesce(model.floating, false) OR coalesce(endpoint.floating, false)
           OR endpoint.id IS NOT NULL AND (
               NOT {billed_sql("provider")}
               OR seen.kind = 'endpoint' AND NOT {direct_sql("provider")}
           )
       ) AS folded,
       coalesce(headline.top, 0) AS top, seen.seen_at, '{RECORDED}' AS what,
       coalesce(source.name, '') AS source, '' AS evidence, seen.ids
FROM seen
LEFT JOIN catalog_source source ON source.id = seen.source_id
LEFT JOIN catalog_endpoint endpoint ON endpoint.id = seen.endpoint_id
LEFT JOIN catalog_provider provider
       ON provider.id = coalesce(seen.provider_id, endpoint.provider_id)
LEFT JOIN catalog_model model ON model.id = coalesce(seen.model_id, endpoint.model_id)
LEFT JOIN catalog_creator creator ON creator.id = model.creator_id
LEFT JOIN pricing_headline headline ON headline.model_id = model.id
"""  # noqa: S608 - put together from fixed words alone
# One that was seen to come in is new on that day, not on that of its release.
_NOT_SEEN = """NOT EXISTS (
    SELECT FROM catalog_change change
    WHERE change.model_id = model.id AND change.kind = 'model' AND NOT change.withdrawn
)"""
_MODELS = " UNION ALL ".join(
    (
        _of_models("model", "released", "", f"model.released <= {TODAY} AND {_NOT_SEEN}", "''"),
        # A model is folded away once it is retired, and its end is news all the same.
        _of_models("lifecycle", "deprecated_on", "deprecated", "true", "'', 'retired'"),
        _of_models("lifecycle", "retired_on", "retired", "true", "'', 'retired'"),
    )
)


@cached_summary
def all_changes() -> tuple[ChangeEntry, ...]:
    """Every entry on record, the newest day first, then direct providers and well-rated models."""
    entries = [*rows(_entry, _PRICES), *rows(_entry, _MODELS), *rows(_entry, _RECORDED)]
    entries.sort(key=lambda entry: (not entry.direct, entry.top, entry.model, entry.upstream_id))
    entries.sort(key=lambda entry: entry.day, reverse=True)
    return tuple(entries)


@cached_summary
def changes_of_models() -> Mapping[str, tuple[ChangeEntry, ...]]:
    """The entries of each model by slug, the newest first."""
    by_model: dict[str, list[ChangeEntry]] = defaultdict(list)
    for entry in all_changes():
        by_model[entry.model].append(entry)
    return {slug: tuple(entries) for slug, entries in by_model.items()}


def _entry(
    day: str,
    kind: str,
    model_id: int,
    model: str,
    model_name: str,
    creator: str,
    creator_name: str,
    provider: str,
    provider_name: str,
    upstream_id: str,
    direct: bool,  # noqa: FBT001 - a column
    folded: bool,  # noqa: FBT001 - a column
    top: int,
    seen_at: datetime | None,
    what: str,
    source: str,
    evidence: str,
    ids: list[int],
) -> ChangeEntry:
    return ChangeEntry(
        *(day, kind, model_id, model, model_name, creator, creator_name, provider, provider_name),
        *(upstream_id, direct, folded, top, seen_at, what, source, evidence, tuple(ids)),
    )


@dataclass(frozen=True, slots=True)
class ChangedRate:
    """A price and the published one that it follows upon; `under` are terms, "" the standard ones.

    `before` is in the state *unknown* where none is on record.
    """

    after: Price
    before: Price
    under: str


@dataclass(frozen=True, slots=True)
class _ChangedRateRow:
    id: int
    meter: str
    state: State
    amount: Decimal | None
    per: int
    currency: str
    terms: str
    before_state: State | None
    before_amount: Decimal | None
    before_per: int | None
    before_currency: str | None


_CHANGED = f"""
SELECT rate.id, rate.meter, rate.state, rate.amount, rate.per, rate.currency,
       rate.terms::text AS terms, before.state AS before_state, before.amount AS before_amount,
       before.per AS before_per, before.currency AS before_currency
FROM pricing_rate rate {_BEFORE}
WHERE rate.id = ANY(%(ids)s)
"""  # noqa: S608 - put together from fixed words alone


def _read_rates(ids: Collection[int], _now: datetime) -> Mapping[int, ChangedRate]:
    if not ids:
        return {}
    return {row.id: _changed(row) for row in rows(_ChangedRateRow, _CHANGED, ids=list(ids))}


# Readers page through the same changes, which models' pages show too.
changed_rates = cached_each(_read_rates, most=8192)


def _changed(row: _ChangedRateRow) -> ChangedRate:
    terms = _terms(row.terms)
    amount = amount_per_unit(row.amount, row.meter, row.per)
    after = billed_by(Price(row.meter, row.state, amount, currency=row.currency), terms)
    before = Price(row.meter, "unknown")
    if row.before_state:
        earlier = amount_per_unit(row.before_amount, row.meter, row.before_per or 1)
        before = Price(row.meter, row.before_state, earlier, currency=row.before_currency or "USD")
    return ChangedRate(
        after, billed_by(before, terms), in_words(terms) if row.terms != "{}" else ""
    )


@lru_cache(maxsize=512)
def _terms(text: str) -> Terms:
    return Terms.from_json(json.loads(text))


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """One difference that this install saw, its values as stored."""

    id: int
    kind: str
    field: str
    before: object
    after: object


_OF_RECORD = """
SELECT id, kind, field, before::text, after::text FROM catalog_change WHERE id = ANY(%(ids)s)
"""


def _read_recorded(ids: Collection[int], _now: datetime) -> Mapping[int, RecordedChange]:
    if not ids:
        return {}
    return {change.id: change for change in rows(_recorded, _OF_RECORD, ids=list(ids))}


recorded_changes = cached_each(_read_recorded, most=8192)


def _recorded(
    id: int,  # noqa: A002 - a column
    kind: str,
    field: str,
    before: str | None,
    after: str | None,
) -> RecordedChange:
    values = (None if text is None else json.loads(text) for text in (before, after))
    return RecordedChange(id, kind, field, *values)
