"""The meters: what is counted, in which unit, and for how many units a price is quoted.

The vocabulary is open: a source may state a meter that is not listed here, and it is kept and shown
under its own name. Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Meter:
    """One thing that is counted.

    `per` is how many units a price of this meter is quoted for: $1.10 of `input` buys 1,000,000
    tokens.
    """

    slug: str
    name: str
    unit: str
    per: int = 1

    @property
    def units(self) -> str:
        """The unit's plural."""
        return plural(self.unit)

    @property
    def short_unit(self) -> str:
        """/M for tokens and /K for calls and searches; others name their unit."""
        many = {MILLION: "M", 1000: "K"}.get(self.per)
        if many is None:
            return f"/{self.unit}"
        usual = self.unit in ("token", "call") or self.slug in SEARCHES
        return f"/{many}" if usual else f"/{many} {self.units}"


_KNOWN = (
    Meter("input", "Input", "token", MILLION),
    Meter("output", "Output", "token", MILLION),
    Meter("cache_read", "Cache read", "token", MILLION),
    Meter("cache_write", "Cache write, 5 minutes", "token", MILLION),
    Meter("cache_write_1h", "Cache write, 1 hour", "token", MILLION),
    Meter("cache_write_12h", "Cache write, 12 hours", "token", MILLION),
    Meter("reasoning", "Reasoning", "token", MILLION),
    Meter("input_audio", "Audio input", "token", MILLION),
    Meter("output_audio", "Audio output", "token", MILLION),
    Meter("input_image", "Image input", "token", MILLION),
    Meter("output_image", "Image output", "token", MILLION),
    Meter("input_video", "Video input", "token", MILLION),
    Meter("output_video", "Video output", "token", MILLION),
    Meter("cache_read_audio", "Cache read, audio", "token", MILLION),
    Meter("cache_read_image", "Cache read, images", "token", MILLION),
    Meter("cache_read_video", "Cache read, video", "token", MILLION),
    Meter("cache_write_audio", "Cache write, audio", "token", MILLION),
    Meter("cache_write_image", "Cache write, images", "token", MILLION),
    Meter("cache_write_video", "Cache write, video", "token", MILLION),
    Meter("citation", "Citations", "token", MILLION),
    Meter("search_content", "Search content", "token", MILLION),
    Meter("input_character", "Characters in", "character", MILLION),
    Meter("output_character", "Characters out", "character", MILLION),
    Meter("input_pixel", "Pixels in", "pixel", MILLION),
    Meter("output_pixel", "Pixels out", "pixel", MILLION),
    Meter("image_in", "Images in", "image"),
    Meter("image", "Images made", "image"),
    Meter("clip", "Clips made", "clip"),
    Meter("audio_hour", "Audio", "hour"),
    Meter("audio_hour_in", "Audio in", "hour"),
    Meter("audio_hour_out", "Audio out", "hour"),
    Meter("input_second", "Seconds in", "second"),
    Meter("output_second", "Seconds out", "second"),
    Meter("audio_second_in", "Audio in", "second"),
    Meter("audio_second", "Audio made", "second"),
    Meter("video_second_in", "Video in", "second"),
    Meter("video_second", "Video made", "second"),
    Meter("runtime_second", "Running time", "second"),
    Meter("web_search", "Web search", "call", 1000),
    Meter("maps_search", "Maps grounding", "call", 1000),
    Meter("file_search", "File search", "call", 1000),
    Meter("social_search", "Social search", "call"),
    Meter("code_execution", "Code execution", "call"),
    Meter("query", "Queries", "query", 1000),
    Meter("request", "Requests", "request", 1000),
    Meter("message", "Messages", "message", 1000),
    Meter("page", "Pages", "page", 1000),
    Meter("annotation_page", "Annotated pages", "page", 1000),
    Meter("credit", "Credits", "credit"),
    Meter("session", "Code interpreter sessions", "session"),
    Meter("storage_day", "Storage", "GB-day"),
)
METERS = {meter.slug: meter for meter in _KNOWN}
_PLACES = {slug: place for place, slug in enumerate(METERS)}

# Tokens that reach or leave the model, the meters that people compare first.
HEADLINE = ("input", "output", "cache_read")


def meter(slug: str) -> Meter:
    """The meter of this slug; an unknown one is counted singly, under its own name."""
    return METERS.get(slug) or Meter(
        slug, slug.replace("_", " ").capitalize(), slug.replace("_", " ")
    )


def meter_order(slug: str) -> tuple[int, str]:
    """Sort key: input before output before the rest, then unknown meters by name."""
    return _PLACES.get(slug, len(_PLACES)), slug


def plural(unit: str) -> str:
    return f"{unit[:-1]}ies" if unit.endswith("ry") else f"{unit}s"


def amount_per_unit(amount: Decimal | None, slug: str, per: int) -> Decimal | None:
    usual = meter(slug).per
    return amount if amount is None or per == usual else amount * usual / per


# What finds content for the model, which may be billed as input on top.
SEARCHES = frozenset({"web_search", "maps_search", "file_search", "social_search"})

# Endpoints of these modes answer with vectors or scores: they sell no output, no cache and no
# searches.
NO_OUTPUT = ("embedding", "rerank")
_NEVER_OF_THOSE = ("output", "cache_read", "cache_write", "web_search")
# A meter that is not sold where all of these capabilities are stated to be absent.
_NEEDS_ONE_OF = {
    "cache_read": {"implicit-caching", "explicit-caching"},
    "cache_write": {"explicit-caching"},
    "web_search": {"web-search"},
    "reasoning": {"reasoning"},
}


def not_sold(slug: str, mode: str, lacks: Collection[str]) -> bool:
    """Whether an endpoint that states no price of a meter is known not to sell it."""
    needs = _NEEDS_ONE_OF.get(slug)
    return (mode in NO_OUTPUT and slug in _NEVER_OF_THOSE) or bool(needs and needs <= set(lacks))
