"""The lifecycle of a model's endpoints, for sources.model_stage."""

from collections.abc import Iterable

from catalog.matching.called import NO_SEPARATORS
from catalog.models import Endpoint, Model
from catalog.provider_kinds import DIRECT
from sources.model_stage import EndpointStage


def endpoint_stages(model: Model, ranked: Iterable[tuple[bool, Endpoint]]) -> list[EndpointStage]:
    """From the columns of the endpoints, which hold editors' overrides too."""
    creator, _, name = model.slug.partition("/")
    stages = []
    for own, endpoint in ranked:
        if endpoint.missing_since:
            continue
        direct = endpoint.provider.kind in DIRECT
        last = endpoint.upstream_id.rpartition("/")[2]
        is_named = last.translate(NO_SEPARATORS).lower() == name.translate(NO_SEPARATORS)
        is_plain = not (endpoint.variant or endpoint.snapshot or endpoint.region)
        far = (endpoint.provider.slug != creator, not is_named, not is_plain)
        stages.append(
            EndpointStage(
                voice=sum(4 >> place for place, is_far in enumerate(far) if is_far)
                if own and direct
                else None,
                direct=direct,
                lifecycle=endpoint.lifecycle,
                deprecated_on=endpoint.deprecated_on,
                retired_on=endpoint.retired_on,
                origins=endpoint.provenance,
            )
        )
    return stages
