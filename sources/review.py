"""What an editor decides of an answer: accept or reject a held one, roll back an applied one."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import User

from catalog.changes import Change
from catalog.models import Source
from catalog.write_lock import turn
from pricing.slips import Watch
from pricing.withdrawn import withdraw_rates
from sources import base
from sources.base import Parsed
from sources.earlier_claims import put_back
from sources.earlier_statements import put_statements_back
from sources.guard import Difference
from sources.held_answers import content_digest, difference_from_now, leaves_others
from sources.kept_answers import (
    answer_of,
    digest_of_statements,
    mark_applied,
    none_applied,
    rules_of,
)
from sources.linking import Key
from sources.models import WAITING, Refresh, RefreshState
from sources.own_dates import since_when
from sources.provider_winners import settle_providers
from sources.reconcile import reconcile
from sources.registry import all_sources
from sources.winners import endpoints_of, settle

# What a refresh counts of the claims that it changes.
_CLAIMS = ("claims new", "claims changed", "claims no longer made")
APPLIED = (RefreshState.DONE, RefreshState.ACCEPTED)


class ReviewRefused(Exception):
    """The refresh cannot be reviewed so. The message is a sentence for the editor."""


def accept(refresh: Refresh, *, by: User | None, why: str, now: datetime) -> Counter[str]:
    """Apply a held, refused or rejected answer whole, and believe the same content from now on.

    Of one that was refused as older the date becomes the source's, too. Raises ReviewRefused, as
    all functions here do.
    """
    return _accept(refresh, None, by=by, why=why, now=now)


def accept_rows(
    refresh: Refresh, keys: Collection[Key], *, by: User | None, why: str, now: datetime
) -> Counter[str]:
    """Apply what an answer states of these endpoints alone: all others stay as they are."""
    return _accept(refresh, keys, by=by, why=why, now=now)


def reject(refresh: Refresh, *, by: User | None, why: str, now: datetime) -> None:
    """Refuse an answer that waits: the same content does not wait again."""
    with turn():
        row = _reviewable(refresh, *WAITING)
        _note(row, RefreshState.REJECTED, by=by, why=why, now=now)


def roll_back(refresh: Refresh, *, by: User | None, why: str, now: datetime) -> Counter[str]:
    """Return a source to what it stated before a refresh, as if that and all later ones had failed.

    Their rates are withdrawn, and prices that they ended go on. The content of this refresh is
    refused from now on; that of later ones comes back with the next.
    """
    with turn():
        row = _reviewable(refresh, *APPLIED)
        source = row.source
        undone = [*source.refreshes.filter(id__gte=row.id, state__in=APPLIED)]
        if not all(_can_be_undone(one) for one in undone):
            raise ReviewRefused("It, or a later one of this source, came in a file: load another.")
        parsed = _parsed(row) if row.answer else None
        only_known = bool(parsed and parsed.only_known)
        touched = withdraw_rates({one.id for one in undone}, why=f"rolled back: {why}")
        providers: set[int] = set()
        for one in undone:
            touched |= put_back(one.id, source.id, only_known=only_known)
            providers |= put_statements_back(one.id, source)
            is_accepted = one.state == RefreshState.ACCEPTED
            at = one.reviewed_at if is_accepted and one.reviewed_at else one.started_at
            Change.objects.made_by(source.id, at).update(withdrawn=True)
        content = content_digest(parsed) if parsed else ""
        for one in undone:
            one.content = content if one == row else ""
            _note(one, RefreshState.ROLLED_BACK, by=by, why=why, now=now)
        _return_to_date(source, row)
        touched |= endpoints_of(settle_providers(providers))
        counts = settle(touched, watch=Watch.USUAL)
        counts["refreshes rolled back"] = len(undone)
        return +counts


def difference_of(refresh: Refresh) -> Difference:
    """All that a waiting answer changes of what its source states now."""
    return difference_from_now(_parsed(refresh), refresh.source)


def _accept(
    refresh: Refresh, keys: Collection[Key] | None, *, by: User | None, why: str, now: datetime
) -> Counter[str]:
    with turn():
        row = _reviewable(refresh, *WAITING, RefreshState.REJECTED)
        source, parsed = row.source, _parsed(row)
        if source.refreshes.filter(id__gt=row.id, state__in=APPLIED).exists():
            raise ReviewRefused(f"A newer answer of {source.name} has been applied since.")
        assert row.answer is not None
        own = row.answer.as_of
        known = [at for at in (source.as_of, source.fetched_at) if at and at <= now]
        since = since_when(own, known_until=max(known, default=None), modified_at=None, now=now)
        row.difference.pop("accepted", None)
        if keys is not None:
            row.difference["accepted"] = sorted([*key] for key in keys)

        counts = reconcile(
            [replace(parsed, as_of=since)],
            now=now,
            check=leaves_others(row),
            watch=Watch.NOTHING,
            refresh_id=row.id,
        )
        fetched_at = max(filter(None, (source.fetched_at, row.answer.fetched_at)))
        Source.objects.filter(id=source.id).update(
            as_of=own, fetched_at=fetched_at, failing_since=None
        )
        states = digest_of_statements(parsed)
        mark_applied(row.answer, rules=rules_of(_adapter(row)), states=states)
        row.as_of, row.counts, row.error = own, dict(counts), ""
        row.not_expressed = dict(parsed.not_expressed)
        _note(row, RefreshState.ACCEPTED, by=by, why=why, now=now)
        return counts


def _reviewable(refresh: Refresh, *states: RefreshState) -> Refresh:
    """The row as it is now, locked. Raises ReviewRefused for one in another state."""
    row = (
        Refresh.objects.select_for_update(of=("self",)).select_related("source").get(id=refresh.id)
    )
    if row.state not in states:
        wanted = " or ".join(state.label for state in states)
        raise ReviewRefused(f"Refresh {row.id} is {row.get_state_display()}, not {wanted}.")
    if _adapter(row).is_local:
        raise ReviewRefused(f"The data of {row.source.name} comes with the program.")
    return row


def _adapter(refresh: Refresh) -> base.Source:
    return all_sources()[refresh.source.slug]


def _parsed(refresh: Refresh) -> Parsed:
    if refresh.answer is None:
        raise ReviewRefused("Its answer is no longer kept: refresh the source again.")
    return _adapter(refresh).parse(answer_of(refresh.answer))


def _note(row: Refresh, state: RefreshState, *, by: User | None, why: str, now: datetime) -> None:
    if not why.strip():
        raise ReviewRefused("A review needs a reason.")
    row.state, row.reviewed_by, row.reviewed_at, row.why = state, by, now, why.strip()[:500]
    row.save()


def _can_be_undone(refresh: Refresh) -> bool:
    """Whether all that it changed of claims is kept: not of one that came in a file."""
    changed = sum(refresh.counts.get(what, 0) for what in _CLAIMS)
    return not changed or refresh.earlier_claims.exists()


def _return_to_date(source: Source, row: Refresh) -> None:
    """Date the source as before a refresh, and hold the answer of then for the one applied."""
    before = source.refreshes.filter(
        id__lt=row.id, as_of__isnull=False, state__in=(*APPLIED, RefreshState.UNCHANGED)
    ).first()
    if before:
        Source.objects.filter(id=source.id).update(as_of=before.as_of)
    if before and before.answer:
        answer = before.answer
        mark_applied(answer, rules=answer.rules, states=answer.states)
    else:
        none_applied([source.slug])
