"""The standing of a headline's endpoint in words."""

from decimal import Decimal

from catalog.provider_kinds import DIRECT, ProviderKind
from pricing.headline import Standing
from web.format.figures import money_exact
from web.reads.headlines import HeadlineRow, LowerPrice
from web.text.facts import HeadlineFacts
from web.text.prices import counted, then

_IN_SENTENCES = {
    Standing.OWN: "its creator’s own API",
    Standing.DIRECT: "the cheapest direct provider that charges",
    Standing.GATEWAY: "the cheapest gateway that charges",
    Standing.FREE: "",
    Standing.RESELLER: "the cheapest reseller",
}
# Sold by use to everybody, or what the price itself states.
_PLAIN = ("", Standing.OWN, Standing.DIRECT, Standing.FREE, Standing.UNPRICED)


def standing_in_words(row: HeadlineRow) -> str:
    """After the provider's name and a comma: the cheapest gateway that charges. Empty for free."""
    standing = Standing(row.standing)
    return _IN_SENTENCES.get(standing, standing.label)


def with_standing(provider: str, standing: str) -> str:
    """QiHang, gateway: without what needs no word, or what the price beside it states."""
    return provider if standing in _PLAIN else f"{provider}, {Standing(standing).label}"


def at_lower(lower: LowerPrice) -> str:
    """QiHang (gateway): a direct provider is named alone."""
    kind = ProviderKind(lower.kind)
    return lower.provider if kind in DIRECT else f"{lower.provider} ({kind.label})"


def in_short(row: HeadlineFacts) -> str:
    """A headline in a sentence: Input $5.00, output $30.00 per million tokens at OpenAI."""
    sold = [price for price in row.prices if price.state == "priced"]
    if not sold:
        return f"Free of charge at {row.provider}."
    units = [counted(price) for price in sold]
    parts = []
    for price, unit, after in zip(sold, units, [*units[1:], ""], strict=True):
        amount = money_exact(price.amount or Decimal(0), price.currency)
        per = "" if unit == after else f" per {unit}"
        parts.append(f"{price.unit.name.lower()} {amount}{per}{then(price.announced)}")
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]} at {row.provider}."
