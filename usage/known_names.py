"""The names that models and providers go by, for the names in usage logs."""

from catalog.models import Alias, Provider
from pricing.endpoint import PricedEndpoints
from usage.names import Names


def names(endpoints: PricedEndpoints) -> Names:
    return Names(
        served=tuple(endpoints.all),
        aliases=dict(Alias.objects.values_list("spelling", "model__slug")),
        providers={
            name.lower(): slug for name, slug in Provider.objects.values_list("name", "slug")
        },
    )
