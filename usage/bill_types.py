"""What a line of a cloud's bill counts, by the text that names it. Pure.

Bedrock's lines in AWS Cost and Usage Reports (`USE1-Claude4.6Sonnet-input-tokens-cross-region-
global`) and Gemini's in Google Cloud's billing export (`Gemini 2.5 Pro Text Input (Long) -
Predictions`). A text with a part that is not known here names nothing.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

# Reasons of lines that count nothing here.
OTHER_SERVICE = "a line of another service than models"
UNNAMED_LINE = "a line that does not name a model and a kind of tokens"


@dataclass(frozen=True, slots=True)
class LineKind:
    """The model, tier and context window of a line, and the meter that its amount counts."""

    model: str
    provider: str
    meter: str
    tier: str = ""
    window: str = ""


# ---- Bedrock ----

_BEDROCK = re.compile(
    r"(?P<region>[a-z]{2,4}\d?)-(?P<model>.+?)(?:-mantle)?(?:-text)?"
    r"-(?P<kind>input|output|cache-read|cache-write)"
    r"(?:(?:-input)?-token-count|-tokens)(?P<hour>-1-?h(?:our)?)?(?P<rest>(?:-[a-z]+)*)",
    re.IGNORECASE,
)
_KINDS = {"cache-read": "cache_read", "cache-write": "cache_write"}
_GLOBAL = ("cross-region-global", "global")
_TIERS = ("batch", "flex", "priority")
_CLAUDE = re.compile(
    r"claude(?P<first>\d+(?:\.\d+)?)?(?P<family>sonnet|opus|haiku|fable)(?P<last>\d+(?:\.\d+)?)?",
    re.IGNORECASE,
)
_NOVA = re.compile(r"nova(?P<version>\d+(?:\.\d+)?)?(?P<family>lite|pro|micro|premier)", re.I)
# The geographies of regions, as ids begin with them.
_GEOGRAPHIES = (("us", r"us[ew]\d"), ("eu", r"eu[a-z]{0,2}\d?"), ("apac", r"ap[a-z]{1,2}\d"))


@lru_cache(maxsize=20_000)
def bedrock_line(usage_type: str) -> LineKind | None:
    found = _BEDROCK.fullmatch(usage_type.strip())
    if not found:
        return None
    rest = found["rest"].lower().strip("-")
    route, tier = "", ""
    for word in _GLOBAL:
        if re.search(rf"(^|-){word}(-|$)", rest):
            route = "global"
            rest = re.sub(rf"(^|-){word}(?=-|$)", "", rest).strip("-")
            break
    if rest in _TIERS:
        tier = rest
    elif rest not in ("", "standard"):
        return None
    kind = found["kind"].lower()
    if found["hour"] and kind != "cache-write":
        return None
    meter = "cache_write_1h" if found["hour"] else _KINDS.get(kind, kind)
    model = _bedrock_model(found["model"], route or _geography(found["region"].lower()))
    return LineKind(model, "amazon-bedrock", meter, tier) if model else None


def _geography(region: str) -> str:
    return next((name for name, form in _GEOGRAPHIES if re.fullmatch(form, region)), "")


def _bedrock_model(name: str, route: str) -> str:
    """The id of a model; empty where the price of the region is not that of any id."""
    if claude := _CLAUDE.fullmatch(name):
        version = (claude["first"] or claude["last"] or "").replace(".", "-")
        if not version or (claude["first"] and claude["last"]):
            return ""
        family = claude["family"].lower()
        parts = (version, family) if version[0] < "4" else (family, version)
        name = f"anthropic.claude-{'-'.join(parts)}"
    elif nova := _NOVA.fullmatch(name):
        version = (nova["version"] or "").removesuffix(".0").replace(".", "-")
        name = "-".join(filter(None, ("amazon.nova", version, nova["family"].lower())))
    if name.startswith(("anthropic.", "amazon.")):
        return f"{route}.{name}" if route else ""
    # The ids of other makers have the price of the regions of the United States.
    return name if route == "us" else ""


# ---- Google ----

_GENERATE = re.compile(r"^generate[_ ]?content\b|\btoken count\b|\bfor\b|- predictions$")
_MODALITIES = ("text", "image", "audio", "video")
_TIERS_OF_GOOGLE = frozenset({"batch", "flex", "priority"})
_BANDS = frozenset({"short", "long", "standard"})
_CACHED = frozenset({"caching", "cached"})
_QUALIFIERS = frozenset(
    {"input", "output", *_CACHED, *_BANDS, *_TIERS_OF_GOOGLE}
    | {"thinking", "non-thinking", "and", "on", "ga", "global"}
)
_GEMINI = re.compile(
    r"gemini \d+(?:\.\d+)?(?: (?:pro|flash|lite|flash-lite|image|preview|exp|ultra|live))*"
)
_LONG, _SHORT = ">200k", "0-200k"


@lru_cache(maxsize=20_000)
def google_line(sku: str, service: str = "") -> LineKind | None:
    text = sku.strip().lower().replace("≤200k", "short").replace(">200k", "long")
    is_vertex = not text.startswith("generate")
    words = re.sub(r"[()&]", " ", _GENERATE.sub(" ", text)).split()
    if "gemini" not in words:
        return None
    place = words.index("gemini")
    qualifiers = words[:place]
    words = words[place:]
    modality = next((word for word in qualifiers if word in _MODALITIES), "")
    while words and (words[-1] in _QUALIFIERS or (words[-1] in _MODALITIES and not modality)):
        qualifiers.append(words.pop())
        modality = modality or (qualifiers[-1] if qualifiers[-1] in _MODALITIES else "")
    model, used = " ".join(words), set(qualifiers)
    sides = used & {"input", "output"}
    if not _GEMINI.fullmatch(model) or used - _QUALIFIERS - {*_MODALITIES}:
        return None
    # In `output token count … short input text` the latter is the length of the input.
    side = next((word for word in qualifiers if word in sides), "") if place else "".join(sides)
    tiers = used & _TIERS_OF_GOOGLE
    cached = bool(used & _CACHED)
    meter = _meter(side, modality or "text", cached=cached)
    if not meter or len(tiers) > 1:
        return None
    bands = used & _BANDS
    window = {frozenset({"long"}): _LONG, frozenset({"short"}): _SHORT}.get(frozenset(bands), "")
    if is_vertex and not bands:
        window = _SHORT
    provider = {"vertex ai": "google-vertex", "gemini api": "google"}.get(service.strip().lower())
    provider = provider or ("google-vertex" if is_vertex else "google")
    return LineKind(model.replace(" ", "-"), provider, meter, "".join(tiers), window)


def _meter(side: str, modality: str, *, cached: bool) -> str:
    """The meter of a line; empty for none."""
    if side not in ("input", "output") or (cached and (side != "input" or modality == "audio")):
        return ""
    if cached:
        return "cache_read"
    return side if modality == "text" else f"{side}_{modality}"
