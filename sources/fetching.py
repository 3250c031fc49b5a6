"""Fetch a source: its answer, whether the catalog holds that already, and of when it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.models import EndpointClaims, Source
from pricing.models import Rate
from sources import base
from sources.base import FetchFailed, Parsed
from sources.clock import TOLERANCE, clock_sentence
from sources.http import open_http
from sources.kept_answers import applied_answer, digest_of
from sources.kept_pages import keep_pages, page_copies
from sources.models import KeptAnswer, Refresh
from sources.own_dates import is_before, own_date, since_when
from sources.page_copies import PageCopies

# How long another source's clock is a witness.
_RECENT = timedelta(hours=3)


class Older(FetchFailed):
    """The answer is older than what is here. The message is a sentence for the operator.

    `parsed` is what it states, for an editor to accept it still.
    """

    def __init__(self, sentence: str, parsed: Parsed | None = None):
        super().__init__(sentence)
        self.parsed = parsed


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer as it came: `digest` is that of its pages, `modified_at` their Last-Modified.

    `clock_off` is how far the clock here is ahead of the source's.
    """

    answer: base.Answer
    digest: str
    modified_at: datetime | None
    clock_off: timedelta | None


def fetch(
    source: base.Source, record: Refresh, *, now: datetime, spread: bool, keep: bool
) -> Fetched:
    """Fetch an answer; with `keep` its pages stay for the next conditional request.

    So do those of a fetch that ends too early: the next one continues it. Raises FetchFailed.
    """
    row = None if source.is_local else Source.objects.filter(slug=source.slug).first()
    copies = page_copies(row)
    before = PageCopies(dict(copies.known))
    with open_http(source, now=now, copies=copies, spread=spread) as http:
        try:
            answer = source.fetch(http, now=now)
        finally:
            record.clock_off = http.clock_off
            if keep and row:
                keep_pages(row, copies, before)
    if record.clock_off and abs(record.clock_off) > TOLERANCE:
        raise FetchFailed(clock_sentence(source.name, record.clock_off, _witnesses(source, now)))
    return Fetched(answer, digest_of(answer), http.modified_at, http.clock_off)


def _witnesses(source: base.Source, now: datetime) -> Mapping[str, timedelta]:
    """How far the clock here was ahead of the other sources', by name, in the last hours.

    By the clock here: what was recorded before the clock jumped is no witness.
    """
    others = (
        Refresh.objects.exclude(source__slug=source.slug)
        .filter(clock_off__isnull=False, started_at__range=(now - _RECENT, now))
        .order_by("source_id", "-id")
        .distinct("source_id")
        .select_related("source")
    )
    return {other.source.name: other.clock_off for other in others if other.clock_off is not None}


def applied_still(source: base.Source, rules: str, *, now: datetime) -> KeptAnswer | None:
    """The answer that the catalog holds, if to read it again would change nothing.

    Not where the rules are others, or something that it states is due.
    """
    applied = None if source.is_local else applied_answer(source.slug)
    if applied is None or applied.rules != rules or _is_due(applied.source, now):
        return None
    return applied


def _is_due(source: Source, now: datetime) -> bool:
    """Whether a price or a release that the source states for a day has come since it was read."""
    if source.read_at is None or source.read_at > now:
        return True
    claims = EndpointClaims.objects.filter(
        source=source,
        facts__released__gt=source.read_at.date().isoformat(),
        facts__released__lte=now.date().isoformat(),
    )
    begun = Rate.objects.begun(source, now).filter(valid_from__gt=source.read_at)
    return begun.exists() or claims.exists()


@dataclass(frozen=True, slots=True)
class Dated:
    """The date of an answer's data, and when what it changes began.

    `older` is why it is refused as older than what is here, as a sentence, or "".
    """

    own: datetime
    since: datetime
    older: str = ""


def dated(
    parsed: Parsed, fetched: Fetched, *, now: datetime, is_withdrawal: Callable[[], bool]
) -> Dated:
    """Date an answer. An older one than what is here is refused, by the dates that both have.

    Not where `is_withdrawal`: the answer only lacks what the newest date was of.
    """
    source = Source.objects.filter(slug=parsed.source).first()
    applied = applied_answer(parsed.source)
    kept = source.kept_answers.filter(digest=fetched.digest).first() if source else None
    is_latest = kept and (applied is None or kept.as_of >= applied.as_of)
    own = own_date(
        parsed.as_of,
        fetched_at=now,
        modified_at=fetched.modified_at,
        # Content that is back counts from today: a source may return to what it was.
        seen_at=kept.as_of if kept and is_latest else now,
    )
    held = _held(source, applied)
    older = ""
    if source and held and is_before(own, held, now=now) and not is_withdrawal():
        older = (
            f"{source.name} gave data of {own:%Y-%m-%d %H:%M}, which is older than what is here"
            f" ({held:%Y-%m-%d %H:%M}): nothing was changed."
        )
    known = [at for at in (source.as_of, source.fetched_at) if at] if source else []
    until = max((at for at in known if at <= now), default=None)
    since = since_when(own, known_until=until, modified_at=fetched.modified_at, now=now)
    return Dated(own, since, older)


def _held(source: Source | None, applied: KeptAnswer | None) -> datetime | None:
    """The date of the data that is here; None where an earlier version took the time of a fetch."""
    if applied:
        return applied.as_of
    if source is None or (source.fetched_at and not source.kept_answers.exists()):
        return None
    return source.as_of
