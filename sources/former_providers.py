"""Move what belongs to a former provider to the one that it is a part of now.

The table is catalog.known_providers.FORMER; a slug that it gains is moved at the next refresh.
"""

from collections.abc import Iterable
from datetime import datetime

from agreements.models import PrivateEndpoint
from catalog.known_providers import FORMER, FORMER_ENDINGS
from catalog.models import Endpoint, Model, Override, Provider
from pricing.models import Rate
from sources.provider_winners import settle_providers
from sources.renamed_models import merge_models


def move_former_providers(*, now: datetime) -> set[int]:
    """Move endpoints, claims, history and overrides; the ids of the endpoints to settle anew."""
    touched: set[int] = set()
    order = [*FORMER]
    former = [*Provider.objects.filter(slug__in=FORMER)]
    former.sort(key=lambda provider: order.index(provider.slug))
    for provider in former:
        whole = Provider.objects.filter(slug=FORMER[provider.slug]).first()
        if whole is None:
            touched |= set(provider.endpoints.values_list("id", flat=True))
            Provider.objects.filter(id=provider.id).update(slug=FORMER[provider.slug])
        else:
            touched |= _move_endpoints(provider, whole, now)
            _hand_over(provider.overrides.all(), whole, now)
            PrivateEndpoint.objects.filter(provider=provider).update(provider=whole)
            provider.delete()
    if former:
        merged = Provider.objects.filter(slug__in=FORMER.values())
        settle_providers(merged.values_list("id", flat=True))
    return touched


def _move_endpoints(provider: Provider, whole: Provider, now: datetime) -> set[int]:
    ending = FORMER_ENDINGS.get(provider.slug, "")
    present = {
        endpoint.upstream_id: endpoint for endpoint in whole.endpoints.select_related("model")
    }
    moved = []
    # By the slug of its model, the model of the endpoint that stays in place of one.
    goals: dict[str, str] = {}
    for endpoint in provider.endpoints.select_related("model"):
        endpoint.provider, endpoint.upstream_id = whole, endpoint.upstream_id + ending
        if ending:
            words = {*endpoint.variant.split(","), ending.removeprefix(":")} - {""}
            endpoint.variant = ",".join(sorted(words))
        kept = present.get(endpoint.upstream_id)
        if kept is not None:
            edited = Rate.objects.filter(endpoint=endpoint, by__isnull=False).exists()
            gone, kept = (kept, endpoint) if edited else (endpoint, kept)
            _hand_over(gone.overrides.all(), kept, now)
            gone.relinks.update(endpoint=kept)
            gone.private_rates.update(endpoint=kept)
            goals[gone.model.slug] = kept.model.slug
            Endpoint.objects.filter(id=gone.id).delete()
        if kept in (None, endpoint):
            endpoint.save(update_fields=["provider", "upstream_id", "variant"])
        moved.append(kept or endpoint)
    alone = Model.objects.filter(slug__in=goals, endpoints=None).values_list("slug", flat=True)
    merge_models({slug: goals[slug] for slug in alone}, now)
    return {endpoint.id for endpoint in moved}


def _hand_over(overrides: Iterable[Override], subject: Provider | Endpoint, now: datetime) -> None:
    """Give overrides to another subject; where it has one of its own, theirs is withdrawn."""
    own = set(subject.overrides.filter(withdrawn_at=None).values_list("field", flat=True))
    for override in overrides:
        setattr(override, type(subject).__name__.lower(), subject)
        if override.withdrawn_at is None and override.field in own:
            override.withdrawn_at = now
        override.save()
