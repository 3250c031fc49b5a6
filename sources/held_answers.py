"""Hold an answer whole that changes too much of what its source stated before."""

import json
from collections.abc import Collection, Mapping, Set
from datetime import datetime
from hashlib import blake2b

from catalog.models import EndpointClaims, Source
from pricing.rates import StatedRate
from sources import base
from sources.claims import ListingColumns
from sources.fact_guard import Facts, compare_facts
from sources.guard import Difference, compare
from sources.linking import EndpointListing, Key, stated_by
from sources.models import REVIEWED, Refresh, RefreshState
from sources.reconcile import Check

Statements = tuple[Facts, list[StatedRate]]


class Held(base.FetchFailed):
    """The answer waits for an editor. The message is a sentence for the operator.

    `waiting` is the earlier refresh that already holds the same content.
    """

    def __init__(self, source: str, difference: Difference, content: str, waiting: int | None):
        super().__init__(
            f"The answer of {source} is held for an editor: {'; '.join(difference.reasons)}."
            " The catalog keeps the last good answer."
        )
        self.difference, self.content, self.waiting = difference, content, waiting


class ContentRefused(base.FetchFailed):
    """An editor refused this very content before. The message is a sentence for the operator."""


def check_answer(
    parsed: base.Parsed, source: Source, listings: Mapping[Key, EndpointListing]
) -> Collection[Key]:
    """`sources.reconcile.Check`: compare an answer with what its source stated until now.

    What an editor decided of the same content counts before any limit. Raises Held and
    ContentRefused.
    """
    before = stated_before(source)
    if not before:
        return ()
    difference = _difference(before, listings, at=parsed.as_of)
    reviewed = Refresh.objects.filter(source=source, state__in=REVIEWED).exclude(content="")
    if not (difference.reasons or reviewed.exists()):
        return ()
    content = content_digest(parsed)
    verdict = reviewed.filter(content=content).first()
    if verdict and verdict.state in (RefreshState.REJECTED, RefreshState.ROLLED_BACK):
        raise ContentRefused(
            f"The answer of {source.name} is the one that was {verdict.get_state_display()} on"
            f" {verdict.reviewed_at:%Y-%m-%d %H:%M} ({verdict.why}): nothing was changed."
        )
    if verdict and verdict.state == RefreshState.ACCEPTED:
        return left_alone(verdict, before.keys() | listings.keys())
    if difference.reasons:
        raise Held(source.name, difference, content, verdict.id if verdict else None)
    return ()


def left_alone(accepted: Refresh, keys: Set[Key]) -> Set[Key]:
    """The endpoints that an acceptance row by row leaves as they are."""
    if "accepted" not in accepted.difference:
        return set()
    return keys - {(slug, upstream_id) for slug, upstream_id in accepted.difference["accepted"]}


def leaves_others(accepted: Refresh) -> Check:
    """A check that leaves all endpoints alone but those that an editor accepted."""

    def check(
        parsed: base.Parsed, source: Source, listings: Mapping[Key, EndpointListing]
    ) -> Collection[Key]:
        return left_alone(accepted, stated_before(source).keys() | listings.keys())

    return check


def difference_from_now(parsed: base.Parsed, source: Source) -> Difference:
    """What an answer changes of what its source states now."""
    stated = stated_by([parsed], {})[parsed.source]
    return _difference(stated_before(source), stated, at=parsed.as_of)


def _difference(
    before: Mapping[Key, Statements], listings: Mapping[Key, EndpointListing], *, at: datetime
) -> Difference:
    facts = compare_facts(
        {key: facts for key, (facts, _) in before.items()},
        {key: row.listing.facts for key, row in listings.items()},
    )
    return compare(
        {key: rates for key, (_, rates) in before.items()},
        {key: row.listing.rates for key, row in listings.items()},
        at=at,
        facts=facts,
    )


def stated_before(source: Source) -> dict[Key, Statements]:
    """The facts and rates of every endpoint that a source listed until now."""
    rows = EndpointClaims.objects.filter(source=source, missing_since=None)
    names = ("endpoint__provider__slug", "endpoint__upstream_id", "facts", "rates")
    return {
        (provider, upstream_id): (facts, [StatedRate.from_json(rate) for rate in rates])
        for provider, upstream_id, facts, rates in rows.values_list(*names).iterator(5000)
    }


def content_digest(parsed: base.Parsed) -> str:
    """A digest of all that an answer states of endpoints, whatever its order and bytes."""
    lines = [
        (
            *(listing.provider, listing.upstream_id, json.dumps(listing.matches, sort_keys=True)),
            ListingColumns.of(listing).digest.hex(),
        )
        for listing in parsed.listings
    ]
    lines += [
        (
            rule.provider,
            json.dumps(rule.ids),
            rule.pattern,
            repr((rule.but, rule.facts, rule.rates)),
        )
        for rule in parsed.rules
    ]
    return blake2b(json.dumps(sorted(lines)).encode(), digest_size=16).hexdigest()
