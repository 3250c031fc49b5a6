"""Tell data that lost its newest entries from older data."""

from datetime import datetime, timedelta

from catalog.models import Source
from sources import base
from sources.base import WrongShape
from sources.kept_answers import answer_of
from sources.models import KeptAnswer
from sources.own_dates import went_on

# An older copy, such as a cache's, hardly lasts longer.
LASTING = timedelta(hours=6)


def lost_newest(source: base.Source, parsed: base.Parsed, *, now: datetime) -> bool:
    """Whether an answer of an older date goes on from the one that the catalog holds.

    It does where no entry went back, and one has a newer date. Without such an entry all must state
    what they stated, and the source give no other answer for hours.
    """
    kept = KeptAnswer.objects.filter(source__slug=source.slug, is_applied=True).first()
    if kept is None or not parsed.dates:
        return False
    try:
        held = source.parse(answer_of(kept))
    except WrongShape:
        return False
    row = Source.objects.get(slug=source.slug)
    is_lasting = row.fetched_at is not None and row.fetched_at < now - LASTING
    return went_on(held.dates, parsed.dates, is_same=is_lasting and _is_same(held, parsed))


def _is_same(held: base.Parsed, parsed: base.Parsed) -> bool:
    """Whether all listings of an answer are those of the answer before, which may have more."""
    before = {(listing.provider, listing.upstream_id): listing for listing in held.listings}
    return all(
        before.get((listing.provider, listing.upstream_id)) == listing
        for listing in parsed.listings
    )
