"""Since when a source has stated each of its rules, and rules as JSON. Pure.

A rule applies to endpoints, models and providers that others list: of listings, one with match
logic is a rule. What it states of an endpoint is dated by the rule, whenever the endpoint came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from catalog.claim_dates import began, claims_by_name
from pricing.rates import StatedRate
from sources.base import EndpointRule, Listing, ModelRule, Parsed, ProviderListing

Rule = Listing | EndpointRule
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RuleDates:
    """As `stated_at` and `since` of catalog.Claims."""

    stated_at: datetime
    since: Mapping[str, str] = field(default_factory=dict)


def dated_rules(parsed: Parsed, before: Iterable[Record]) -> dict[int, RuleDates]:
    """The dates of the rules of an answer, by their identity. `before` are those on record."""
    known = {_subject(record): record for record in before if "stated_at" in record}
    return {id(rule): _dates(rule, known, parsed.as_of) for rule in _rules(parsed)}


def joined_dates(rules: Iterable[EndpointRule], dates: Mapping[int, RuleDates]) -> RuleDates | None:
    """The dates of what rules state together, as `sources.rules.joined_rules` joins them."""
    dated = [(rule, dates[id(rule)]) for rule in rules if id(rule) in dates]
    if not dated:
        return None
    since = {
        claim: _began(claim, each, rule).isoformat()
        for rule, each in dated
        for claim in _claims(rule)
    }
    return RuleDates(max(each.stated_at for _, each in dated), since)


def rule_records(parsed: Parsed, dates: Mapping[int, RuleDates]) -> list[Record]:
    """What an answer states of things that others list, as JSON."""
    rules = [
        _record(rule)
        | {
            "stated_at": dates[id(rule)].stated_at.isoformat(),
            "since": dict(dates[id(rule)].since),
        }
        for rule in _rules(parsed)
    ]
    models = [{"models": [*rule.models], **_stated(rule)} for rule in parsed.models]
    providers = [
        {"slug": provider.slug, **_stated(provider)}
        for provider in (parsed.providers if parsed.only_known else ())
    ]
    return [*rules, *models, *providers]


def read_rules(
    source: str, as_of: datetime, records: Iterable[Record]
) -> tuple[Parsed, dict[int, RuleDates]]:
    """What `rule_records` wrote, as an answer, with the dates of its rules."""
    parts: dict[str, list[Any]] = {"listings": [], "rules": [], "models": [], "providers": []}
    dates: dict[int, RuleDates] = {}
    for record in records:
        stated = {
            "facts": record["facts"],
            "evidence": {name: (url, on) for name, (url, on) in record["evidence"].items()},
        }
        if "models" in record:
            parts["models"].append(ModelRule(tuple(record["models"]), **stated))
        elif "slug" in record:
            parts["providers"].append(ProviderListing(record["slug"], **stated))
        else:
            rates = tuple(StatedRate.from_json(rate) for rate in record["rates"])
            rule: Rule
            if "matches" in record:
                subject = record["provider"], record["id"]
                rule = Listing(*subject, rates=rates, matches=record["matches"], **stated)
                parts["listings"].append(rule)
            else:
                named = record["provider"], tuple(record["ids"]), record["pattern"], record["but"]
                rule = EndpointRule(*named, rates=rates, **stated)
                parts["rules"].append(rule)
            since = RuleDates(datetime.fromisoformat(record["stated_at"]), record["since"])
            dates[id(rule)] = since
    rules_alone = Parsed(
        source,
        as_of,
        listings=tuple(parts["listings"]),
        providers=tuple(parts["providers"]),
        rules=tuple(parts["rules"]),
        models=tuple(parts["models"]),
        only_known=bool(parts["providers"]),
    )
    return rules_alone, dates


def _rules(parsed: Parsed) -> list[Rule]:
    return [*(each for each in parsed.listings if each.matches is not None), *parsed.rules]


def _stated(rule: Rule | ModelRule | ProviderListing) -> Record:
    evidence = {name: [*where] for name, where in rule.evidence.items()}
    return {"facts": dict(rule.facts), "evidence": evidence}


def _record(rule: Rule) -> Record:
    stated = _stated(rule) | {"rates": [rate.to_json() for rate in rule.rates]}
    if isinstance(rule, Listing):
        matches = dict(rule.matches or {})
        return {"provider": rule.provider, "id": rule.upstream_id, "matches": matches, **stated}
    ids = [*rule.ids]
    named = {"provider": rule.provider, "ids": ids, "pattern": rule.pattern, "but": rule.but}
    return {**named, **stated}


def _subject(record: Record) -> tuple[Any, ...]:
    if "matches" in record:
        return record["provider"], record["id"]
    return record["provider"], (*record["ids"],), record["pattern"], record["but"]


def _claims(rule: Rule) -> dict[str, Any]:
    return claims_by_name(rule.facts, [rate.to_json() for rate in rule.rates])


def _began(claim: str, dates: RuleDates, rule: Rule) -> datetime:
    return began(claim, stated_at=dates.stated_at, since=dates.since, evidence=rule.evidence)


def _dates(rule: Rule, known: Mapping[Any, Record], as_of: datetime) -> RuleDates:
    record = _record(rule)
    before = known.get(_subject(record))
    if before is None:
        return RuleDates(as_of)
    dates = RuleDates(datetime.fromisoformat(before["stated_at"]), before["since"])
    if {name: before[name] for name in record} == record:
        return dates
    claims = claims_by_name(before["facts"], before["rates"])
    earlier = replace(rule, evidence=before["evidence"])
    return RuleDates(
        as_of,
        {
            claim: _began(claim, dates, earlier).isoformat()
            for claim, value in _claims(rule).items()
            if claim in claims and claims[claim] == value
        },
    )
