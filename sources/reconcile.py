"""Bring the catalog to what the sources state: link, keep the claims, settle who wins, record the
rates.

Everything happens in one transaction, so an interrupted load leaves the database as it was, and the
next one completes it. Nothing is written for what did not change.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from catalog.models import Source
from catalog.write_lock import turn
from pricing.models import Rate
from sources.base import Parsed
from sources.base import Source as SourceAdapter
from sources.claims import keep_endpoint_claims, keep_provider_claims
from sources.linking import add_providers, link_endpoints, spoken_for
from sources.registry import SOURCES, TRUST
from sources.winners import Say, of_another_kind, settle, settle_providers


def reconcile(
    answers: Sequence[Parsed], *, now: datetime, say: Say = lambda line: None
) -> Counter[str]:
    """Bring the database to what these sources state; gives what was new and what changed, counted.

    An answer whose data is older than what the database holds of its source is left out.
    """
    counts: Counter[str] = Counter()
    with turn():
        sources = {answer.source: source_row(SOURCES[answer.source]) for answer in answers}
        fresh = [answer for answer in answers if _is_fresh(answer, sources[answer.source])]
        counts["answers older than what is here"] = len(answers) - len(fresh)
        for answer in fresh:
            source = sources[answer.source]
            source.as_of, source.read_at = answer.as_of, now
            source.save(update_fields=["as_of", "read_at"])
        say("linking endpoints to models")
        stated = spoken_for(fresh)
        add_providers(fresh, stated, counts)
        settle_providers(of_another_kind())
        endpoints = link_endpoints(stated, now, counts)
        say("keeping what each source claims")
        touched: set[int] = set()
        for answer in fresh:
            source = sources[answer.source]
            settle_providers(keep_provider_claims(answer, source))
            touched |= keep_endpoint_claims(
                answer, source, stated[answer.source], endpoints, counts
            )
            touched |= set(
                Rate.objects.begun(source, answer.as_of).values_list("endpoint_id", flat=True)
            )
        counts += settle(touched, say=say)
    return +counts


def source_row(source: SourceAdapter) -> Source:
    """The row of a source, made when it is read for the first time."""
    defaults = {
        "name": source.name,
        "url": source.url,
        "licence": source.licence,
        "trust": TRUST.get(source.slug, Source.Trust.CROWD),
    }
    return Source.objects.get_or_create(slug=source.slug, defaults=defaults)[0]


def _is_fresh(answer: Parsed, source: Source) -> bool:
    return source.as_of is None or answer.as_of >= source.as_of
