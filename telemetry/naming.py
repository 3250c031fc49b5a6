"""Which endpoint a series is of: the words of its sender, looked up in the catalog."""

from django.db import transaction

from catalog.known_names import known_names
from catalog.matching.serving import Fit
from catalog.names import Names
from catalog.resolution import Candidate
from catalog.version import catalog_version
from telemetry.models import FoldState, Series

_AT_ONCE = 2000


def endpoint_of(names: Names, provider_name: str, model_name: str) -> int | None:
    """The endpoint that is meant, where the provider is known and one of its endpoints fits best.

    A gateway's route names a host and one of its endpoints: `novita/fp8`.
    """
    host, _, route = provider_name.partition("/")
    provider = provider_name if names.provider(provider_name) else host
    if provider and not names.provider(provider):
        return None
    meaning = names.resolve(model_name, provider, elsewhere=False)
    fitting = [each for each in meaning.at_provider if each.fit < Fit.TIER]
    for is_meant in (_is_in_use, lambda each: route in each.endpoint.variant, _is_plain):
        fitting = [each for each in fitting if is_meant(each)] or fitting
    return fitting[0].endpoint.endpoint_id if len(fitting) == 1 else None


def _is_in_use(candidate: Candidate) -> bool:
    return not candidate.endpoint.gone


def _is_plain(candidate: Candidate) -> bool:
    endpoint = candidate.endpoint
    return not (endpoint.variant or endpoint.region or endpoint.snapshot)


def name_series() -> int:
    """Look up all series but those of an editor, once a version of the catalog; the changed ones.

    A series that comes meanwhile is looked up by the fold.
    """
    version = catalog_version()
    if version and FoldState.objects.filter(named_version=version).exists():
        return 0
    names = known_names()
    changed: dict[int, int | None] = {}
    for series in Series.objects.filter(is_chosen=False).iterator(_AT_ONCE):
        endpoint_id = endpoint_of(names, series.provider_name, series.model_name)
        if endpoint_id != series.endpoint_id:
            changed[series.pk] = endpoint_id
    with transaction.atomic():
        # An editor may have chosen meanwhile.
        unchosen = Series.objects.select_for_update().filter(pk__in=changed, is_chosen=False)
        renamed = list(unchosen)
        for series in renamed:
            series.endpoint_id = changed[series.pk]
        Series.objects.bulk_update(renamed, ["endpoint"], batch_size=_AT_ONCE)
        FoldState.objects.update(named_version=version)
    return len(renamed)
