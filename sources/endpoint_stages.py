"""The endpoints of a model as its lifecycle sees them."""

from collections.abc import Iterable
from datetime import datetime

from catalog.lifecycle import Lifecycle
from catalog.matching.called import NO_SEPARATORS
from catalog.models import Model
from catalog.provider_kinds import DIRECT
from sources.model_stage import EndpointStage
from sources.served import ServedEndpoint


def voice_of(model: Model, endpoint: ServedEndpoint) -> int | None:
    """Rank of a creator's endpoint by its likeness to the model, 0 first; None for others."""
    if not endpoint.own or endpoint.provider.kind not in DIRECT:
        return None
    creator, _, name = model.slug.partition("/")
    last = endpoint.upstream_id.rpartition("/")[2].lower()
    is_named = last.translate(NO_SEPARATORS) == name.translate(NO_SEPARATORS)
    is_plain = not (endpoint.variant or endpoint.snapshot or endpoint.region or endpoint.floating)
    far = (endpoint.provider.slug != creator, not is_named, not is_plain)
    return sum(4 >> place for place, is_far in enumerate(far) if is_far)


def endpoint_stages(model: Model, endpoints: Iterable[ServedEndpoint]) -> list[EndpointStage]:
    """From the columns of the endpoints, which hold editors' overrides too.

    One that is missing counts no more, unless its end is stated: sources drop what has ended.
    """
    return [
        EndpointStage(
            voice=voice_of(model, endpoint),
            direct=endpoint.provider.kind in DIRECT,
            lifecycle=endpoint.lifecycle,
            deprecated_on=endpoint.deprecated_on,
            retired_on=endpoint.retired_on,
            origins=endpoint.origins,
        )
        for endpoint in endpoints
        if endpoint.missing_since is None
        or endpoint.retired_on
        or endpoint.lifecycle == Lifecycle.RETIRED
    ]


def missing_since(endpoints: Iterable[ServedEndpoint]) -> datetime | None:
    """Since when all endpoints of a model are missing; None while one is listed, or without any."""
    since = [endpoint.missing_since for endpoint in endpoints]
    gone = [at for at in since if at is not None]
    return max(gone) if gone and len(gone) == len(since) else None
