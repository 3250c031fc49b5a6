"""Which endpoints are probed: those that this install can call and price, the busiest first."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf
from random import Random

from django.conf import settings

from catalog.lifecycle import current_sql, in_use_sql
from catalog.models import Provider
from catalog.sql import rows
from catalog.suitability import why_not_called
from pricing.rate_cards import cards_of
from pricing.rates import RateCard
from streaming.access import ApiAccess, NoAccess, provider_access
from streaming.prompts import Prompt
from telemetry.models import ProbeRun
from telemetry.probe_budget import NotProbed, delete_old_runs, most_a_probe_costs, spent_on
from telemetry.probe_workload import ProbeWorkload

# Probes of a turn begin within it; the next one is five minutes later.
TURN_SECONDS = 240
EXPIRES_SECONDS = 290
# How far from the middle an interval may be.
JITTER = 0.2
# Fewer samples a day have no median: an endpoint for which the budget is not enough is left out.
LEAST_A_DAY = 6
# The share of a day's budget that may be spent at its beginning.
EARLY = Decimal("0.1")
# A refusal of one endpoint is looked at again after so long.
REFUSED_FOR = timedelta(days=1)
# Refusals that are of a key and not of an endpoint: the provider is left alone for an interval.
_OF_THE_KEY = (401, 429)


@dataclass(frozen=True, slots=True)
class ProbedEndpoint:
    """An endpoint that may be probed, and by which prompt it is called.

    `samples` are calls of one's own traffic lately. `last_at` and `last_status` are of its newest
    probe, `last_outcome` too.
    """

    id: int
    provider_id: int
    provider: str
    provider_name: str
    kind: str
    upstream_id: str
    model: str
    mode: str
    variant: str
    floating: bool
    modalities_out: list[str]
    parameters: list[str]
    capabilities: list[str]
    samples: int
    last_at: datetime | None
    last_status: int | None
    last_outcome: str | None

    def prompt(self, workload: ProbeWorkload, chance: Random) -> Prompt:
        return workload.prompt(
            self.upstream_id,
            chance,
            reasons="reasoning" in self.capabilities,
            takes_temperature="temperature" in self.parameters,
        )

    @property
    def misfit(self) -> str:
        """Why no probe fits it, in one sentence; empty where one does."""
        return why_not_called(self)


# Those with traffic of one's own first, then those that stand for their models, in the order Top.
_ENDPOINTS = f"""
SELECT endpoint.id, provider.id AS provider_id, provider.slug AS provider,
       provider.name AS provider_name, provider.kind, endpoint.upstream_id, model.slug AS model,
       coalesce(nullif(endpoint.mode, ''), model.mode) AS mode, endpoint.variant,
       endpoint.floating, model.modalities_out, endpoint.parameters,
       array(SELECT unnest(endpoint.capabilities || model.capabilities)
             EXCEPT SELECT unnest(endpoint.lacks)) AS capabilities,
       coalesce(traffic.samples, 0) AS samples, newest.began_at AS last_at,
       newest.status AS last_status, newest.outcome AS last_outcome
FROM catalog_endpoint endpoint
JOIN catalog_provider provider ON provider.id = endpoint.provider_id
JOIN catalog_model model ON model.id = endpoint.model_id
LEFT JOIN pricing_pricerow price ON price.endpoint_id = endpoint.id
LEFT JOIN pricing_headline headline ON headline.model_id = model.id
LEFT JOIN LATERAL (
    SELECT uptime_samples + refused + 1 AS samples FROM telemetry_measured
    WHERE endpoint_id = endpoint.id AND origin IN ('traffic', 'prometheus')
    ORDER BY 1 DESC LIMIT 1
) traffic ON true
LEFT JOIN LATERAL (
    SELECT began_at, status, outcome FROM telemetry_proberun
    WHERE endpoint_id = endpoint.id ORDER BY began_at DESC LIMIT 1
) newest ON true
WHERE provider.slug = ANY(%(providers)s)
  AND (%(ids)s::bigint[] IS NULL OR endpoint.id = ANY(%(ids)s::bigint[]))
  AND {in_use_sql("endpoint")} AND {current_sql()}
ORDER BY provider.slug, coalesce(traffic.samples, 0) DESC, coalesce(price.place, 1000) = 1 DESC,
         coalesce(headline.folded, 'x') = '' DESC, coalesce(headline.top, 1000000),
         coalesce(price.place, 1000), endpoint.upstream_id
