"""The fields of a workload: its numbers, and the options that prices may depend on. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from web.format.figures import plain, thousands

# Beyond what any bill has, and far below what a sum of money can hold exactly.
MOST_REQUESTS = 10**12
MOST_TOKENS = 10**9
MOST_SECONDS = 10**9
CACHE, IMAGES, MEDIA, TEXTS, SEARCH = (
    "Cache writes",
    "Images",
    "Audio and video",
    "Characters and pages",
    "Search",
)
GROUPS = (CACHE, IMAGES, MEDIA, TEXTS, SEARCH)


@dataclass(frozen=True, slots=True)
class Field:
    """A number of a workload. `whole` is the field that it counts a part of.

    `meter` is counted per request; searches are stated per 1,000 requests. A `duration` is written
    in seconds, minutes or hours, and kept in milliseconds. `group` is its group in the form.
    """

    name: str
    label: str
    meter: str = ""
    whole: str = ""
    per: int = 1
    most: int = MOST_TOKENS
    slide: int = 0  # how far its slider goes; none if 0
    group: str = ""
    duration: bool = False

    @property
    def beyond_text(self) -> bool:
        return bool(self.group) and not self.whole and self.name != "web_search"

    def text(self, number: int | Decimal) -> str:
        """The number as a query states it, a duration in seconds."""
        return plain(Decimal(number) / (1000 if self.duration else 1))

    def shown(self, number: int) -> str:
        whole, _, fraction = self.text(number).partition(".")
        return f"{thousands(int(whole))}{'.' if fraction else ''}{fraction}"


def _length(name: str, label: str) -> Field:
    most = MOST_SECONDS * 1000
    return Field(name, label, name, per=1000, most=most, group=MEDIA, duration=True)


FIELDS = (
    Field("requests", "Requests", most=MOST_REQUESTS, slide=10_000_000),
    Field("input", "Input tokens per request", "input", slide=1_000_000),
    Field("cached", "of which cached", "cache_read", "input"),
    Field("output", "Output tokens per request", "output", slide=100_000),
    Field("reasoning", "of which reasoning", "reasoning", "output"),
    Field("cache_write", "Input written for 5 minutes", "cache_write", "input", group=CACHE),
    Field("cache_write_1h", "Input written for 1 hour", "cache_write_1h", "input", group=CACHE),
    Field("image_input", "Input that is images, in tokens", "input_image", "input", group=IMAGES),
    Field("image_in", "Images in per request", "image_in", group=IMAGES),
    Field(
        *("images", "Images made per 1,000 requests", "image"),
        per=1000,
        most=1_000_000,
        group=IMAGES,
    ),
    Field("audio_input", "Input that is audio, in tokens", "input_audio", "input", group=MEDIA),
    Field("audio_output", "Output that is audio, in tokens", "output_audio", "output", group=MEDIA),
    _length("audio_second_in", "Audio in per request"),
    _length("audio_second", "Audio made per request"),
    _length("video_second_in", "Video in per request"),
    _length("video_second", "Video made per request"),
    Field("input_character", "Characters in per request", "input_character", group=TEXTS),
    Field("output_character", "Characters out per request", "output_character", group=TEXTS),
    Field("pages", "Pages read per request", "page", most=1_000_000, group=TEXTS),
    Field(
        *("web_search", "Web searches per 1,000 requests", "web_search"),
        per=1000,
        most=1_000_000,
        group=SEARCH,
    ),
    Field(
        *("search_content", "Input that searches find, in tokens", "search_content", "input"),
        group=SEARCH,
    ),
    Field("query", "Rerank queries per request", "query", most=1_000_000, group=SEARCH),
)
BY_NAME = {field.name: field for field in FIELDS}
# Other names of the fields: those of the meters, and other units of time with their seconds.
# `page` is the page of the table.
ALSO: dict[str, tuple[str, int]] = {
    field.meter: (field.name, 1) for field in FIELDS if field.meter not in ("", "page", *BY_NAME)
} | {
    "queries": ("query", 1),
    **{
        f"{kind}_{unit}{way}": (f"{kind}_second{way}", seconds)
        for kind in ("audio", "video")
        for unit, seconds in (("minute", 60), ("hour", 3600))
        for way in ("", "_in")
        if f"{kind}_{unit}{way}" != "audio_hour"
    },
    "audio_hour_out": ("audio_second", 3600),
}


@dataclass(frozen=True, slots=True)
class OptionField:
    """An option that a price may depend on, in a group of fields."""

    name: str
    label: str
    group: str


OPTIONS = (
    OptionField("size", "Image size", IMAGES),
    OptionField("quality", "Image quality", IMAGES),
    OptionField("steps", "Steps to make an image", IMAGES),
    OptionField("resolution", "Video resolution", MEDIA),
    OptionField("search_context", "Search context", SEARCH),
)
NAMES = frozenset((*BY_NAME, *ALSO, *(o.name for o in OPTIONS), "tier", "at", "every", "uncached"))
