"""After an upgrade: what our own rules read otherwise is no jump and no loss of a source's."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from pricing.slips import Watch
from sources import base
from sources.base import WrongShape
from sources.held_answers import leaves_others
from sources.kept_answers import answer_of
from sources.models import KeptAnswer, RefreshState
from sources.reconcile import Check, no_check, reconcile


def answer_of_other_rules(source: base.Source, rules: str) -> KeptAnswer | None:
    """The answer that the catalog holds, if it was read by other rules than these.

    The rules of a source that covers the endpoints of others change with those: not asked of it.
    """
    if source.is_local or source.covers_others:
        return None
    kept = KeptAnswer.objects.filter(source__slug=source.slug, is_applied=True)
    return kept.exclude(rules=rules).select_related("source").first()


def check_of(kept: KeptAnswer) -> Check:
    """What an editor left alone of an answer stays so."""
    accepted = kept.refreshes.filter(state=RefreshState.ACCEPTED).first()
    return leaves_others(accepted) if accepted else no_check


def read_anew(
    source: base.Source, kept: KeptAnswer, *, now: datetime, refresh_id: int | None
) -> Counter[str]:
    """Apply a kept answer by the rules of today, so that the next one is compared with that."""
    try:
        parsed = source.parse(answer_of(kept))
    except WrongShape:
        return Counter()
    return reconcile(
        [replace(parsed, as_of=kept.source.as_of or kept.as_of)],
        now=now,
        check=check_of(kept),
        watch=Watch.USUAL,
        refresh_id=refresh_id,
    )
