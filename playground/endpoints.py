"""Which endpoints can be called: those that this install has a key for, and can price."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256

from catalog.lifecycle import current_sql, in_use_sql
from catalog.models import Provider
from catalog.sql import rows
from catalog.suitability import why_not_called
from catalog.version import catalog_version
from pricing.most import NoBound, most_it_costs
from pricing.rate_cards import cards_of
from pricing.rates import RateCard
from streaming.access import ApiAccess, NoAccess, provider_access
from streaming.prompts import Prompt

# Longer than any call, so that a price that changes meanwhile is thought of.
LONGEST_CALL = timedelta(minutes=12)
# The output of a call that states no limit; that of a model that reasons includes its reasoning.
USUAL_OUTPUT, USUAL_OUTPUT_OF_REASONING = 4096, 16_384


@dataclass(frozen=True, slots=True)
class CallableEndpoint:
    """An endpoint that can be called. `id` and `provider_id` are None for the demonstration alone.

    `context` and `max_output` are None where no source states them. `retired`: by what sources
    state it has ended, or is listed no more; its provider decides.
    """

    id: int | None
    provider_id: int | None
    provider: str
    provider_name: str
    model: str
    model_name: str
    upstream_id: str
    card: RateCard = field(repr=False)
    access: ApiAccess | None = field(repr=False)
    context: int | None
    max_output: int | None
    takes_images: bool
    reasons: bool
    parameters: frozenset[str]
    zdr: str = ""
    training: str = ""
    released: str = ""
    retired: bool = False

    @property
    def is_demo(self) -> bool:
        return self.access is None

    def output_limit(self, stated: int | None) -> int:
        """The tokens that a call may write: those that its caller states, else the usual ones."""
        usual = USUAL_OUTPUT_OF_REASONING if self.reasons else USUAL_OUTPUT
        return min(stated or usual, self.max_output or stated or usual)

    def most(self, prompt: Prompt, at: datetime) -> Decimal:
        """The most that a call can cost, in USD. Raises NoBound where no limit can be kept."""
        return most_it_costs(
            self.card,
            input_tokens=prompt.most_tokens,
            output_tokens=prompt.max_output,
            begins=at,
            ends=at + LONGEST_CALL,
        )


@dataclass(frozen=True, slots=True)
class NotCalled:
    """Why an endpoint cannot be called, in one sentence, and the variables that would help."""

    provider: str
    provider_name: str
    reason: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    provider_id: int
    provider: str
    provider_name: str
    kind: str
    upstream_id: str
    model: str
    model_name: str
    mode: str
    variant: str
    floating: bool
    modalities_in: list[str]
    modalities_out: list[str]
    parameters: list[str]
    capabilities: list[str]
    context: int | None
    max_output: int | None
    zdr: str
    training: str
    released: str
    retired: bool


_ENDPOINTS = f"""
SELECT endpoint.id, provider.id AS provider_id, provider.slug AS provider,
       provider.name AS provider_name, provider.kind, endpoint.upstream_id, model.slug AS model,
       model.name AS model_name, coalesce(nullif(endpoint.mode, ''), model.mode) AS mode,
       endpoint.variant, endpoint.floating, model.modalities_in, model.modalities_out,
       endpoint.parameters,
       array(SELECT unnest(endpoint.capabilities || model.capabilities)
             EXCEPT SELECT unnest(endpoint.lacks)) AS capabilities,
       coalesce(endpoint.context_window, model.context_window) AS context,
       coalesce(endpoint.max_output, model.max_output) AS max_output,
       endpoint.zdr, endpoint.training, model.released,
       NOT ({in_use_sql("endpoint")} AND {current_sql()}) AS retired
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
LEFT JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
WHERE (%(model)s = '' OR model.slug = %(model)s)
  AND (%(providers)s::text[] IS NULL OR provider.slug = ANY(%(providers)s::text[]))
  AND (%(model)s <> '' OR {in_use_sql("endpoint")} AND {current_sql()})
