"""Ids that wait for an editor, with the models next to them and when sources last listed them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from catalog.matching.nearest import Nearest, NearModel
from catalog.models import EndpointClaims, Model
from sources.models import NameState, UnmatchedName
from web.reads.held_rates import ReviewChoice

# Rows of a page.
MOST = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """The sources that list an endpoint, by name, and when one of them last did."""

    sources: Sequence[str]
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingName:
    """An id that waits. `model` is the one that it has now."""

    name: UnmatchedName
    model: str
    listed: Listed
    candidates: Sequence[NearModel]


def waiting_names(*, provider: str = "", source: str = "") -> list[WaitingName]:
    """The first `MOST`, the newest first."""
    names = _waiting().select_related("endpoint__provider", "endpoint__model", "source")
    if provider:
        names = names.filter(endpoint__provider__slug=provider)
    if source:
        names = names.filter(source__slug=source)
    shown = [*names[:MOST]]
    listed = listed_of({name.endpoint_id for name in shown})
    nearest = nearest_models() if shown else None
    return [
        WaitingName(
            name,
            name.endpoint.model.slug,
            listed.get(name.endpoint_id, Listed((), None)),
            nearest.to(name.endpoint.model.slug) if nearest else (),
        )
        for name in shown
    ]


def nearest_models() -> Nearest:
    """All models with endpoints, those of the most providers first."""
    listed = Model.objects.listed().order_by("-provider_count", "slug")
    return Nearest(listed.values_list("slug", flat=True))


def listed_of(endpoint_ids: Collection[int]) -> Mapping[int, Listed]:
    """By endpoint. A source that still lists it did so when it was last fetched."""
    rows = EndpointClaims.objects.filter(endpoint__in=endpoint_ids, by_rule=False).values_list(
        *("endpoint_id", "source__name", "missing_since", "source__fetched_at", "source__as_of")
    )
    sources: dict[int, list[str]] = defaultdict(list)
    seen: dict[int, list[datetime]] = defaultdict(list)
    for endpoint_id, source, missing_since, fetched_at, as_of in rows:
        sources[endpoint_id].append(source)
        if at := missing_since or fetched_at or as_of:
            seen[endpoint_id].append(at)
    return {
        endpoint_id: Listed(sorted(names), max(seen[endpoint_id], default=None))
        for endpoint_id, names in sources.items()
    }


def unmatched_choices(relation: str) -> list[ReviewChoice]:
    """By a relation of those that wait: endpoint__provider or source."""
    named = _waiting().values_list(f"{relation}__slug", f"{relation}__name")
    counts = named.annotate(count=Count("id")).order_by(f"{relation}__name")
    return [ReviewChoice(*row) for row in counts]


def _waiting() -> QuerySet[UnmatchedName]:
    return UnmatchedName.objects.filter(state=NameState.WAITING)
