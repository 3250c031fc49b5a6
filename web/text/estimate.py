"""An estimate in words: notes on a total, comparisons, reasons for no rank. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from pricing.announced import next_cost_change
from pricing.choices import CostRange
from pricing.estimate import next_band, other_hours
from pricing.media import lack_in_words
from pricing.meters import meter
from pricing.price import Cost
from pricing.ranking import Reason
from pricing.rates import STATES, RateCard, State
from pricing.request import Request
from pricing.terms import Terms
from web.format.figures import plain, tokens
from web.format.terms import in_words
from web.text.announced import change_in_words

_WHY = {
    "plan": "Subscription plans: billed by the month, not by use",
    "local": "Local runtimes: they run on a machine of your own",
    "deferred": "Batch and flex endpoints: they do not answer at once",
    "conditional": "Ids for contributors or a coding plan: not sold to everybody",
    "floating": "Floating ids: they lead to another model some day",
    "purpose": "Made for something else: embeddings, rerankers, pictures, speech, transcripts",
    "tier": "State no price for the {} tier",
    "capability": "Not stated to support {}",
    "option": "State no price for this {}",
    "small": "Too small: the request does not fit their limits",
    "free": (
        "Free of charge: their stated price is zero, and they are not ranked among what is sold"
    ),
    "included": "Included in a plan: not billed by use",
    "dynamic": "Routers: the price depends on the request",
    "not_offered": "Do not sell {}",
    "unknown": "No source states their price for {}",
    "undated": "Their price for {} is not known at that time",
    "currency": "Priced in {}, which is not converted",
    "unrated": "Models that Arena has not rated, or not as high",
    "indirect": "Models at gateways and resellers only",
    "unmeasured": "Not measured: whether they are fast enough is not known",
}
_LACKS = ("makes", "takes", "work")
# The state of a total without a rank, by its reason.
_STATES: dict[str, State] = {
    **{state: state for state in STATES},
    **dict.fromkeys(
        ("local", "deferred", "conditional", "floating", "purpose", "tier"), "not_offered"
    ),
    **dict.fromkeys(("capability", "makes", "takes", "work", "option", "small"), "not_offered"),
    "plan": "included",
    "currency": "unknown",
    "undated": "unknown",
    # They have a price: it is the scope of the ranking that leaves them out.
    "unrated": "priced",
    "indirect": "priced",
    "unmeasured": "priced",
}


def state_of(reason: Reason) -> State:
    return _STATES[reason.kind]


def why_not_ranked(reason: Reason) -> str:
    if reason.kind in _LACKS:
        return lack_in_words(reason.kind, reason.what).replace("do", "Do", 1)
    is_meter = reason.kind in ("unknown", "not_offered", "undated")
    what = meter(reason.what).name.lower() if is_meter else reason.what.replace("-", " ")
    what = what.replace("_", " ") if reason.kind == "option" else what
    return _WHY[reason.kind].format(what or "several currencies")


def shown_choices(words: Iterable[str]) -> list[str]:
    """Words of an option to choose from; “max” in a size leads to no size of its own."""
    return [word for word in words if "xmax" not in word and not word.startswith("maxx")]


def range_note(found: CostRange, missed: Sequence[str]) -> str:
    """depends on size and quality; its size is not among those that are priced apart."""
    if found.is_open:
        return f"depends on {_listed(found.depends_on)}"
    if missed:
        return f"no price states this {_listed(missed)}: the base rate is used"
    return ""


def _listed(names: Sequence[str]) -> str:
    words = [name.replace("_", " ") for name in names]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def compared(amount: Decimal, pinned: Decimal) -> str:
    """Relative to the pinned model: 3.2× cheaper."""
    if not amount or not pinned:
        return "free" if not amount and pinned else ""
    times = max(amount, pinned) / min(amount, pinned)
    if times < Decimal("1.005"):
        return "the same"
    digits = 2 if times < 2 else 1 if times < 100 else 0
    return f"{times:,.{digits}f}× {'cheaper' if amount < pinned else 'dearer'}"


def hours_note(card: RateCard, cost: Cost, at: datetime) -> str:
    """input costs 2× as much 01:00–04:00 UTC. Empty where other hours cost the same."""
    hours = other_hours(card, cost, at)
    if hours is None:
        return ""
    when = in_words(Terms(schedules=hours.schedules)) if hours.schedules else "at other hours"
    return f"at this hour; {meter(hours.meter).name.lower()} costs {_times(hours.times)} {when}"


def band_note(card: RateCard, request: Request) -> str:
    """8 % of headroom before input doubles at 272K. Empty where no band is near."""
    band = next_band(card, request)
    if band is None:
        return ""
    dearer = "doubles" if band.times == 2 else f"costs {_times(band.times)}"
    percent = round(100 * band.headroom)
    name = meter(band.meter).name.lower()
    return f"{percent} % of headroom before {name} {dearer} at {tokens(band.threshold)}"


def announced_note(card: RateCard, request: Request, now: datetime) -> str:
    """This workload doubles on 1 December. Empty where no other price is announced."""
    change = next_cost_change(card, request, now)
    return f"this workload {change_in_words(change, now.date())}" if change else ""


def typical_reasoning(times: Decimal) -> str:
    """1 × its output."""
    return f"{plain(times)} × its output"


def _times(times: Decimal) -> str:
    return f"{plain(times.quantize(Decimal('0.01')))}× as much"
