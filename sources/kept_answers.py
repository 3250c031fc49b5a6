"""The raw answers of sources, kept by the digest of their content."""

import json
import zlib
from collections.abc import Collection, Iterator
from datetime import datetime
from hashlib import sha256

from django.db import connection

from catalog.models import Source
from sources import base
from sources.applied_rules import fingerprint
from sources.models import WAITING, KeptAnswer, Refresh

# Different answers a source, beside the one that the catalog holds and the one that is held.
KEPT_ANSWERS = 8

_COVERED = """
    SELECT concat_ws(' ', (SELECT concat_ws('/', count(*), max(id), count(missing_since))
                           FROM catalog_endpoint),
                          (SELECT concat_ws('/', count(*), max(id)) FROM catalog_model))
"""


def content_of(answer: base.Answer) -> bytes:
    """All pages of an answer in one text: for each a line with path and length, then its body."""
    return b"".join(
        json.dumps([path, len(body)]).encode() + b"\n" + body
        for path, body in sorted(answer.pages.items())
    )


def _pages(content: bytes) -> Iterator[tuple[str, bytes]]:
    start = 0
    while start < len(content):
        end = content.index(b"\n", start)
        path, length = json.loads(content[start:end])
        start = end + 1 + length
        yield path, content[end + 1 : start]


def answer_of(kept: KeptAnswer) -> base.Answer:
    """The answer as an adapter parses it, to the same date of the data."""
    return base.Answer(kept.as_of, dict(_pages(zlib.decompress(kept.packed))))


def digest_of(answer: base.Answer) -> str:
    return sha256(content_of(answer)).hexdigest()


def digest_of_statements(parsed: base.Parsed) -> str:
    """Of all that an answer states of the catalog; live figures are no part of it."""
    in_any_order = sorted(map(repr, (*parsed.listings, *parsed.providers, *parsed.ratings)))
    stated = repr((in_any_order, parsed.rules, parsed.models, sorted(parsed.unread.items())))
    return sha256(stated.encode(errors="replace")).hexdigest()


def rules_of(source: base.Source) -> str:
    """A fingerprint of all that decides what an answer of this source makes of the catalog.

    That is the program, and for a source that covers the endpoints of others which those are.
    """
    rules = fingerprint("answers")
    if not source.covers_others:
        return rules
    with connection.cursor() as cursor:
        cursor.execute(_COVERED)
        (covered,) = cursor.fetchone() or ("",)
    return sha256(f"{rules} {covered}".encode()).hexdigest()


def applied_answer(slug: str) -> KeptAnswer | None:
    """The answer that the catalog holds, without its pages; None after a snapshot."""
    kept = KeptAnswer.objects.filter(source__slug=slug, is_applied=True)
    return kept.defer("packed").first()


def keep_answer(
    source: Source, answer: base.Answer, digest: str, *, as_of: datetime, now: datetime
) -> KeptAnswer:
    """Keep an answer, and of the others the newest ones."""
    content = content_of(answer)
    kept, is_new = KeptAnswer.objects.get_or_create(
        source=source,
        digest=digest,
        defaults={
            "packed": zlib.compress(content),
            "pages": len(answer.pages),
            "size": sum(map(len, answer.pages.values())),
            "as_of": as_of,
            "fetched_at": now,
        },
    )
    if not is_new:
        kept.as_of, kept.fetched_at = as_of, now
        kept.save(update_fields=["as_of", "fetched_at"])
    _prune(source, kept)
    return kept


def _prune(source: Source, newest: KeptAnswer) -> None:
    waiting = Refresh.objects.filter(source=source, state__in=WAITING).values("answer_id")
    others = source.kept_answers.exclude(id=newest.id)
    kept = [*others.values_list("id", flat=True)[: KEPT_ANSWERS - 1]]
    gone = others.filter(is_applied=False).exclude(id__in=kept)
    gone.exclude(id__in=waiting.exclude(answer=None)).delete()


def mark_applied(kept: KeptAnswer, *, rules: str, states: str) -> None:
    """Note that the catalog holds what this answer states, by these rules.

    One that states the same, but for live figures, takes the place of the one before.
    """
    before = kept.source.kept_answers.filter(is_applied=True).exclude(id=kept.id).first()
    kept.source.kept_answers.filter(is_applied=True).exclude(id=kept.id).update(is_applied=False)
    KeptAnswer.objects.filter(id=kept.id).update(is_applied=True, rules=rules, states=states)
    if before and before.states == states:
        Refresh.objects.filter(answer=before).update(answer=kept)
        before.delete()


def none_applied(slugs: Collection[str]) -> None:
    """Note that the data of these sources came in a file."""
    kept = KeptAnswer.objects.filter(source__slug__in=slugs, is_applied=True)
    kept.update(is_applied=False)
