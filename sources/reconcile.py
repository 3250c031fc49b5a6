"""Bring the catalog to what the sources state: link, keep claims, settle winners, record rates.

Everything happens in one transaction: an interrupted load leaves the database as it was, and the
next one completes it. Nothing is written for what did not change.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from catalog.models import EndpointClaims, Provider, Source
from catalog.write_lock import turn
from pricing.models import Rate
from pricing.slips import Watch
from sources import base
from sources.applied_rules import have_changed
from sources.claims import (
    add_claims_of_rules,
    keep_endpoint_claims,
    keep_model_claims,
    keep_provider_claims,
)
from sources.clock import TOLERANCE, not_later
from sources.collector import paused_collector
from sources.earlier_statements import EarlierOf
from sources.former_providers import move_former_providers
from sources.held_dates import NAMED
from sources.kept_rules import keep_rules, kept_rules
from sources.leads import follow_leads
from sources.limits import beyond_columns, provider_beyond_columns
from sources.linking import (
    EndpointListing,
    Key,
    add_providers,
    link_endpoints,
    stated_by,
    stated_by_rules,
)
from sources.named_models import models_that_name_others
from sources.provider_winners import of_another_kind, settle_providers
from sources.registry import all_sources, trust_of
from sources.rule_dates import RuleDates
from sources.seen_changes import SourceReading, seen_providers, settle_noting_changes
from sources.unmatched_names import keep_unmatched
from sources.winners import (
    Progress,
    endpoints_of,
    no_report,
)

# What is counted of skipped rows, and the beginning of what names one.
ROWS_SKIPPED, SKIPPED_OF = "rows skipped", "skipped of "
# By source and endpoint, why its row was skipped; a provider has no id.
Skipped = dict[tuple[str, Key], str]
# Looks at the endpoints that an answer lists before anything of it is written, and raises to refuse
# the answer. Returns endpoints to leave as they are.
Check = Callable[[base.Parsed, Source, Mapping[Key, EndpointListing]], Collection[Key]]


def no_check(
    parsed: base.Parsed, source: Source, listings: Mapping[Key, EndpointListing]
) -> Collection[Key]:
    return ()


@paused_collector()
def reconcile(
    batch: Sequence[base.Parsed],
    *,
    now: datetime,
    report: Progress = no_report,
    check: Check = no_check,
    watch: Watch = Watch.PAST,
    refresh_id: int | None = None,
) -> Counter[str]:
    """Update the database to what these sources state; counts new, changed and skipped endpoints.

    An answer older than the stored data of its source is left out. A row that fits no column is
    skipped, and its source's earlier claims stay. What `refresh_id` changes can be taken back.
    """
    counts: Counter[str] = Counter()
    skipped: Skipped = {}
    with turn():
        known = all_sources()
        sources = {parsed.source: source_row(known[parsed.source]) for parsed in batch}
        first_read = {slug for slug, source in sources.items() if source.as_of is None}
        providers = seen_providers()
        links_anew, winners_anew = have_changed("links"), have_changed("winners")
        fresh = [
            _skip_providers(parsed, skipped)
            for parsed in _newer(batch, sources, now=now, counts=counts)
        ]
        touched = move_former_providers(now=now)
        report("linking endpoints to models")
        earlier = EarlierOf(refresh_id, sources.values())
        dates: dict[int, RuleDates] = {}
        for parsed in fresh:
            dates |= keep_rules(parsed, sources[parsed.source])
        stated = stated_by(fresh, dates)
        left = {
            parsed.source: _left_alone(
                check, parsed, sources[parsed.source], stated[parsed.source], skipped
            )
            for parsed in fresh
        }
        add_providers(stated, counts)
        settle_providers(of_another_kind())
        linked = link_endpoints(stated, now, counts, anew=links_anew)
        touched |= linked.moved
        models = set(linked.left)
        provider_ids: set[int] = set()
        if winners_anew:
            touched |= set(linked.ids.values())
            provider_ids |= set(Provider.objects.values_list("id", flat=True))
        for slug, listings in stated.items():
            for key in listings.keys() - linked.ids.keys():
                if key in linked.beyond:
                    skipped[slug, key] = linked.beyond[key]
                del listings[key]
        report("keeping what each source claims")
        for parsed in fresh:
            source = sources[parsed.source]
            provider_ids |= set(keep_provider_claims(parsed, source))
            models |= set(keep_model_claims(parsed, source))
            earlier.keep(source)
            unread = {key for slug, key in skipped if slug == parsed.source} | left[parsed.source]
            touched |= keep_endpoint_claims(
                *(parsed, source, stated[parsed.source], linked.ids),
                unread=unread,
                counts=counts,
                refresh_id=refresh_id,
            )
            touched |= set(
                Rate.objects.begun(source, parsed.as_of).values_list("endpoint_id", flat=True)
            )
            touched |= _now_released(source, parsed.as_of)
        if linked.new or linked.moved or counts["providers new"]:
            for source, rules, since in kept_rules(besides=stated):
                provider_ids |= set(keep_provider_claims(rules, source))
                models |= set(keep_model_claims(rules, source))
                covered = _covered(rules, linked.new, since)
                touched |= add_claims_of_rules(source, covered, linked.ids, counts)
        touched |= endpoints_of(settle_providers(provider_ids))
        followed, left_models = follow_leads(now, counts)
        touched |= followed
        models |= left_models
        if linked.new or linked.moved or followed:
            models |= models_that_name_others()
        keep_unmatched(linked.doubts, linked.ids, now)
        touched |= _held() if touched else set()
        reading = SourceReading(
            now=now,
            source_id=sources[fresh[0].source].id if len(fresh) == 1 else None,
            first_read=first_read,
            by_rules=links_anew or winners_anew,
            providers=providers,
        )
        counts += settle_noting_changes(
            reading, touched, models=models, report=report, watch=watch, refresh_id=refresh_id
        )
    counts += _named(skipped)
    return +counts


def _covered(
    rules: base.Parsed, new: Iterable[Key], dates: Mapping[int, RuleDates]
) -> dict[Key, EndpointListing]:
    """What the rules of a source state of new endpoints, where it fits."""
    known: dict[str, set[str]] = defaultdict(set)
    for provider, upstream_id in new:
        known[provider].add(upstream_id)
    covered = stated_by_rules(rules, known, dates)
    return {key: row for key, row in covered.items() if not beyond_columns(row.listing)}


def _left_alone(
    check: Check,
    parsed: base.Parsed,
    source: Source,
    listings: dict[Key, EndpointListing],
    skipped: Skipped,
) -> set[Key]:
    """Take out the endpoints that do not fit, and those that the check leaves; the latter's keys.

    The check sees all that the source states: a row that does not fit is no endpoint that is gone.
    Of rows that do not read, those that were here stay as they were; others count as they read.
    """
    left = set(check(parsed, source, listings))
    for key, reason in _unread_rows(parsed, source, listings).items():
        skipped[parsed.source, key] = reason
        listings.pop(key, None)
    for key, row in [*listings.items()]:
        if key in left:
            del listings[key]
        elif reason := beyond_columns(row.listing):
            skipped[parsed.source, key] = reason
            del listings[key]
    return left


def _unread_rows(
    parsed: base.Parsed, source: Source, listings: Mapping[Key, EndpointListing]
) -> dict[Key, str]:
    """By endpoint of which the source stated something until now, why its row does not read."""
    if not parsed.unread:
        return {}
    rows = EndpointClaims.objects.filter(source=source, missing_since=None)
    known = rows.values_list("endpoint__provider__slug", "endpoint__upstream_id")
    unread: dict[Key, str] = {}
    for key in known.iterator(5000):
        listing = listings[key].listing if key in listings else None
        subject = (listing.provider, listing.upstream_id) if listing else key
        reason = parsed.unread.get(subject)
        if reason is None and listing is None:
            reason = parsed.unread.get((key[0], ""))
        if reason is not None:
            unread[key] = f"{reason}; what was stated before stays"
    return unread


def _held() -> set[int]:
    """Endpoints with a price that is held: what others state now may confirm it."""
    held = Rate.objects.waiting().filter(valid_to=None)
    return set(held.values_list("endpoint_id", flat=True))


def _now_released(source: Source, as_of: datetime) -> set[int]:
    """Endpoints without a release date of which the source's had been in the future."""
    claims = EndpointClaims.objects.filter(
        source=source,
        endpoint__released="",
        facts__released__lte=as_of.date().isoformat(),
    ).exclude(facts__released__endswith="-01-01")
    return set(claims.values_list("endpoint_id", flat=True))


