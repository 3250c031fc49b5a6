"""The states and units of prices in words. Pure."""

from web.reads.prices import Price

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
