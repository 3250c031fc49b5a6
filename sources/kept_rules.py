"""Rules of sources that are kept for what others list later: an unread source applies them too."""

from collections.abc import Iterable, Iterator

from catalog.models import Source
from sources.base import Parsed
from sources.models import KeptRules
from sources.rule_dates import RuleDates, dated_rules, read_rules, rule_records


def keep_rules(parsed: Parsed, source: Source) -> dict[int, RuleDates]:
    """Keep the rules of an answer, and return their dates by identity."""
    kept = KeptRules.objects.filter(source=source).first() or KeptRules(source=source)
    before = kept.rules
    dates = dated_rules(parsed, before)
    kept.rules = rule_records(parsed, dates)
    if kept.rules != before:
        kept.save()
    return dates


def kept_rules(*, besides: Iterable[str]) -> Iterator[tuple[Source, Parsed, dict[int, RuleDates]]]:
    """The rules of all sources but some, each as an answer of the date of its source's data."""
    for kept in KeptRules.objects.exclude(source__slug__in=besides).select_related("source"):
        source = kept.source
        if kept.rules and source.as_of:
            yield source, *read_rules(source.slug, source.as_of, kept.rules)
