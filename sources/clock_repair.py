"""Bring what a clock ahead of time has dated back to today.

Every instant of the past that lies in the future was written by a wrong clock: when a rate was
seen, when a claim was made, when an editor saved. What a source states for the future stays: a
price that is announced begins when it is announced for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Max, Model, Q

from catalog.copy_rows import update_rows
from catalog.models import (
    Endpoint,
    EndpointClaims,
    ModelClaims,
    Override,
    ProviderClaims,
    Relink,
    Source,
)
from catalog.models import Model as CatalogModel
from catalog.write_lock import turn
from pricing.models import Rate
from sources.clock import TOLERANCE
from sources.models import KeptAnswer, KeptPage, Refresh
from sources.provider_winners import settle_providers
from sources.winners import settle, settle_overridden

_FIELDS: tuple[tuple[type[Model], str], ...] = (
    (Rate, "observed_at"),
    (EndpointClaims, "stated_at"),
    (EndpointClaims, "missing_since"),
    (ProviderClaims, "stated_at"),
    (ProviderClaims, "missing_since"),
    (ModelClaims, "stated_at"),
    (Endpoint, "first_seen"),
    (CatalogModel, "created_at"),
    (Override, "at"),
    (Override, "withdrawn_at"),
    (Relink, "at"),
    (Source, "fetched_at"),
    (Source, "failing_since"),
    (KeptAnswer, "as_of"),
    (KeptAnswer, "fetched_at"),
    (KeptPage, "checked_at"),
)
# The instants at which rates and claims were begun or ended.
_AS_OF: tuple[tuple[type[Model], str], ...] = (
    (Source, "as_of"),
    (Refresh, "as_of"),
    (Rate, "observed_at"),
)

# The dates of single claims, as texts of a JSON object.
_SINCE = """
    UPDATE {table} SET since = (
        SELECT jsonb_object_agg(
            key, CASE WHEN value::timestamptz > %(latest)s THEN %(now)s::text ELSE value END)
        FROM jsonb_each_text(since))
    WHERE EXISTS (
        SELECT FROM jsonb_each_text(since) WHERE value::timestamptz > %(latest)s)
"""


def repair_future(*, now: datetime) -> Counter[str]:
    """Date everything of the future as of now, and count it. `now` must be known to be right."""
    latest = now + TOLERANCE
    counts: Counter[str] = Counter()
    with turn():
        wrong: set[datetime] = set()
        for table, field in _AS_OF:
            rows = table._default_manager.filter(**{f"{field}__gt": latest})
            wrong.update(rows.values_list(field, flat=True))
        endpoints = _touched(latest)
        providers = ProviderClaims.objects.filter(
            Q(stated_at__gt=latest) | Q(missing_since__gt=latest)
        )
        provider_ids = list(providers.values_list("provider_id", flat=True))
        overrides = list(Override.objects.filter(at__gt=latest))
        counts["repaired: sources dated in the future"] = _repair_sources(latest, now)
        counts["repaired: rates begun in the future"] = _repair_rates(wrong, now)
        for table, field in _FIELDS:
            rows = table._default_manager.filter(**{f"{field}__gt": latest})
            counts[f"repaired: {table._meta.verbose_name_plural} of the future"] += rows.update(
                **{field: now}
            )
        with connection.cursor() as cursor:
            for claims in (EndpointClaims, ProviderClaims, ModelClaims):
                cursor.execute(
                    _SINCE.format(table=claims._meta.db_table),
                    {"latest": latest, "now": now.isoformat()},
                )
        settle_providers(provider_ids)
        Refresh.objects.filter(as_of__gt=latest).update(as_of=None)
        if overrides:
            settle_overridden(overrides)
        settle(endpoints)
    return +counts


def _touched(latest: datetime) -> set[int]:
    claims = EndpointClaims.objects.filter(Q(stated_at__gt=latest) | Q(missing_since__gt=latest))
    rates = Rate.objects.filter(observed_at__gt=latest)
    return {
        *claims.values_list("endpoint_id", flat=True),
        *rates.values_list("endpoint_id", flat=True),
    }


def _repair_sources(latest: datetime, now: datetime) -> int:
    """Date sources as of their last refresh that can be true, or else as of now."""
    late = Q(as_of__gt=latest) | Q(stated_at__gt=latest) | Q(read_at__gt=latest)
    sources = list(Source.objects.filter(late))
    for source in sources:
        good = source.refreshes.filter(error="", started_at__lte=latest, as_of__lte=latest)
        last = good.aggregate(as_of=Max("as_of"), read_at=Max("started_at"))
        if source.as_of and source.as_of > latest:
            source.as_of = last["as_of"] or now
        if source.stated_at and source.stated_at > latest:
            source.stated_at = source.as_of
        source.read_at = last["read_at"]
        source.save(update_fields=["as_of", "stated_at", "read_at"])
    return len(sources)


def _repair_rates(wrong: set[datetime], now: datetime) -> int:
    """Begin and end at `now` what begins or ends at a wrong instant; how many rates that were."""
    if not wrong:
        return 0
    rows = Rate.objects.filter(Q(valid_from__in=wrong) | Q(valid_to__in=wrong))
    series: dict[tuple[int, bool], list[Rate]] = defaultdict(list)
    touched = Rate.objects.filter(series__in=rows.values("series"))
    for rate in touched.only(
        "series", "held", "valid_from", "valid_to", "announced", "observed_at"
    ):
        series[rate.series, rate.held].append(rate)
    moved: list[Rate] = []
    for (_, is_held), rates in series.items():
        groups = [[rate] for rate in rates] if is_held else [rates]
        moved += [rate for group in groups for rate in _moved(group, wrong, now)]
    # No two may overlap at any time: what begins elsewhere is emptied before it gets its place.
    begun = [rate for rate in moved if rate.valid_from == now]
    begun_ids = {rate.id for rate in begun}
    fields = ("valid_from", "valid_to", "announced")
    update_rows(
        Rate,
        fields,
        [
            (r.id, r.valid_from, now if r.id in begun_ids else r.valid_to, r.announced)
            for r in moved
        ],
    )
    update_rows(Rate, fields, [(r.id, r.valid_from, r.valid_to, r.announced) for r in begun])
    return len(moved)


def _moved(rates: Iterable[Rate], wrong: set[datetime], now: datetime) -> list[Rate]:
    """The rates of one series that change, each ending where a later one begins."""
    moved = []
    next_begin: datetime | None = None
    for rate in reversed(_in_order(rates)):
        before = rate.valid_from, rate.valid_to, rate.announced
        is_empty = rate.valid_to is not None and rate.valid_from == rate.valid_to
        if rate.valid_from in wrong:
            rate.valid_from = now
        if is_empty:
            rate.valid_to = rate.valid_from
        else:
            end = now if rate.valid_to in wrong else rate.valid_to
            end = min((at for at in (end, next_begin) if at), default=None)
            rate.valid_to = max(end, rate.valid_from) if end and rate.valid_from else end
            if rate.valid_to is None or rate.valid_to != rate.valid_from:
                next_begin = rate.valid_from
        # Seen to hold only by the clock that was ahead.
        rate.announced = rate.announced or bool(rate.valid_from and rate.valid_from > now)
        if before != (rate.valid_from, rate.valid_to, rate.announced):
            moved.append(rate)
    return moved


def _in_order(rates: Iterable[Rate]) -> Sequence[Rate]:
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(rates, key=lambda rate: (rate.valid_from or never, rate.id))
