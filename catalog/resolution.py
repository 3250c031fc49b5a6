"""What a name means: a model, a provider and candidates among endpoints, with the rules. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from catalog.matching.serving import WHY, Fit

UNKNOWN = "no model of the catalog goes by this name"
SEVERAL = "several models go by this name"
# An endpoint of another id of such a model may be one of another model.
LIKELIEST = "an id of several models, of this one at most providers"
NAMED = "the provider is named"
NO_PROVIDER = "no provider of the catalog goes by the name beside it"
BEGINS = "the name begins with the provider"
FORM = "only this provider writes ids in this form"
ALONE = "only this provider uses this id"
CHOSEN = "the provider is chosen"
CHOSEN_MODEL = "the model is chosen"
NOT_AT_OWN_API = "no provider is named, and its creator's own API is not known to serve it"
ANOTHERS = "no provider is named, and several use this id, but not its creator's own API"
NO_OWN_API = "no provider is named, and its creator has no API of its own"
USUAL_THERE = "the usual provider of such a log serves it"
OWN_API = "no provider is named: its creator's own API, by choice"


class EndpointName(Protocol):
    """What an endpoint is called. `variant` are its serving words, without empty ones."""

    @property
    def endpoint_id(self) -> int: ...
    @property
    def model(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def upstream_id(self) -> str: ...
    @property
    def variant(self) -> frozenset[str]: ...
    @property
    def region(self) -> str: ...
    @property
    def snapshot(self) -> str: ...
    @property
    def gone(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ProviderName:
    """A provider's name, the creator of its own API, and whether it is direct."""

    name: str
    creator: str = ""
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """An endpoint that a name may mean.

    `tier` are serving words of the name that the endpoint does not list: the request is of that
    tier if the endpoint's card states it, and else not of this endpoint. `same_date` is whether
    both state the same date, or none.
    """

    endpoint: EndpointName
    fit: Fit
    tier: str = ""
    same_date: bool = True

    def fits_as(self, other: Candidate) -> bool:
        mine = self.fit, self.tier, self.same_date
        return mine == (other.fit, other.tier, other.same_date)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a name means, as far as known, and by which rules.

    `candidates` are endpoints of the model: first those of the provider by their fit, then others
    that use this very id, then the creator's own, then the rest; direct providers first.
    """

    model: str | None
    provider: str | None
    model_by: str = ""
    provider_by: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def at_provider(self) -> tuple[Candidate, ...]:
        """The candidates of the provider that fit the name best and equally."""
        there = [each for each in self.candidates if each.endpoint.provider == self.provider]
        best = there[0] if there else None
        return tuple(each for each in there if best and each.fits_as(best))

    @property
    def reason(self) -> str:
        fit = [WHY[each.fit] for each in self.at_provider[:1]]
        return "; ".join(filter(None, (self.model_by, self.provider_by, *fit)))


def group_of(fit: Fit, *, there: bool, own: bool) -> int:
    """The place of a candidate among all: its provider and its id before others that may fit."""
    usable = fit < Fit.TIER
    groups = (
        there and fit == Fit.ID,
        there and usable,
        fit == Fit.ID,
        there,
        own and usable,
        usable,
    )
    return groups.index(True) if True in groups else len(groups)
