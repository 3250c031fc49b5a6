"""Which endpoints can make, take or read what a meter counts: pictures, sound, film, pages. Pure.

The modalities of the model decide, or where they are not stated, the mode of the endpoint.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pricing.endpoint import PricedEndpoint
from pricing.usage import Usage

# What an endpoint makes, by the meters that count it.
MADE = {
    **dict.fromkeys(("image", "output_image", "output_pixel"), "image"),
    **dict.fromkeys(("audio_second", "audio_hour_out", "clip"), "audio"),
    **dict.fromkeys(("video_second", "output_video"), "video"),
    "output_character": "text",
}
# What an endpoint takes, by the meters that count it.
TAKEN = {
    **dict.fromkeys(("image_in", "input_pixel"), "image"),
    **dict.fromkeys(("audio_second_in", "audio_hour_in"), "audio"),
    **dict.fromkeys(("video_second_in", "input_video"), "video"),
}
# What an endpoint is for, by meters that others do not have: a mode, or characters.
WORKS = {
    "page": "ocr",
    "annotation_page": "ocr",
    "query": "rerank",
    "input_character": "characters",
}
_MAKING = {"image": "image", "audio": "speech", "video": "video"}
_TAKING = {"audio": "transcription"}
# Modes of endpoints that are for one work alone, whichever meters count it.
_MODES = ("transcription", "embedding", "rerank", "moderation", "ocr")
_DO = {"makes": "make", "takes": "take"}
_WHAT = {
    ("makes", "image"): "images",
    ("takes", "image"): "images",
    ("work", "ocr"): "read documents by the page",
    ("work", "characters"): "speak text, or bill it by the character",
    ("work", "embedding"): "embed",
    ("work", "moderation"): "moderate",
    ("work", "transcription"): "transcribe",
}
# Parts of the output that are no text.
_OUTPUT = ("output_image", "output_audio", "output_video")


@dataclass(frozen=True, slots=True)
class Needs:
    """What an endpoint must be able to do: pairs of makes, takes or work, and what.

    `text` is whether any of the output is text, `transcript` whether of audio that goes in.
    """

    pairs: tuple[tuple[str, str], ...]
    text: bool
    transcript: bool


def needs(usage: Usage) -> Needs:
    pairs = []
    for kind, meters in (("makes", MADE), ("takes", TAKEN), ("work", WORKS)):
        pairs += [(kind, meters[slug]) for slug in usage.counted if slug in meters]
    heard = ("takes", "audio") in pairs or usage["input_audio"] > 0
    text = usage["output"] > sum(usage[slug] for slug in _OUTPUT)
    return Needs(tuple(dict.fromkeys(pairs)), text, heard)


def needs_at(usage: Usage, endpoint: PricedEndpoint) -> Needs:
    """What takes over from an endpoint must be able to do.

    Where the meters leave it open, as tokens and characters do, it is what the endpoint is for: its
    output is then what it makes.
    """
    needed = needs(usage)
    if endpoint.writes:
        return needed
    if made := [("makes", what) for what in _MAKING if makes(endpoint, what)]:
        if any(kind == "makes" for kind, _ in needed.pairs):
            return needed
        text = needed.text and "text" in endpoint.modalities_out
        return replace(needed, pairs=(*needed.pairs, *made), text=text)
    if endpoint.mode == "transcription" and needed.transcript:
        return needed
    if endpoint.mode in _MODES and ("work", endpoint.mode) not in needed.pairs:
        pairs = (*needed.pairs, ("work", endpoint.mode))
        heard = needed.transcript or endpoint.mode == "transcription"
        return replace(needed, pairs=pairs, transcript=heard)
    return needed


def all_needs(several: Iterable[Needs]) -> Needs:
    each = tuple(several)
    return Needs(
        tuple(dict.fromkeys(pair for needed in each for pair in needed.pairs)),
        text=any(needed.text for needed in each),
        transcript=any(needed.transcript for needed in each),
    )


def lack_in_words(kind: str, what: str) -> str:
    """do not make images; “write no text” for a lack of purpose."""
    if kind == "purpose":
        return "write no text"
    words = _WHAT.get((kind, what), what)
    return f"do not {words}" if kind == "work" else f"do not {_DO[kind]} {words}"


def lacking(endpoint: PricedEndpoint, needed: Needs) -> tuple[str, str] | None:
    """The first need that an endpoint does not meet, purpose for text; None if it meets all.

    What a model of unknown modalities takes is decided by its prices.
    """
    for kind, what in needed.pairs:
        if not _CAN[kind](endpoint, what):
            return kind, what
    if needed.text and not _writes(endpoint, needed):
        return "purpose", ""
    return None


def makes(endpoint: PricedEndpoint, what: str) -> bool:
    if what == "text":
        return endpoint.writes
    return what in endpoint.modalities_out or endpoint.mode == _MAKING[what]


def takes(endpoint: PricedEndpoint, what: str) -> bool:
    inputs = endpoint.modalities_in
    return not inputs or what in inputs or endpoint.mode == _TAKING.get(what, "-")


def works(endpoint: PricedEndpoint, what: str) -> bool:
    """Whether an endpoint is for one work; characters go in to be spoken, or at a stated price."""
    if what != "characters":
        return endpoint.mode == what
    stated = any(rate.meter == "input_character" for rate in endpoint.card.rates)
    return stated or makes(endpoint, "audio")


_CAN = {"makes": makes, "takes": takes, "work": works}


def _writes(endpoint: PricedEndpoint, needed: Needs) -> bool:
    """Whether an endpoint answers with text, beside what it makes or of the audio that it takes."""
    if endpoint.writes or (needed.transcript and endpoint.mode == "transcription"):
        return True
    beside = any(kind == "makes" for kind, _ in needed.pairs)
    return beside and "text" in endpoint.modalities_out
