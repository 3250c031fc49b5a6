"""A dozen usages of every key of LiteLLM's cost map, priced by its own calculator and by the
bundled catalog: at the endpoints whose prices all come from that map.

LiteLLM's answers are recorded (record_litellm.py). Where the totals differ there is a reason, each
with a name in EXPLAINED: what is seen as LiteLLM sees it must then cost the same to us. A
difference without a reason fails, and so does a reason that does not occur.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q

from catalog.models import Endpoint
from pricing.models import Rate
from pricing.price import Cost, price
from pricing.rate_cards import all_cards
from pricing.rates import RateCard, StatedRate
from pricing.usage import Usage
from sources.bundle.packages import PACKAGES
from sources.upstreams.litellm.keys import MapKey, identify

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

RECORDED = json.loads(
    gzip.decompress(
        (Path(__file__).parents[1] / "payloads" / "litellm" / "costs.json.gz").read_bytes()
    )
)
INSTANTS = {name: datetime.fromisoformat(at) for name, at in RECORDED["instants"].items()}
TOLERANCE = Decimal("1e-9")
SHARE = 0.96
FEWEST = 7_000


@dataclass(frozen=True)
class Case:
    """A usage at an endpoint, and LiteLLM's price of it."""

    key: str
    name: MapKey
    card: RateCard
    counts: Mapping[str, int]
    tier: str
    size: str
    at: datetime
    theirs: Decimal
    read_as: str

    def ours(self) -> Cost:
        options = dict(self.name.options) | ({"search_context": self.size} if self.size else {})
        usage = Usage.of(**self.counts)
        return price(self.card, usage, at=self.at, tier=self.tier, options=options)

    @property
    def agrees(self) -> bool:
        total = self.ours().total
        return total is not None and abs(total - self.theirs) <= TOLERANCE * max(total, self.theirs)

    @property
    def missing(self) -> set[str]:
        return {unpriced.meter for unpriced in self.ours().unpriced}


def without(case: Case, meter: str) -> Case:
    """The case with a part counted as its plain whole."""
    return replace(case, counts={slug: n for slug, n in case.counts.items() if slug != meter})


def in_the_batch_half(case: Case) -> Case | None:
    missing = case.missing & {"input", "output", "output_image"} if case.tier == "batch" else set()
    kept = [r for r in case.card.rates if r.meter not in missing or r.terms.tier != "batch"]
    halves = [
        replace(rate, amount=rate.amount / 2, terms=replace(rate.terms, tier="batch"))
        for rate in kept
        if rate.meter in missing and rate.amount and not rate.terms.tier
    ]
    return replace(case, card=RateCard((*kept, *halves))) if halves else None


def in_the_batch_plain(case: Case) -> Case | None:
    as_plain = {"cache_write", "input_audio", "output_audio"}
    missing = sorted(case.missing & as_plain) if case.tier == "batch" else []
    return without(case, missing[0]) if missing else None


def in_the_batch_an_hour(case: Case) -> Case | None:
    if case.tier == "batch" and "cache_write_1h" in case.missing:
        written = case.counts["cache_write_1h"]
        five_minutes = without(case, "cache_write_1h")
        return replace(five_minutes, counts={**five_minutes.counts, "cache_write": written})
    return None


def media_at_standard(case: Case) -> Case | None:
    media = {"input_audio", "input_image", "input_video"} & case.counts.keys()
    kept = tuple(r for r in case.card.rates if not (r.meter in media and r.terms.tier == case.tier))
    if case.tier not in ("flex", "priority") or kept == case.card.rates:
        return None
    return replace(case, card=RateCard(kept))


def tier_left_past_a_threshold(case: Case) -> Case | None:
    bands = [r.terms for r in case.card.rates if r.meter == "input" and r.terms.band]
    past = [terms for terms in bands if terms.band.threshold < case.counts["input"]]
    if case.tier in ("flex", "priority") and past and case.tier not in {t.tier for t in past}:
        return replace(case, tier="")
    return None


def row_of_zeros(case: Case) -> Case | None:
    if case.read_as != "gemini/gemini-exp-1206" or not case.card.rates[0].amount:
        return None
    rates = (
        rate if rate.meter == "web_search" else replace(rate, amount=Decimal(0), state="free")
        for rate in case.card.rates
    )
    return replace(case, card=RateCard(tuple(rates)))


def fireworks_without_tiers(case: Case) -> Case | None:
    return replace(case, tier="") if case.tier and case.name.provider == "fireworks-ai" else None


def a_search_a_prompt(case: Case) -> Case | None:
    by_prompt = any(("billed_by", "prompt") in rate.terms.options for rate in case.card.rates)
    if by_prompt and case.counts.get("web_search", 0) > 1:
        return replace(case, counts={**case.counts, "web_search": 1})
    return None


def no_request_fee(case: Case) -> Case | None:
    rates = tuple(rate for rate in case.card.rates if rate.meter != "request")
    return replace(case, card=RateCard(rates)) if rates != case.card.rates else None


def text_as_an_image(case: Case) -> Case | None:
    priced = {rate.meter for rate in case.card.rates if rate.amount}
    if case.tier or "output" not in case.missing or "output_image" not in priced:
        return None
    return replace(case, counts={**case.counts, "output_image": case.counts["output"]})


