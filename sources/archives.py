"""Archives: what a snapshot brings beside the catalog, of which no refresh knows."""

from collections import Counter
from datetime import datetime

from catalog.models import Endpoint, Source
from pricing.recorded_past import add_past
from sources.base import Parsed
from sources.clock import not_later
from sources.ratings import keep_ratings
from sources.reconcile import source_row
from sources.registry import ARCHIVES
from sources.upstreams.litellm.read import LiteLLM


def keep_archive(parsed: Parsed, *, now: datetime) -> Counter[str]:
    """Add the past of prices and the newest ratings; what is here already is not written again."""
    source = source_row(ARCHIVES[parsed.source])
    as_of = not_later(parsed.as_of, now)
    counts = _add_histories(parsed, as_of)
    is_newest = source.as_of is None or source.as_of <= as_of
    if is_newest and parsed.ratings:
        counts += keep_ratings(parsed.ratings, source, as_of=as_of.date())
    if source.as_of is None or source.as_of < as_of:
        source.as_of, source.read_at = as_of, now
        source.save(update_fields=["as_of", "read_at"])
    return counts


def _add_histories(parsed: Parsed, as_of: datetime) -> Counter[str]:
    recorded = Source.objects.filter(slug=LiteLLM.slug).first()
    if not parsed.histories or recorded is None:
        return Counter()
    rows = Endpoint.objects.values_list("provider__slug", "upstream_id", "id")
    ids = {(provider, upstream_id): id_ for provider, upstream_id, id_ in rows}
    found = {
        ids[key]: history
        for history in parsed.histories
        if (key := (history.provider, history.upstream_id)) in ids
    }
    counts = add_past(found, source_id=recorded.id, as_of=as_of)
    counts["histories of endpoints that are not here"] += len(parsed.histories) - len(found)
    return +counts
