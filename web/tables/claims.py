"""Claims beside the figures that are shown: each source's value, since when, and why it differs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.claim_dates import rate_claim
from catalog.witnesses import witness
from pricing.meters import meter, meter_order
from pricing.rates import StatedRate
from pricing.terms import BASE, Terms
from web.format.figures import money_exact, partial_date, thousands
from web.http.page_cache import cached_each
from web.reads.claims import EndpointClaim, ShownFact, endpoint_claims
from web.reads.endpoint_prices import COLUMN_METERS
from web.reads.endpoints import EndpointRecord, endpoints_by_id
from web.reads.prices import Dispute, Disputes, PastPrice, Price
from web.reads.rates import CurrentRate
from web.text.claim_reasons import (
    Circumstances,
    terms_in_short,
    why_another_fact,
    why_another_price,
)
from web.text.facts import alike

# The facts of an endpoint that are compared, in the order of its page.
FACTS = {
    "context_window": "Context",
    "max_input": "Max input",
    "max_output": "Max output",
    "released": "Released",
    "knowledge_cutoff": "Knowledge cutoff",
    "lifecycle": "Lifecycle",
    "deprecated_on": "Deprecated",
    "retired_on": "Retires",
    "quantization": "Quantization",
    "region": "Region",
}
_DATES = {"released", "knowledge_cutoff", "deprecated_on", "retired_on"}
_STATES = {
    "free": "free",
    "included": "included in a plan",
    "dynamic": "varies",
    "not_offered": "not offered",
}


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """What one source states of a figure, and since when; `endpoints` where it is of several."""

    source: str
    value: str
    since: str
    differs: bool
    why: str = ""
    endpoints: int = 1


@dataclass(frozen=True, slots=True)
class ClaimedFigure:
    """A figure with its source and date in words, and every claim of it, the shown one first.

    `differ` of `witnesses` differ: sources with the data of one are one.
    """

    key: str
    label: str
    shown: str
    source: str
    on: str
    url: str
    lines: tuple[ClaimLine, ...]
    differ: int
    witnesses: int

    @property
    def in_short(self) -> str:
        """1 of 3 differs."""
        return self.dispute.replace(" sources", "")

    @property
    def dispute(self) -> str:
        """1 of 3 sources differs; "" where none does."""
        if not self.differ:
            return ""
        return f"{self.differ} of {self.witnesses} sources differ{'s' if self.differ == 1 else ''}"


def _figure(
    key: str, label: str, shown: str, shown_by: tuple[str, str, str], lines: Iterable[ClaimLine]
) -> ClaimedFigure:
    """`shown_by` are name, date and page of the source of what is shown."""
    source, on, url = shown_by
    ordered = sorted(lines, key=lambda line: (line.differs, line.source != source, line.source))
    agree = {witness(line.source) for line in ordered if not line.differs}
    if source:
        agree.add(witness(source))
    differ = {witness(line.source) for line in ordered if line.differs} - agree
    return ClaimedFigure(
        key, label, shown, source, on, url, tuple(ordered), len(differ), len(agree | differ)
    )


def disputes_of(
    endpoint: EndpointRecord, claims: Sequence[EndpointClaim], now: datetime
) -> Disputes:
    """Of the columns of the provider table, by key: those of whose figures sources differ."""
    if len(claims) < 2:
        return ()
    figures = {
        figure.key: figure
        for figure in price_figures(endpoint.rates, claims, now, meters=COLUMN_METERS)
    }
    data_of = {claim.source: claim.data_of for claim in claims}
    listed = [claim for claim in claims if not claim.gone]
    for key, field, value in (
        ("context", "context_window", endpoint.context),
        ("context", "max_output", endpoint.max_output),
        ("released", "released", endpoint.released),
    ):
        if value and not (key in figures and figures[key].differ):
            figures[key] = _fact_figure(
                field, FACTS[field], ShownFact(value, "", ""), listed, data_of
            )
    address = reverse("endpoint", args=[*endpoint.model_slug.split("/"), endpoint.provider_slug])
    where = f"{address}?{urlencode({'id': endpoint.upstream_id})}#claims-{endpoint.id}"
    return tuple(
        (key, Dispute(f"{figure.label}: {figure.dispute}", where))
        for key, figure in figures.items()
        if figure.differ
    )


def _read_disputes(ids: Sequence[int], now: datetime) -> dict[int, Disputes]:
    claims: dict[int, list[EndpointClaim]] = defaultdict(list)
    for claim in endpoint_claims(ids):
        claims[claim.endpoint_id].append(claim)
    return {
        id_: disputes_of(endpoint, claims[id_], now)
        for id_, endpoint in endpoints_by_id(ids).items()
    }


# Reading and comparing all claims of a page of endpoints takes longer than the rest of the page.
disputes_by_id = cached_each(_read_disputes, most=4096)


# Facts ------------------------------------------------------------------------------------------


def fact_in_words(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return thousands(value)
    return partial_date(str(value)) if field in _DATES else str(value)


def same_fact(field: str, value: Any, shown: Any) -> bool:
    """A date of a month does not differ from one of its days."""
    if field in _DATES and value and shown:
        return str(value).startswith(str(shown)) or str(shown).startswith(str(value))
    return bool(value == shown)


def endpoint_facts(
    claims: Sequence[EndpointClaim], shown: Mapping[str, ShownFact]
) -> list[ClaimedFigure]:
    """The facts of one endpoint that any source states; capabilities only where sources differ."""
    listed = [claim for claim in claims if not claim.gone]
    data_of = {claim.source: claim.data_of for claim in listed}
    figures = []
    for field, label in FACTS.items():
        if field in shown and shown[field].value not in (None, ""):
            figures.append(_fact_figure(field, label, shown[field], listed, data_of))
    for field in sorted(field for field in shown if field.startswith("capability.")):
        figure = _fact_figure(field, _label(field), shown[field], listed, data_of)
        if figure.differ:
            figures.append(figure)
    return figures


def _fact_figure(
    field: str,
    label: str,
    shown: ShownFact,
    claims: Iterable[EndpointClaim],
    data_of: Mapping[str, str],
) -> ClaimedFigure:
    lines = []
    for claim in claims:
        value = claim.fact(field)
        if value in (None, ""):
            continue
        differs = not same_fact(field, value, shown.value)
        known = Circumstances(claim.by_pattern, claim.data_of, data_of.get(shown.source, ""))
        why = why_another_fact(field, value, shown.value, claim.facts, known) if differs else ""
        since = partial_date(claim.began(field).date().isoformat())
        lines.append(ClaimLine(claim.source, fact_in_words(field, value), since, differs, why))
    words = fact_in_words(field, shown.value)
    return _figure(field, label, words, (shown.source, shown.on, shown.url), lines)


def model_facts(
    claims: Sequence[EndpointClaim], own: Iterable[int], shown: Mapping[str, ShownFact]
) -> dict[str, ClaimedFigure]:
    """The facts of a model: of each source what it states of the creator's own endpoints (`own`,
    by id, the first one first), else what it states most often. Of the source that is shown it is
    what is shown."""
    first = {id_: place for place, id_ in enumerate(own)}
    by_source: dict[str, list[EndpointClaim]] = defaultdict(list)
    for claim in claims:
        if not claim.gone:
            by_source[claim.source].append(claim)
    data_of = {claim.source: claim.data_of for claim in claims}
    figures = {}
    for field, fact in shown.items():
        label = _label(field)
        if not label or fact.value in (None, ""):
            continue
        lines = []
        for of_source in by_source.values():
            stated = [claim for claim in of_source if claim.fact(field) not in (None, "")]
            if not stated:
                continue
            count = Counter(str(claim.fact(field)) for claim in stated)
            best = min(
                stated,
                key=lambda claim: (
                    claim.source != fact.source
                    or not same_fact(field, claim.fact(field), fact.value),
                    first.get(claim.endpoint_id, len(first)),
                    -count[str(claim.fact(field))],
                    claim.endpoint_id,
                ),
            )
            value = best.fact(field)
            differs = not same_fact(field, value, fact.value)
            elsewhere = bool(first) and best.endpoint_id not in first
            known = Circumstances(best.by_pattern, best.data_of, data_of.get(fact.source, ""))
            why = why_another_fact(field, value, fact.value, best.facts, known) if differs else ""
            lines.append(
                ClaimLine(
                    best.source,
                    fact_in_words(field, value),
                    partial_date(best.began(field).date().isoformat()),
                    differs,
                    why or ("of other providers' endpoints" if differs and elsewhere else ""),
                    count[str(value)],
                )
            )
        words = fact_in_words(field, fact.value)
        figures[field] = _figure(field, label, words, (fact.source, fact.on, fact.url), lines)
    return figures


def _label(field: str) -> str:
    """ "" of a fact whose claims are not shown."""
    kind, _, capability = field.partition(".")
    return capability.replace("-", " ").capitalize() if capability else FACTS.get(kind, "")


# Prices -----------------------------------------------------------------------------------------


def price_figures(
    rates: Sequence[CurrentRate],
    claims: Sequence[EndpointClaim],
    now: datetime,
    *,
    past: Sequence[PastPrice] = (),
    meters: Sequence[str] = (),
) -> list[ClaimedFigure]:
    """The prices of one endpoint that any source states; of `meters` at standard terms alone, if
    any are given."""
    listed = [claim for claim in claims if not claim.gone]
    data_of = {claim.source: claim.data_of for claim in listed}
    stated: dict[tuple[str, Terms], list[tuple[EndpointClaim, StatedRate]]] = defaultdict(list)
    for claim in listed:
        for raw in claim.rates_json:
            if meters and (raw["meter"] not in meters or "terms" in raw):
                continue
            rate = StatedRate.from_json(raw)
            if rate.state != "unknown" and rate.holds_at(now):
                stated[rate.meter, rate.terms].append((claim, rate))
    wanted = [
        rate
        for rate in rates
        if (rate.price.meter, rate.terms) in stated
        and rate.price.state != "unknown"
        and not (meters and rate.terms != BASE)
    ]
    wanted.sort(key=lambda rate: (rate.terms != BASE, meter_order(rate.price.meter)))
    card = [(rate.price.meter, rate.terms, rate.price.amount) for rate in rates]
    figures = []
    for shown in wanted:
        price, terms = shown.price, shown.terms
        lines = [
            _price_line(claim, rate, price, card, past, data_of.get(shown.source, ""))
            for claim, rate in stated[price.meter, terms]
        ]
        label = meter(price.meter).name
        if terms != BASE:
            label = f"{label}, {terms_in_short(terms)}"
        shown_by = shown.source, shown.observed, ""
        figures.append(_figure(price.meter, label, _in_words(price), shown_by, lines))
    return figures


def _price_line(
    claim: EndpointClaim,
    rate: StatedRate,
    shown: Price,
    card: Sequence[tuple[str, Terms, Any]],
    past: Sequence[PastPrice],
    shown_of: str,
) -> ClaimLine:
    own = rate.state, rate.amount, rate.currency
    other = shown.state, shown.amount, shown.currency
    # What a conversion of units leaves is no other price.
    differs = own != other and not (
        rate.amount and shown.amount and own[2] == other[2] and alike(rate.amount, shown.amount)
    )
    why = ""
    if own != other:
        known = Circumstances(claim.by_pattern, claim.data_of, shown_of)
        why = why_another_price(rate, shown.amount, shown.currency, known, card=card, past=past)
    began = claim.began(rate_claim(rate.meter, rate.terms.family))
    since = partial_date(began.date().isoformat())
    return ClaimLine(claim.source, _in_words(rate), since, differs, why)


def _in_words(price: Price | StatedRate) -> str:
    if price.state == "priced" and price.amount is not None:
        return money_exact(price.amount, price.currency)
    return _STATES.get(price.state, price.state)
