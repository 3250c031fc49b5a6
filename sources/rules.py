"""Which rules of a source cover which endpoints and models, and what they state. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from pricing.rates import StatedRate
from sources.base import EndpointRule, Evidence, Listing, ModelRule


def covering_rules(
    rules: Sequence[EndpointRule], upstream_ids: Iterable[str]
) -> dict[str, list[EndpointRule]]:
    """By id, the rules that cover it, in the order of `EndpointRule`: the one that counts last."""
    by_id: dict[str, list[EndpointRule]] = defaultdict(list)
    patterns: list[tuple[re.Pattern[str], re.Pattern[str] | None, EndpointRule]] = []
    for rule in rules:
        for upstream_id in dict.fromkeys(text.lower() for text in rule.ids):
            by_id[upstream_id].append(rule)
        if rule.pattern:
            but = re.compile(rule.but, re.IGNORECASE) if rule.but else None
            patterns.append((re.compile(rule.pattern, re.IGNORECASE), but, rule))
    covering = {}
    for upstream_id in upstream_ids:
        named = by_id.get(upstream_id.lower(), [])
        places = {id(rule) for rule in named}
        found = [
            rule
            for pattern, but, rule in patterns
            if pattern.search(upstream_id)
            and not (but and but.search(upstream_id))
            and id(rule) not in places
        ]
        if found or named:
            covering[upstream_id] = [*found, *named]
    return covering


def joined_rules(rules: Sequence[EndpointRule]) -> Listing:
    """What rules state together; of two, the later one counts."""
    facts: dict[str, Any] = {}
    evidence: dict[str, Evidence] = {}
    rates: dict[Any, list[StatedRate]] = {}
    for rule in rules:
        facts |= {name: _added(name, facts.get(name), value) for name, value in rule.facts.items()}
        # A value without evidence must not keep that of the value which it replaces.
        replaced = rule.facts.keys() | {f"rate.{rate.meter}" for rate in rule.rates}
        evidence = {name: at for name, at in evidence.items() if name not in replaced}
        rates |= _by_series(rule.rates)
        evidence |= rule.evidence
    return Listing(
        provider=rules[0].provider,
        upstream_id="",
        facts=facts,
        rates=tuple(rate for series in rates.values() for rate in series),
        evidence=evidence,
    )


def joined_model_rules(rules: Iterable[ModelRule], slugs: Collection[str]) -> dict[str, ModelRule]:
    """What the rules state of each of these models, in the order of `ModelRule`."""
    joined: dict[str, ModelRule] = {}
    pairs = [(name, rule) for rule in rules for name in rule.models]
    for name, rule in sorted(pairs, key=lambda pair: "*" not in pair[0]):
        covered = [slug for slug in slugs if fnmatchcase(slug, name)] if "*" in name else [name]
        for slug in covered:
            if slug not in slugs:
                continue
            before = joined.get(slug, ModelRule((slug,)))
            evidence = {k: at for k, at in before.evidence.items() if k not in rule.facts}
            joined[slug] = replace(
                before,
                facts={**before.facts, **rule.facts},
                evidence={**evidence, **rule.evidence},
            )
    return joined


def _added(name: str, before: Any, value: Any) -> Any:
    if before and name == "policy_exceptions":
        return [*before, *(sentence for sentence in value if sentence not in before)]
    if before and name == "capabilities":
        return {**before, **value}
    return value


def _by_series(rates: Iterable[StatedRate]) -> dict[Any, list[StatedRate]]:
    series: dict[Any, list[StatedRate]] = defaultdict(list)
    for rate in rates:
        series[rate.meter, rate.terms.family].append(rate)
    return series
