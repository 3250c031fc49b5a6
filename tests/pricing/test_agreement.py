"""Ten thousand random usages over every model of genai-prices, priced by it and by us from the same
data.

Where the totals differ there is a reason, each with a name in EXPLAINED: what is seen as
genai-prices sees it must then cost the same to us. A difference without a reason fails, and so does
a reason that does not occur.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from random import Random

import genai_prices.data
import pytest
from genai_prices import Usage as TheirUsage
from genai_prices.types import ModelInfo, Provider

from catalog.known_providers import GENAI_PARTS, GENAI_PRICES, slug_of
from pricing.price import Cost, UnknownTier, price
from pricing.rates import RateCard, StatedRate
from pricing.usage import Usage
from sources.base import Answer
from sources.bundle.literals import python_data_to_json
from sources.bundle.packages import PACKAGES
from sources.upstreams.genai_prices.read import GenaiPrices

CASES = 10_000
SEED = 20_261_122
TOLERANCE = Decimal("1e-9")
SHARE = 0.88

# What a quantity counts towards, in our words and in theirs: a cached token of audio counts in four
# numbers.
LEAVES: dict[str, tuple[str, str]] = {
    "input": ("input", "input_tokens"),
    "cache_read": ("cache_read input", "cache_read_tokens input_tokens"),
    "cache_write": ("cache_write input", "cache_write_tokens input_tokens"),
    "cache_write_1h": (
        "cache_write_1h input",
        "cache_write_1h_tokens cache_write_tokens input_tokens",
    ),
    "input_audio": ("input_audio input", "input_audio_tokens input_tokens"),
    "input_image": ("input_image input", "input_image_tokens input_tokens"),
    "input_video": ("input_video input", "input_video_tokens input_tokens"),
    "cache_read_audio": (
        "cache_read_audio cache_read input_audio input",
        "cache_audio_read_tokens cache_read_tokens input_audio_tokens input_tokens",
    ),
    "cache_read_image": (
        "cache_read_image cache_read input_image input",
        "cache_image_read_tokens cache_read_tokens input_image_tokens input_tokens",
    ),
    "output": ("output", "output_tokens"),
    "reasoning": ("reasoning output", "output_reasoning_tokens output_tokens"),
    "citation": ("citation output", "output_citation_tokens output_tokens"),
    "output_audio": ("output_audio output", "output_audio_tokens output_tokens"),
    "output_image": ("output_image output", "output_image_tokens output_tokens"),
    "output_video": ("output_video output", "output_video_tokens output_tokens"),
    "web_search": ("web_search", "web_searches"),
    "file_search": ("file_search", "storage_searches"),
    "page": ("page", "input_document_pages"),
    "annotation_page": (
        "annotation_page page",
        "input_annotated_document_pages input_document_pages",
    ),
    "message": ("message", "input_text_messages"),
    "input_character": ("input_character", "input_characters"),
    "audio_hour": ("audio_hour", "audio_seconds"),
    "audio_hour_in": ("audio_hour_in", "input_audio_seconds audio_seconds"),
}
THEIR_KEYS = {key for _, theirs in LEAVES.values() for key in theirs.split()}
SECONDS = 3600
TOKENS = tuple(leaf for leaf, (ours, _) in LEAVES.items() if {"input", "output"} & {*ours.split()})
NOT_TOKENS = tuple(leaf for leaf in LEAVES if leaf not in TOKENS)
SELDOM = {"audio_hour", "audio_hour_in", "citation"}
TIER_WORDS = {"processing", "service_tier", "speed"}

# What they bill a quantity as that has no price of its own: the first of these that has one, else
# nothing.
THEY_BILL_AS = {
    "cache_read": ("input",),
    "cache_write": ("input",),
    "cache_write_1h": ("cache_write", "input"),
    "input_audio": ("input",),
    "input_video": ("input",),
    "cache_read_audio": ("cache_read", "input_audio", "input"),
    "cache_read_image": ("cache_read", "input_image", "input"),
    "citation": ("output",),
    "output_audio": ("output",),
    "output_image": ("output",),
    "output_video": ("output",),
    "annotation_page": ("page",),
    "audio_hour": ("audio_hour_in",),
    "audio_hour_in": ("audio_hour",),
}
# What both bill as another meter where it has no price of its own.
NEEDS_NO_PRICE = {"reasoning": "output", "input_image": "input", "cache_read_image": "cache_read"}


@dataclass(frozen=True)
class Case:
    """A usage of a model: how much of each leaf, asked when and how."""

    provider: Provider
    model: ModelInfo
    card: RateCard
    leaves: dict[str, int]
    at: datetime
    context: dict[str, str]

    @property
    def tier(self) -> str:
        return next((word for name, word in self.context.items() if name in TIER_WORDS), "")

    @property
    def options(self) -> dict[str, str]:
        return {name: word for name, word in self.context.items() if name not in TIER_WORDS}

    def ours(self) -> Cost:
        counted: Counter[str] = Counter()
        for leaf, quantity in self.leaves.items():
            for meter in LEAVES[leaf][0].split():
                counted[meter] += Decimal(quantity) / SECONDS if "audio_hour" in meter else quantity
        usage = Usage.of(**counted)
        return price(self.card, usage, at=self.at, tier=self.tier, options=self.options)

    def theirs(self) -> Decimal:
        counted = Counter(dict.fromkeys(THEIR_KEYS, 0))
        for leaf, quantity in self.leaves.items():
            for key in LEAVES[leaf][1].split():
                counted[key] += quantity
        return self.model.calc_price(
            TheirUsage(**counted),
            self.provider,
            genai_request_timestamp=self.at,
            price_context=self.context,
        ).total_price


def moved(case: Case, leaf: str, target: str | None) -> Case:
    """The case with a leaf's quantity counted as another's, or not at all."""
    leaves = Counter(case.leaves)
    quantity = leaves.pop(leaf)
    if target:
        leaves[target] += quantity
    return replace(case, leaves=dict(leaves))


def without_a_price(case: Case, kinds: set[str], *, free: bool) -> Case | None:
    """The case with the first leaf of these kinds that we cannot price counted as they count it."""
    stated = {rate.meter for rate in case.card.at(case.at).rates}
    missing = {missed.meter for missed in case.ours().unpriced if missed.state == "unknown"}
    for leaf in sorted(missing & kinds):
        target = next((other for other in THEY_BILL_AS.get(leaf, ()) if other in stated), None)
        if free == (target is None):
            return moved(case, leaf, target)
    return None


def bills_as(*kinds: str) -> Callable[[Case], Case | None]:
    return lambda case: without_a_price(case, set(kinds), free=False)


def costs_nothing(*kinds: str) -> Callable[[Case], Case | None]:
    return lambda case: without_a_price(case, set(kinds), free=True)


def tier_as_standard(case: Case) -> Case | None:
    try:
        case.ours()
    except UnknownTier:
        return replace(case, context=case.options)
    return None


def model_without_prices(case: Case) -> Case | None:
    return replace(case, leaves={}) if case.leaves and not case.card.rates else None


def undated_hours(case: Case) -> Case | None:
    undated = tuple(
        replace(r, valid_from=None)
        if r.terms.schedules and r.valid_from and case.at < r.valid_from
        else r
        for r in case.card.rates
    )
    return replace(case, card=RateCard(undated)) if undated != case.card.rates else None


def ten_seconds(case: Case) -> Case | None:
    seconds = case.leaves.get("audio_hour_in", 10)
    if case.provider.id != "groq" or seconds >= 10:
        return None
    longer = Decimal(10) / seconds
    rates = (replace(r, amount=r.amount * longer) for r in case.card.rates if r.amount)
    return replace(
        case, provider=replace(case.provider, id="as ten seconds"), card=RateCard(tuple(rates))
    )


# What differs, by name: the case as genai-prices sees it, or None where the reason does not apply.
EXPLAINED: dict[str, Callable[[Case], Case | None]] = {
    "A tier that is not stated, or not yet, is priced as the standard one there": tier_as_standard,
    "A model without any price costs nothing there": model_without_prices,
    "A cached token without a price of its own is billed as plain input there": bills_as(
        "cache_read", "cache_write", "cache_read_audio", "cache_read_image"
    ),
    "An hour of cache without its own price is billed as five minutes or as input there": bills_as(
        "cache_write_1h"
    ),
    "Audio and video without a price of their own are billed as text there": bills_as(
        "input_audio", "input_video", "output_audio", "output_video"
    ),
    "A picture made without a price of its own is billed as text there": bills_as("output_image"),
    "A citation or annotated page without its own price is billed as any other there": bills_as(
        "citation", "annotation_page"
    ),
    "Audio by the hour has one price there, in whichever direction it goes": bills_as(
        "audio_hour", "audio_hour_in"
    ),
    "What is not counted in tokens costs nothing there without a price": costs_nothing(*NOT_TOKENS),
    "Input or output without a price costs nothing there": costs_nothing(*TOKENS),
    "Hours hold there before the day from which their price does": undated_hours,
    "A request of Groq's Whisper is billed as ten seconds at the least there": ten_seconds,
}


def cards() -> list[tuple[Provider, ModelInfo, RateCard]]:
    """Every model of the package, with the rates that our adapter reads out of the package's own
    file."""
    body = python_data_to_json(Path(genai_prices.data.__file__).read_bytes())
    parsed = GenaiPrices().parse(Answer(datetime(2026, 11, 10, tzinfo=UTC), {"": body}))
    ours = {(listing.provider, listing.upstream_id): listing.rates for listing in parsed.listings}
    return [
        (provider, model, card_of(provider.id, model.id, ours))
        for provider in genai_prices.data.providers
        for model in provider.models
    ]


def card_of(
    provider: str, model: str, ours: dict[tuple[str, str], tuple[StatedRate, ...]]
) -> RateCard:
    """The card of their model; that of a part of a provider is an ending or a tier of ours."""
    whole = slug_of(provider, GENAI_PRICES), "", ""
    slug, ending, tier = GENAI_PARTS.get(provider, whole)
    rates = ours[slug, f"{model}{ending}"]
    if tier:
        rates = tuple(
            replace(rate, terms=replace(rate.terms, tier=""))
            for rate in rates
            if rate.terms.tier == tier
        )
    return RateCard(rates)


def random_leaves(random: Random, card: RateCard) -> dict[str, int]:
    """Much of what has a price, a little of what has none."""
    stated = {rate.meter for rate in card.rates}
    stated |= {part for part, whole in NEEDS_NO_PRICE.items() if whole in stated}
    used = [leaf for leaf in LEAVES if random.random() < (0.6 if leaf in stated else 0.004)]
    leaves = {leaf: random_quantity(random, leaf) for leaf in used}
    bands = sorted({rate.terms.band.threshold for rate in card.rates if rate.terms.band})
    if bands and "input" in stated:
        counted = sum(
            n for leaf, n in leaves.items() if leaf != "input" and "input_tokens" in LEAVES[leaf][1]
        )
        whole = random.choice([*bands, 10**7]) + random.choice((-1, 0, 1))
        leaves["input"] = max(whole - counted, 1)
    return leaves


def random_quantity(random: Random, leaf: str) -> int:
    """Tokens, calls, pages; seconds of audio are a multiple of nine, which is an exact part of an
    hour."""
    if leaf in TOKENS:
        return int(10 ** random.uniform(0, 5))
    return int(10 ** random.uniform(0, 2)) * (9 if "hour" in leaf else 1)


def random_instant(random: Random, card: RateCard) -> datetime:
    starts = [
        rate.valid_from for rate in card.rates if rate.valid_from and rate.valid_from.year < 2028
    ]
    if starts and random.random() < 0.2:
        return random.choice(starts) - random.choice((0, 1)) * timedelta(microseconds=1)
    first = (
        datetime(2026, 10, 14, tzinfo=UTC)
        if random.random() < 0.6
        else datetime(2025, 1, 1, tzinfo=UTC)
    )
    return first + random.random() * (datetime(2028, 1, 1, tzinfo=UTC) - first)


def random_context(random: Random, model: ModelInfo) -> dict[str, str]:
    if random.random() < 0.005:
        return {"service_tier": "turbo"}
    return dict(random.choice([{}, *(variant.when for variant in model.price_variants or ())]))


def how_often(card: RateCard) -> int:
    """What is hard to price is asked for more often than its share of the models."""
    if any(rate.terms.schedules or rate.meter in SELDOM for rate in card.rates):
        return 12
    return 4 if any(rate.terms.band or rate.terms.tier for rate in card.rates) else 1


def random_cases() -> list[Case]:
    random = Random(SEED)
    models = cards()
    priced = [told for told in models if told[2].rates]
    often = [how_often(card) for *_, card in priced]
    told = [*models, *random.choices(priced, often, k=CASES - len(models))]
    return [
        Case(
            provider,
            model,
            card,
            random_leaves(random, card),
            random_instant(random, card),
            random_context(random, model),
        )
        for provider, model, card in told
    ]


def costs(case: Case, theirs: Decimal) -> bool:
    try:
        ours = case.ours().total
    except UnknownTier:
        return False
    return ours is not None and abs(ours - theirs) <= TOLERANCE * max(ours, theirs)


def reasons(case: Case) -> list[str] | None:
    """Why the totals differ, reason upon reason, until they agree; None where no reason is left."""
    theirs, seen, named = case.theirs(), case, []
    while not named or not costs(seen, theirs):
        name, other = next(((n, o) for n, why in EXPLAINED.items() if (o := why(seen))), ("", None))
        if other is None:
            return None
        seen = other
        named.append(name)
    return named


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return random_cases()


@pytest.fixture(scope="module")
def differing(cases: list[Case]) -> list[Case]:
    return [case for case in cases if not costs(case, case.theirs())]


def test_the_other_calculator_is_the_release_whose_data_we_ship():
    shipped = {package.name: package.version for package in PACKAGES}
    assert version("genai-prices") == shipped["genai-prices"]


def test_every_model_is_among_the_cases(cases):
    assert len(cases) == CASES
    assert len({(case.provider.id, case.model.id) for case in cases}) == len(cards())


def test_most_totals_agree_to_a_billionth(cases, differing):
    assert 1 - len(differing) / len(cases) >= SHARE


def test_every_other_difference_has_a_reason_and_every_reason_occurs(differing):
    told = [(case, reasons(case)) for case in differing]
    unexplained = [
        f"{case.provider.id}/{case.model.id} {case.leaves} at {case.at} {case.context}: "
        f"{case.theirs()}"
        for case, named in told
        if named is None
    ]
    assert unexplained == []
    occurring = {name for _, named in told for name in named or ()}
    assert occurring == EXPLAINED.keys()


def test_what_is_hard_to_price_is_among_what_agrees(cases, differing):
    apart = {id(case) for case in differing}
    agreed = [case for case in cases if id(case) not in apart]
    found: Counter[str] = Counter()
    for case in agreed:
        for line in case.ours().lines:
            found["band"] += line.rate.terms.band is not None
            found["hours"] += bool(line.rate.terms.schedules)
            found["tier"] += bool(line.rate.terms.tier)
            found["inherited"] += line.inherited
            found["billed as another"] += line.meter != line.rate.meter
            found["dated"] += bool(line.rate.valid_from)
            found[line.meter] += 1
    hard = ["band", "hours", "tier", "inherited", "billed as another", "dated", "request", *LEAVES]
    assert [what for what in hard if not found[what]] == []
    assert (
        min(found[what] for what in ("band", "tier", "inherited", "cache_read", "cache_write"))
        > 250
    )
