"""What a request used, counted by meter. Pure: no Django, no clock, no database.

Input means all of the input, cached tokens included; output means all of the output, reasoning
included. A meter that counts a part of another is a part of its number too, as in the reports of
OpenAI and Google (Anthropic reports uncached input, so the reader of its reports adds the cached
tokens to it).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

Number = int | Decimal

# A quintillion of anything is beyond every bill; half a search a request is not.
MOST = 10**18
FINEST = Decimal("1e-9")

_MEDIA = ("audio", "image", "video")

# Which meters count a part of which others: a cached audio token is counted as cached, as audio, as
# input.
PART_OF: dict[str, tuple[str, ...]] = {
    "cache_read": ("input",),
    "cache_write": ("input",),
    "cache_write_1h": ("input",),
    "cache_write_12h": ("input",),
    "search_content": ("input",),
    **{f"input_{kind}": ("input",) for kind in _MEDIA},
    **{
        f"cache_{action}_{kind}": (f"cache_{action}", f"input_{kind}", "input")
        for action in ("read", "write")
        for kind in _MEDIA
    },
    "reasoning": ("output",),
    "citation": ("output",),
    **{f"output_{kind}": ("output",) for kind in _MEDIA},
    "annotation_page": ("page",),
}


class OddUsage(ValueError):
    """A usage that no request can have: `meter` is odd, and `why`."""

    def __init__(self, meter: str, why: str) -> None:
        super().__init__(f"{meter}: {why}")
        self.meter = meter
        self.why = why


@dataclass(frozen=True)
class Usage:
    """Quantities by meter, in the meter's unit (tokens, calls, images …), of one request.

    Made by `Usage.of`, which refuses what cannot be.
    """

    counted: Mapping[str, Decimal]

    @classmethod
    def of(cls, **quantities: Number) -> "Usage":
        """A usage of these quantities; one request, unless `request` is given.

        Raises OddUsage for a quantity that is negative or no number, and for a part larger than its
        whole.
        """
        counted = {slug: _checked(slug, quantity) for slug, quantity in quantities.items()}
        some = {slug: number for slug, number in counted.items() if number or slug == "request"}
        usage = cls({"request": Decimal(1)} | some)
        for slug, number in usage.own.items():
            if number < 0:
                raise OddUsage(slug, f"its parts add up to {-number} more than there is of it")
        return usage

    def __getitem__(self, slug: str) -> Decimal:
        return self.counted.get(slug, Decimal(0))

    @cached_property
    def own(self) -> dict[str, Decimal]:
        """What each meter counts that none of its parts counts: together, every token once."""
        own: dict[str, Decimal] = {}
        wholes = {whole for slug in self.counted for whole in PART_OF.get(slug, ())}
        innermost_first = sorted(
            {*self.counted, *wholes}, key=lambda slug: len(PART_OF.get(slug, ())), reverse=True
        )
        for slug in innermost_first:
            own[slug] = self[slug] - sum(own[part] for part in own if slug in PART_OF.get(part, ()))
        return {slug: own[slug] for slug in in_order(own) if own[slug]}


def in_order(slugs: Iterable[str]) -> list[str]:
    return sorted(slugs, key=_place)


def counts(slug: str, whole: str) -> bool:
    return slug == whole or whole in PART_OF.get(slug, ())


def of_the_prompt(slug: str) -> bool:
    return counts(slug, "input")


def _place(slug: str) -> tuple[int, str]:
    if slug.startswith("cache_read"):
        return 0, slug
    if slug.startswith("cache_write"):
        return 1, slug
    if of_the_prompt(slug):
        return 2, slug
    return (3 if counts(slug, "output") else 4), slug


def _checked(slug: str, quantity: Number) -> Decimal:
    if isinstance(quantity, bool) or not isinstance(quantity, int | Decimal):
        raise OddUsage(slug, f"{quantity!r} is not a whole number or a Decimal")
    number = Decimal(quantity)
    if not number.is_finite() or not 0 <= number <= MOST or number != number.quantize(FINEST):
        raise OddUsage(slug, f"{quantity} is not a quantity")
    return number
