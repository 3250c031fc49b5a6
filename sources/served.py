"""The endpoints of models, as the facts and the lifecycle of a model see them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from catalog.json_text import from_json_text
from catalog.models import Model, Provider

_ENDPOINTS = """
SELECT id, model_id, provider_id, upstream_id, variant, snapshot, region, floating,
       lifecycle, deprecated_on, retired_on, missing_since,
       jsonb_strip_nulls(jsonb_build_object(
           'lifecycle', provenance -> 'lifecycle',
           'deprecated_on', provenance -> 'deprecated_on',
           'retired_on', provenance -> 'retired_on'
       ))
FROM catalog_endpoint WHERE model_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class ServedEndpoint:
    """Columns of catalog.Endpoint; `own` is whether its model's creator runs the provider.

    `origins` is the provenance of its lifecycle.
    """

    id: int
    provider: Provider
    own: bool
    origins: dict[str, list[str]]
    upstream_id: str
    variant: str
    snapshot: str
    region: str
    floating: bool
    lifecycle: str
    deprecated_on: str
    retired_on: str
    missing_since: datetime | None


def served_endpoints(models: Mapping[int, Model]) -> dict[int, list[ServedEndpoint]]:
    """The endpoints by model, in the order in which their facts count: the creator's own first."""
    providers = Provider.objects.in_bulk()
    served: dict[int, list[ServedEndpoint]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ENDPOINTS, [[*models]])
        for id_, model_id, provider_id, *columns, origins in cursor.fetchall():
            provider = providers[provider_id]
            own = provider.creator_id == models[model_id].creator_id
            known = {} if origins == "{}" else from_json_text(origins)
            served[model_id].append(ServedEndpoint(id_, provider, own, known, *columns))
    return {id_: _in_order(models[id_], endpoints) for id_, endpoints in served.items()}


def _in_order(model: Model, endpoints: list[ServedEndpoint]) -> list[ServedEndpoint]:
    creator = model.creator.slug

    def rank(endpoint: ServedEndpoint) -> tuple[Any, ...]:
        slug = endpoint.provider.slug
        plain = (bool(endpoint.variant), bool(endpoint.snapshot), len(endpoint.upstream_id))
        return (not endpoint.own, slug != creator, *plain, endpoint.upstream_id, slug)

    return sorted(endpoints, key=rank)
