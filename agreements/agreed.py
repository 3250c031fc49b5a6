"""Agreed rates and private endpoints, in memory until either is written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from agreements.merged_card import merged_card
from agreements.models import PrivateEndpoint, PrivateRate
from catalog.provider_kinds import ProviderKind
from catalog.version import catalog_version
from pricing.endpoint import PricedEndpoint, PricedEndpoints
from pricing.priced_endpoints import priced_endpoints
from pricing.ranking import Ranker
from pricing.rates import RateCard, State, StatedRate
from pricing.terms import Terms

_STATES: dict[str, State] = {"priced": "priced", "free": "free", "included": "included"}
TOPIC = "agreements"
# Place of an endpoint with an agreed price: before the headline, which has place 1.
_FIRST = -1
VIEW = "agreements.view_privaterate"


@dataclass(frozen=True, slots=True)
class AgreedRate:
    """An agreed price, and the contract or reason that it rests on."""

    stated: StatedRate
    why: str


@dataclass(frozen=True, slots=True)
class AgreedEndpoint:
    """A private endpoint with its rates; `provider` is a public provider's slug, or ""."""

    id: int
    model: str
    provider: str
    provider_name: str
    kind: str
    upstream_id: str
    context: int | None
    max_output: int | None
    rates: tuple[AgreedRate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Agreements:
    """`at_public` are agreed rates by the id of a public endpoint."""

    at_public: Mapping[int, tuple[AgreedRate, ...]]
    endpoints: tuple[AgreedEndpoint, ...]

    def __bool__(self) -> bool:
        return bool(self.at_public or self.endpoints)


def agreements() -> Agreements:
    """What is agreed, whatever the time: a rate states its own."""
    version = catalog_version("catalog", TOPIC)
    return _kept(version) if version else _read()


@lru_cache(maxsize=1)
def _kept(version: str) -> Agreements:
    return _read()


def _read() -> Agreements:
    at_public: dict[int, list[AgreedRate]] = defaultdict(list)
    at_private: dict[int, list[AgreedRate]] = defaultdict(list)
    for rate in PrivateRate.objects.order_by("id"):
        stated = StatedRate(
            rate.meter,
            rate.amount,
            _STATES[rate.state],
            Terms.from_json(rate.terms),
            rate.currency,
            rate.valid_from,
            rate.valid_to,
        )
        if rate.endpoint_id:
            at_public[rate.endpoint_id].append(AgreedRate(stated, rate.why))
        elif rate.private_endpoint_id:
            at_private[rate.private_endpoint_id].append(AgreedRate(stated, rate.why))
    endpoints = PrivateEndpoint.objects.select_related("model", "provider", "private_provider")
    return Agreements(
        {endpoint: tuple(rates) for endpoint, rates in at_public.items()},
        tuple(
            AgreedEndpoint(
                endpoint.id,
                endpoint.model.slug,
                endpoint.provider.slug if endpoint.provider else "",
                endpoint.provider_name,
                endpoint.provider.kind if endpoint.provider else ProviderKind.INFERENCE_HOST,
                endpoint.upstream_id,
                endpoint.context_window,
                endpoint.max_output,
                tuple(at_private[endpoint.id]),
            )
            for endpoint in endpoints
        ),
    )


def agreed_ranker(today: date) -> Ranker:
    """Ranks every public endpoint at the agreed prices where there are any, and private ones."""
    version = catalog_version("catalog", TOPIC)
    return _ranker(version, today) if version else Ranker(_in_use(today))


@lru_cache(maxsize=1)
def _ranker(version: str, today: date) -> Ranker:
    return Ranker(_in_use(today))


def _in_use(today: date) -> tuple[PricedEndpoint, ...]:
    agreed, public = agreements(), priced_endpoints(today)
    return (*_private(agreed.endpoints, public), *(_at_agreed(e, agreed) for e in public.in_use))


def _at_agreed(endpoint: PricedEndpoint, agreed: Agreements) -> PricedEndpoint:
    rates = agreed.at_public.get(endpoint.endpoint_id)
    if not rates:
        return endpoint
    card = merged_card(endpoint.card, [rate.stated for rate in rates])
    return replace(endpoint, card=card, list_card=endpoint.card, place=_FIRST)


def _private(
    endpoints: Iterable[AgreedEndpoint], public: PricedEndpoints
) -> Iterable[PricedEndpoint]:
    """Private endpoints, with the facts of their models as any public endpoint has them."""
    by_model = {endpoint.model: endpoint for endpoint in reversed(public.all)}
    for endpoint in endpoints:
        like = by_model.get(endpoint.model)
        if like is None:
            continue
        yield replace(
            like,
            # No public endpoint has such an id.
            endpoint_id=-endpoint.id,
            upstream_id=endpoint.upstream_id,
            variant=frozenset(),
            region="",
            snapshot="",
            context=endpoint.context or like.context,
            max_input=None,
            max_output=endpoint.max_output or like.max_output,
            zdr="",
            training="",
            provider=endpoint.provider,
            provider_name=endpoint.provider_name,
            kind=endpoint.kind,
            gone=False,
            floating=False,
            standing="",
            place=_FIRST,
            cheap_place=None,
            card=RateCard(tuple(rate.stated for rate in endpoint.rates)),
            private=True,
        )
