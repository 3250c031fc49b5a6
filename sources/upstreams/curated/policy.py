"""Curated facts of providers, and the data policy of endpoints that differ from it. Pure."""

from collections.abc import Iterator
from typing import Any

from catalog.data_policy import IN_DOUBT, ZDR, PolicyBasis, Retention, Training
from pricing.rates import StatedRate
from sources.base import EndpointRule, Evidence, ProviderListing
from sources.reading import without_blanks
from sources.upstreams.curated.rows import CuratedRow

LINKS = ("terms_url", "privacy_url", "status_url", "docs_url")
_EVIDENCE = ("source", "checked")
_POLICY = (
    *("training", "retention", "zdr", "basis", "note", "doubt", "elsewhere", "exceptions"),
    *_EVIDENCE,
)
RULE_FIELDS = ("provider", "ids", "pattern", "but", *_EVIDENCE)


def provider_facts(row: CuratedRow) -> Iterator[ProviderListing]:
    row.rest(("provider", "links", "headquarters", "policy"))
    facts: dict[str, Any] = {}
    evidence: dict[str, Evidence] = {}
    if links := row.part("links", (*LINKS, *_EVIDENCE)):
        # Without a source, each address is the evidence of itself.
        at = links.evidence() if "source" in links.record else None
        checked = "" if at else links.day("checked", required=True)
        for name in LINKS:
            address = links.address(name)
            add_known(facts, evidence, {name: address}, at or (address, checked))
    if headquarters := row.part("headquarters", ("country", "note", *_EVIDENCE)):
        country = headquarters.text("country", required=True)
        if country and not (len(country) == 2 and country.isascii() and country.isupper()):
            headquarters.complain(f"country is “{country}”, and no code of two capital letters")
        stated = {"headquarters": country, "headquarters_note": headquarters.text("note")}
        add_known(facts, evidence, stated, headquarters.evidence())
    if policy := row.part("policy", _POLICY):
        add_known(facts, evidence, _policy_facts(policy), policy.evidence())
    yield ProviderListing(row.provider(), facts, evidence)


def endpoint_policy_rules(row: CuratedRow) -> Iterator[EndpointRule]:
    row.rest((*RULE_FIELDS, *_POLICY))
    facts: dict[str, Any] = {}
    evidence: dict[str, Evidence] = {}
    add_known(facts, evidence, _policy_facts(row), row.evidence())
    yield endpoint_rule(row, facts, evidence)


def endpoint_rule(
    row: CuratedRow,
    facts: dict[str, Any],
    evidence: dict[str, Evidence],
    rates: tuple[StatedRate, ...] = (),
) -> EndpointRule:
    """A rule with these facts and rates for the endpoints that a row names by ids or pattern."""
    ids, pattern = row.texts("ids"), row.pattern("pattern")
    if bool(ids) == bool(pattern):
        row.complain("it names its endpoints by ids or by a pattern, one of the two")
    return EndpointRule(
        row.provider(), tuple(ids), pattern, row.pattern("but"), facts, rates, evidence
    )


def add_known(
    facts: dict[str, Any],
    evidence: dict[str, Evidence],
    stated: dict[str, Any],
    at: Evidence | None,
) -> None:
    """Add the stated facts that are not blank, each with this evidence."""
    known = {name: value for name, value in without_blanks(stated).items() if value != ""}
    facts |= known
    if at:
        evidence |= dict.fromkeys(known, at)


def _policy_facts(row: CuratedRow) -> dict[str, Any]:
    """The facts of a policy. What holds for some requests alone is an exception, never a value."""
    retention, days = _retention(row)
    values = {
        "training": row.word("training", Training),
        "retention": retention,
        "retention_days": days,
        "zdr": row.word("zdr", ZDR),
    }
    note, doubt = row.text("note"), row.text("doubt")
    if any(values.values()) and not note:
        row.complain("note is missing: one sentence that the values rest on")
    basis = row.word("basis", PolicyBasis)
    if any(values.values()):
        basis = basis or PolicyBasis.PROVIDER_DEFAULT
    return {
        **values,
        "policy_basis": str(basis),
        "policy_note": f"{note}{IN_DOUBT}{doubt}." if doubt else note,
        "policy_exceptions": [_exception(part) for part in _exceptions(row)],
        "policy_elsewhere": row.texts("elsewhere"),
    }


def _retention(row: CuratedRow) -> tuple[str, int | None]:
    """`days:30` is a number of days; the other words are those of the vocabulary."""
    word, _, days = row.text("retention").partition(":")
    if (word == Retention.DAYS) != (days.isascii() and days.isdigit() and int(days or 0) > 0):
        row.complain("retention in days has a number of days behind it, such as days:30")
    elif word and word not in list(Retention):
        row.complain(f"retention is “{word}”, and not one of {', '.join(Retention)}")
    else:
        return word, int(days) if days else None
    return "", None


def _exceptions(row: CuratedRow) -> list[CuratedRow]:
    return row.parts("exceptions", ("when", "note", *_EVIDENCE))


def _exception(part: CuratedRow) -> str:
    part.evidence()
    when, note = part.text("when", required=True), part.text("note", required=True)
    return f"{when}: {note}"