"""  # noqa: S608 - put together from fixed words alone


@dataclass(frozen=True, slots=True)
class ProbeChoice:
    """What can be probed by this install, and what cannot and why.

    `endpoints` have their rate cards beside them; `refused` have one sentence each.
    """

    access: Mapping[str, ApiAccess]
    without: Sequence[NoAccess]
    endpoints: Sequence[tuple[ProbedEndpoint, RateCard]]
    refused: Sequence[tuple[ProbedEndpoint, str]]


def workload() -> ProbeWorkload:
    return ProbeWorkload(
        words=settings.PROBE_WORDS,
        tokens=settings.PROBE_TOKENS,
        temperature=settings.PROBE_TEMPERATURE,
        region=settings.PROBE_REGION,
        minutes=settings.PROBE_MINUTES,
    )


def probe_choice(
    now: datetime, *, ids: Collection[int] | None = None, every: bool = False
) -> ProbeChoice:
    """As many endpoints of each provider as the settings allow; or these, or every one."""
    most_number = inf if every or ids is not None else settings.PROBE_ENDPOINTS
    answers = [provider_access(provider) for provider in Provider.objects.order_by("slug")]
    access = {answer.provider: answer for answer in answers if isinstance(answer, ApiAccess)}
    candidates = rows(
        ProbedEndpoint,
        _ENDPOINTS,
        providers=[*access],
        ids=None if ids is None else [*ids],
        today=now.date().isoformat(),
    )
    cards = cards_of([endpoint.id for endpoint in candidates])
    chosen: list[tuple[ProbedEndpoint, RateCard]] = []
    refused: list[tuple[ProbedEndpoint, str]] = []
    number: dict[str, int] = {}
    needed: dict[str, Decimal] = {}
    models: set[tuple[str, str]] = set()
    for endpoint in candidates:
        if number.get(endpoint.provider, 0) >= most_number:
            continue
        # Another id of the same model, such as a dated one, unless one's own traffic goes there.
        is_another = (endpoint.provider, endpoint.model) in models and not endpoint.samples
        if is_another and most_number < inf:
            continue
        card = cards.get(endpoint.id, RateCard(()))
        try:
            most = _most(endpoint, card, now) * LEAST_A_DAY
        except NotProbed as reason:
            refused.append((endpoint, str(reason)))
            continue
        models.add((endpoint.provider, endpoint.model))
        if most_number < inf and needed.get(endpoint.provider, 0) + most > settings.PROBE_BUDGET:
            refused.append((endpoint, _beyond_the_budget(most)))
            continue
        needed[endpoint.provider] = needed.get(endpoint.provider, Decimal(0)) + most
        chosen.append((endpoint, card))
        number[endpoint.provider] = number.get(endpoint.provider, 0) + 1
    without = [answer for answer in answers if isinstance(answer, NoAccess)]
    return ProbeChoice(access, without, chosen, refused)


def _most(endpoint: ProbedEndpoint, card: RateCard, now: datetime) -> Decimal:
    """The most that a probe of it costs. Raises NotProbed where it fits none, or has no price."""
    if endpoint.misfit:
        raise NotProbed(endpoint.misfit)
    return most_a_probe_costs(card, endpoint.prompt(workload(), Random(0)), now)  # noqa: S311


def _beyond_the_budget(needed: Decimal) -> str:
    return (
        f"{LEAST_A_DAY} probes of it may cost ${needed.normalize():f}, and the budget of the day"
        " holds those of endpoints before it: raise RATECARD_PROBE_BUDGET_USD."
    )


def begin_due(now: datetime, begin: Callable[..., object]) -> None:
    """Begin a probe of each provider, at an instant by chance within the time to the next turn."""
    if settings.PROBE_BUDGET > 0:
        chance = Random()  # noqa: S311 - no secret
        for endpoint in due_endpoints(now, chance):
            begin([endpoint.id], countdown=chance.uniform(0, TURN_SECONDS), expires=EXPIRES_SECONDS)
    delete_old_runs(now)


def due_endpoints(now: datetime, chance: Random) -> Iterator[ProbedEndpoint]:
    """At most one of each provider: that whose probe is most overdue, those never probed first."""
    every = timedelta(minutes=settings.PROBE_MINUTES)
    resting = set(
        ProbeRun.objects.filter(
            began_at__gt=now - every, outcome=ProbeRun.Ending.REFUSED, status__in=_OF_THE_KEY
        ).values_list("provider__slug", flat=True)
    )
    overdue: dict[str, tuple[float, ProbedEndpoint]] = {}
    for endpoint, _ in probe_choice(now).endpoints:
        if endpoint.provider in resting:
            continue
        by = _overdue_by(endpoint, now, every * chance.uniform(1 - JITTER, 1 + JITTER))
        if by >= 0 and by > overdue.get(endpoint.provider, (-1.0, endpoint))[0]:
            overdue[endpoint.provider] = by, endpoint
    for _, endpoint in overdue.values():
        if spent_on(endpoint.provider_id, now) <= settings.PROBE_BUDGET * _share_of_day(now):
            yield endpoint


def _share_of_day(now: datetime) -> Decimal:
    """How much of a day's budget may be spent by now: it lasts until the evening."""
    at = now.astimezone(UTC)
    return min(EARLY + Decimal(at.hour * 60 + at.minute) / (24 * 60), Decimal(1))


def _overdue_by(endpoint: ProbedEndpoint, now: datetime, every: timedelta) -> float:
    """Seconds since a probe is due; negative before."""
    if endpoint.last_at is None:
        return inf
    was_refused = endpoint.last_outcome == ProbeRun.Ending.REFUSED
    pause = REFUSED_FOR if was_refused and endpoint.last_status not in _OF_THE_KEY else every
    return (now - endpoint.last_at - pause).total_seconds()
