"""The states and units of prices in words. Pure."""

from web.format.figures import day_in_full, money_exact, rate, short_day
from web.reads.prices import AnnouncedPrice, Price

WORDS = {"free": "Free", "included": "Included", "not_offered": "Not offered", "dynamic": "Varies"}
BEST = "the lowest of the direct providers"
MEANINGS = {
    "free": "Free: the stated price is zero",
    "included": "Included in a plan, not billed by use",
    "not_offered": "Not offered here",
    "dynamic": "Varies with the request",
    "unknown": "Unknown: no source states this price",
}


# Whether the content that a search finds is billed as input: in short, and in full.
CONTENT = {True: "+ input costs", False: "content included", None: ""}
CONTENT_IN_FULL = {
    True: " + input costs: the content it finds is billed as input too",
    False: ", content included: what it finds is not billed as input",
    None: "",
}


def counted(price: Price) -> str:
    """What an amount buys: million tokens, 1,000 prompts, image."""
    unit = price.unit
    number = {1: "", 1000: "1,000 ", 1_000_000: "million "}.get(unit.per, f"{unit.per:,} ")
    return f"{number}{unit.units if unit.per > 1 else unit.unit}"


def announced_in_short(announced: AnnouncedPrice) -> str:
    """$4.00 from 1 Dec."""
    if announced.amount is not None and announced.state == "priced":
        what = rate(announced.amount, announced.currency)
    else:
        what = WORDS.get(announced.state, "Unknown")
    return f"{what} from {short_day(announced.begins)}"


def then(announced: AnnouncedPrice | None) -> str:
    """In a sentence, after a price: " ($4.00 from 1 December 2026)"; "" where none is announced."""
    if announced is None:
        return ""
    if announced.amount is not None and announced.state == "priced":
        what = money_exact(announced.amount, announced.currency)
    else:
        what = WORDS.get(announced.state, "unknown").lower()
    return f" ({what} from {day_in_full(announced.begins)})"


def announced_in_full(price: Price) -> str:
    """$4.00 per million tokens from 1 December 2026; "" where no other price is announced."""
    announced = price.announced
    if announced is None:
        return ""
    if announced.amount is not None and announced.state == "priced":
        what = f"{money_exact(announced.amount, announced.currency)} per {counted(price)}"
    else:
        what = MEANINGS[announced.state]
    return f"{what} from {day_in_full(announced.begins)}"