def is_older(parsed: base.Parsed, source: Source, now: datetime) -> bool:
    """Whether an answer is older than what is here; a date of the future counts as none."""
    held = source.as_of
    return held is not None and parsed.as_of < held <= now + TOLERANCE


def _newer(
    batch: Sequence[base.Parsed],
    sources: Mapping[str, Source],
    *,
    now: datetime,
    counts: Counter[str],
) -> Iterator[base.Parsed]:
    """The answers that are not older than what is here, none dated in the future."""
    for parsed in batch:
        source = sources[parsed.source]
        if is_older(parsed, source, now):
            counts["answers older than what is here"] += 1
            continue
        if source.as_of and source.as_of > now + TOLERANCE:
            counts["dates of the future dropped"] += 1
        as_of = not_later(parsed.as_of, now)
        if as_of != parsed.as_of:
            counts["answers dated in the future, taken as of now"] += 1
        if source.as_of != as_of or not all_sources()[parsed.source].is_local:
            # To read local data again changes nothing, and so leaves the version of the catalog.
            source.as_of, source.stated_at, source.read_at = as_of, as_of, now
            source.save(update_fields=["as_of", "stated_at", "read_at"])
        yield replace(parsed, as_of=as_of)


def _shown_address(source: base.Source) -> str:
    """What pages link to: of a base the list of models, and no address of a setting."""
    if source.has_set_address:
        return ""
    return f"{source.url}models" if source.url.endswith("/") else source.url


def source_row(source: base.Source) -> Source:
    defaults = {
        "name": source.name,
        "url": _shown_address(source),
        "licence": source.licence,
        "trust": trust_of(source),
    }
    return Source.objects.get_or_create(slug=source.slug, defaults=defaults)[0]


def _skip_providers(parsed: base.Parsed, skipped: Skipped) -> base.Parsed:
    kept = []
    for provider in parsed.providers:
        if reason := provider_beyond_columns(provider):
            skipped[parsed.source, (provider.slug, "")] = reason
        else:
            kept.append(provider)
    return replace(parsed, providers=tuple(kept))


def _named(skipped: Skipped) -> Counter[str]:
    named = Counter({ROWS_SKIPPED: len(skipped)})
    for (slug, (provider, upstream_id)), reason in sorted(skipped.items())[:NAMED]:
        name = f"{provider} {upstream_id}".strip()
        named[f"{SKIPPED_OF}{slug}: {name[:100]}: {reason}"] += 1
    return named