ORDER BY model.slug, retired, coalesce(price.place, 1000), provider.slug, endpoint.upstream_id
"""  # noqa: S608 - put together from fixed words alone


def endpoints_of(model: str, now: datetime) -> tuple[list[CallableEndpoint], list[NotCalled]]:
    """The endpoints of a model (by slug) that can be called, one a provider, in the usual order,
    retired ones last.

    And why others cannot, one reason a provider.
    """
    version = catalog_version()
    if not version:
        return _endpoints_of(model, now)
    hour = now.replace(minute=0, second=0, microsecond=0)
    called, others = _kept(version, model, hour, _environment())
    return [*called], [*others]


def _environment() -> bytes:
    """What tells one environment from another, without the keys in it."""
    return sha256(repr(sorted(os.environ.items())).encode(errors="replace")).digest()


@lru_cache(maxsize=256)
def _kept(
    _version: str, model: str, hour: datetime, _environment: bytes
) -> tuple[list[CallableEndpoint], list[NotCalled]]:
    """Until the catalog, the hour or the keys change."""
    return _endpoints_of(model, hour)


def _endpoints_of(model: str, now: datetime) -> tuple[list[CallableEndpoint], list[NotCalled]]:
    candidates = _candidates(now, model=model)
    access = _access({candidate.provider for candidate in candidates})
    return _sorted_out(candidates, access, now)


def called_endpoints(now: datetime, *, with_key: bool = True) -> list[CallableEndpoint]:
    """All that can be called, one of a model and provider; without `with_key`, all that could be
    if there were a key for each."""
    answers = _access(None, with_key=with_key)
    access = {slug: answer for slug, answer in answers.items() if isinstance(answer, ApiAccess)}
    return _sorted_out(_candidates(now, providers=[*access]), access, now)[0]


def has_key() -> bool:
    """Whether any provider can be called: else there is the demonstration alone."""
    return any(isinstance(answer, ApiAccess) for answer in _access(None).values())


def _candidates(
    now: datetime, *, model: str = "", providers: Sequence[str] | None = None
) -> list[_Candidate]:
    return rows(
        _Candidate, _ENDPOINTS, model=model, providers=providers, today=now.date().isoformat()
    )


def _access(
    slugs: Collection[str] | None, *, with_key: bool = True
) -> dict[str, ApiAccess | NoAccess]:
    providers = Provider.objects.order_by("slug")
    if slugs is not None:
        providers = providers.filter(slug__in=slugs)
    return {provider.slug: provider_access(provider, with_key=with_key) for provider in providers}


def _sorted_out(
    candidates: Sequence[_Candidate], access: Mapping[str, ApiAccess | NoAccess], now: datetime
) -> tuple[list[CallableEndpoint], list[NotCalled]]:
    cards = cards_of(
        [each.id for each in candidates if isinstance(access.get(each.provider), ApiAccess)]
    )
    called: dict[tuple[str, str], CallableEndpoint] = {}
    reasons: dict[tuple[str, str], NotCalled] = {}
    for candidate in candidates:
        where = candidate.model, candidate.provider
        if where in called:
            continue
        answer = access.get(candidate.provider)
        card = cards.get(candidate.id, RateCard(()))
        if isinstance(answer, NoAccess):
            reasons[where] = NotCalled(
                candidate.provider, candidate.provider_name, answer.reason, answer.variables
            )
        elif why := why_not_called(candidate) or _why_not_priced(card, now):
            reasons.setdefault(where, NotCalled(candidate.provider, candidate.provider_name, why))
        elif answer is not None:
            called[where] = _called(candidate, card, answer)
    return [*called.values()], [reason for where, reason in reasons.items() if where not in called]


def _why_not_priced(card: RateCard, now: datetime) -> str:
    try:
        most_it_costs(card, input_tokens=1, output_tokens=1, begins=now, ends=now + LONGEST_CALL)
    except NoBound as reason:
        return f"It has no price that a limit could be kept with: {reason}."
    return ""


def _called(candidate: _Candidate, card: RateCard, access: ApiAccess) -> CallableEndpoint:
    return CallableEndpoint(
        id=candidate.id,
        provider_id=candidate.provider_id,
        provider=candidate.provider,
        provider_name=candidate.provider_name,
        model=candidate.model,
        model_name=candidate.model_name,
        upstream_id=candidate.upstream_id,
        card=card,
        access=access,
        context=candidate.context,
        max_output=candidate.max_output,
        takes_images="image" in candidate.modalities_in,
        reasons="reasoning" in candidate.capabilities,
        parameters=frozenset(candidate.parameters),
        zdr=candidate.zdr,
        training=candidate.training,
        released=candidate.released,
        retired=candidate.retired,
    )
