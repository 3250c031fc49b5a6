"""Curated rules without an effect on the known endpoints, or with another than meant. Pure."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import filter as matching
from itertools import combinations

from sources.base import EndpointRule, ModelRule
from sources.rules import covering_rules
from sources.upstreams.curated.read import CuratedFacts


def rule_complaints(
    facts: CuratedFacts, upstream_ids: Mapping[str, Collection[str]]
) -> Iterator[str]:
    """Dead rules, and rules that a wider one below them overrides; the ids are by provider."""
    rules = {place: rule for place, rule in facts.stated.items() if isinstance(rule, EndpointRule)}
    covered = {
        place: covering_rules([rule], upstream_ids.get(rule.provider, ())).keys()
        for place, rule in rules.items()
    }
    for place, rule in rules.items():
        if not covered[place]:
            yield f"{place}: no endpoint of {rule.provider} in the bundled snapshot is covered."
    patterns = [place for place, rule in rules.items() if rule.pattern]
    for above, below in combinations(patterns, 2):
        one, other = rules[above], rules[below]
        if one.provider == other.provider and covered[above] < covered[below]:
            names = sorted(
                name
                for name in one.facts.keys() & other.facts.keys()
                if name != "policy_exceptions" and one.facts[name] != other.facts[name]
            )
            if names:
                yield (
                    f"{above}: {below} covers more endpoints and overrides its"
                    f" {', '.join(names)}: put it above."
                )


def model_complaints(facts: CuratedFacts, slugs: Collection[str]) -> Iterator[str]:
    """Names in rules about models that no model of the bundled snapshot has."""
    for place, rule in facts.stated.items():
        if isinstance(rule, ModelRule):
            for name in rule.models:
                if name not in slugs and not ("*" in name and matching(slugs, name)):
                    yield f"{place}: no model of the bundled snapshot is “{name}”."