def costs_nothing(case: Case) -> Case | None:
    missing = case.missing & {"input", "output"} if case.tier != "batch" else set()
    kept = (rate for rate in case.card.rates if rate.meter not in missing)
    free = (StatedRate(meter, Decimal(0), "free") for meter in missing)
    return replace(case, card=RateCard((*kept, *free))) if missing else None


# What differs, by name: the case as LiteLLM sees it, or None where the reason does not apply.
EXPLAINED: dict[str, Callable[[Case], Case | None]] = {
    "gemini-exp-1206 is read as gemini/gemini-exp-1206 there, a row of zeros": row_of_zeros,
    "A tier at Fireworks is priced as the standard one there": fireworks_without_tiers,
    "Past a threshold a tier without a band of its own is left for the standard band there": (
        tier_left_past_a_threshold
    ),
    "Sound and images keep their standard price there in a tier that names only text": (
        media_at_standard
    ),
    "A batch price that is not stated is half of the standard one there": in_the_batch_half,
    "An hour of cache without a price in the batch is billed as five minutes there": (
        in_the_batch_an_hour
    ),
    "A write to the cache, or sound, without a price in the batch is plain text there": (
        in_the_batch_plain
    ),
    "The searches of one prompt of Gemini are one there; here the prompts are counted": (
        a_search_a_prompt
    ),
    "The fee of a request is left out there": no_request_fee,
    "Text of a model that makes images is billed as image tokens there": text_as_an_image,
    "Input or output without a price costs nothing there": costs_nothing,
}


def endpoints() -> dict[tuple[str, str], RateCard]:
    """The endpoints whose prices are all LiteLLM's.

    Without routers, which have no amount, and what the guard of magnitudes holds for an editor.
    """
    at = INSTANTS[""]
    sources: dict[int, set[str]] = defaultdict(set)
    rates = Rate.objects.published().filter(Q(valid_to=None) | Q(valid_to__gt=at))
    for endpoint, source in rates.values_list("endpoint", "source__slug"):
        sources[endpoint].add(source)
    held = {*Rate.objects.filter(held=True).values_list("endpoint", flat=True)}
    cards = all_cards()
    named = Endpoint.objects.values_list("id", "provider__slug", "upstream_id")
    return {
        (provider, upstream_id): cards[endpoint]
        for endpoint, provider, upstream_id in named
        if sources[endpoint] == {"litellm"}
        and endpoint not in held
        and any(rate.amount is not None for rate in cards[endpoint].rates)
    }


@pytest.fixture(scope="module")
def cases(bundled_catalog: None, django_db_blocker: Any) -> list[Case]:
    with django_db_blocker.unblock():
        cards = endpoints()
    found = []
    for answer in RECORDED["answers"]:
        name = identify(answer["key"], answer["provider"])
        card = cards.get((name.provider, name.upstream_id))
        for asked, theirs in answer["costs"] if card else ():
            found.append(
                Case(
                    answer["key"],
                    name,
                    card,
                    asked["counts"],
                    asked.get("tier", ""),
                    asked.get("size", ""),
                    INSTANTS[asked.get("at", "")],
                    Decimal(theirs),
                    answer.get("priced_as", ""),
                )
            )
    return found


@pytest.fixture(scope="module")
def differing(cases: list[Case]) -> list[Case]:
    return [case for case in cases if not case.agrees]


def reasons(case: Case) -> list[str] | None:
    """Why the totals differ, reason upon reason, until they agree; None where no reason is left."""
    seen, named = case, []
    while not named or not seen.agrees:
        untried = ((n, o) for n, why in EXPLAINED.items() if n not in named and (o := why(seen)))
        name, other = next(untried, ("", None))
        if other is None:
            return None
        seen = other
        named.append(name)
    return named


def test_the_recording_is_of_the_release_whose_data_we_ship():
    shipped = {package.name: package.version for package in PACKAGES}
    assert RECORDED["litellm"] == shipped["litellm"]


def test_nearly_all_totals_agree_to_a_billionth(cases, differing):
    assert len(cases) >= FEWEST
    assert 1 - len(differing) / len(cases) >= SHARE


def test_every_other_difference_has_a_reason_and_every_reason_occurs(differing):
    told = [(case, reasons(case)) for case in differing]
    unexplained = [
        f"{case.key} {case.counts} {case.tier}{case.size}: {case.theirs}, here {case.ours().total}"
        for case, named in told
        if named is None
    ]
    assert unexplained == [], "\n".join(unexplained)
    occurring = {name: True for _, named in told for name in named or ()}
    assert occurring.keys() == EXPLAINED.keys(), EXPLAINED.keys() - occurring.keys()


def test_what_is_hard_to_price_is_among_what_agrees(cases, differing):
    apart = {id(case) for case in differing}
    found: Counter[str] = Counter()
    for case in cases:
        if id(case) not in apart:
            found.update(case.counts.keys())
            found[case.tier] += 1
            found[case.size] += 1
            for line in case.ours().lines:
                found["band"] += line.rate.terms.band is not None
                found["inherited"] += line.inherited
    hard = ["batch", "flex", "priority", "low", "high", "band", "inherited", "cache_read"]
    hard += ["cache_write", "cache_write_1h", "input_audio", "output_audio", "reasoning"]
    assert [what for what in hard if found[what] < 10] == []
