"""Where floating ids lead now: their endpoints follow what a source states of them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.copy_rows import update_rows
from catalog.matching.link import Identity, read
from catalog.models import Endpoint, EndpointClaims, Model
from sources.renamed_models import merge_models

# How an endpoint is linked that a source leads to its model.
BY_LEAD = "leads"


@dataclass(frozen=True, slots=True)
class _Lead:
    endpoint: int
    provider: str
    model: str
    words: str


def follow_leads(now: datetime, counts: Counter[str]) -> tuple[set[int], set[int]]:
    """Move endpoints of floating ids to the models that they lead to.

    The ids of the endpoints that move, and of the models that they left.
    A model of which all floating ids lead to one other is that one's alias from then on.
    """
    leads = _stated()
    if not leads:
        return set(), set()
    models = _Pinned()
    goals = {lead: goal for lead in leads if (goal := models.meant(lead)) not in ("", lead.model)}
    ids = dict(Model.objects.filter(slug__in=set(goals.values())).values_list("slug", "id"))
    moves = [(lead.endpoint, ids[goal], BY_LEAD) for lead, goal in goals.items()]
    update_rows(Endpoint, ("model", "linked_by"), moves)
    counts["floating ids that lead elsewhere"] += len(moves)
    left: dict[str, set[str]] = defaultdict(set)
    for lead, goal in goals.items():
        left[lead.model].add(goal)
    alone = Model.objects.filter(slug__in=left, endpoints=None).values_list("slug", flat=True)
    merge_models({slug: min(left[slug]) for slug in alone if len(left[slug]) == 1}, now)
    departed = Model.objects.filter(slug__in=left).values_list("id", flat=True)
    return {lead.endpoint for lead in goals}, set(departed)


def _stated() -> list[_Lead]:
    """The most trusted statement on each floating id; an editor's link stays."""
    rows = (
        EndpointClaims.objects.filter(
            facts__has_key="leads_to", missing_since=None, endpoint__floating=True
        )
        .exclude(endpoint__linked_by="editor")
        .select_related("source", "endpoint__provider", "endpoint__model")
    )

    def rank(claims: EndpointClaims) -> tuple[Any, ...]:
        return claims.source.trust, claims.dated("leads_to"), claims.source.slug

    leads = {
        claims.endpoint_id: _Lead(
            claims.endpoint_id,
            claims.endpoint.provider.slug,
            claims.endpoint.model.slug,
            claims.facts["leads_to"],
        )
        for claims in sorted(rows, key=rank)
    }
    return [*leads.values()]


class _Pinned:
    """Models with an id that does not float, by id and by the words and numbers of their slug."""

    def __init__(self) -> None:
        rows = Endpoint.objects.filter(floating=False).values_list(
            "provider__slug", "upstream_id", "model__slug"
        )
        self._by_id = {(provider, id_.lower()): slug for provider, id_, slug in rows}
        self._by_identity: dict[Identity, set[str]] = defaultdict(set)
        for slug in set(self._by_id.values()):
            self._by_identity[read("", slug).identity].add(slug)

    def meant(self, lead: _Lead) -> str:
        """The only model that a source's words mean: "creator/id", an id there, or a name."""
        words = "-".join(lead.words.lower().split())
        owner, _, rest = words.partition("/")
        for key in ((owner, rest), (lead.provider, words)):
            if key in self._by_id:
                return self._by_id[key]
        identity = read("", words).identity
        for wanted in (identity, replace(identity, snapshot="")):
            if len(self._by_identity[wanted]) == 1:
                return next(iter(self._by_identity[wanted]))
        return ""
