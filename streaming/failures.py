"""What went wrong with a call, in one sentence without a key. Pure."""

import json
import re
from dataclasses import dataclass

from streaming.shape import error_in

# Of the caller's making, or a limit of the caller's account: no failure of the provider.
_BUSY = 429
_NO_KEY = (401, 403)
# A provider's own time-out has a status of the 400s.
_PROVIDERS_OWN = (408,)
_REFUSALS = re.compile(
    r"rate.?limit|quota|insufficient|billing|credit|invalid.?request|auth|permission|"
    r"not.?found|blocked|policy|RESOURCE_EXHAUSTED",
    re.IGNORECASE,
)
_WEB_PAGE = (b"<!doctype html", b"<html")
LONGEST_QUOTE = 200
# So much of a key is not quoted either: providers repeat its first or last letters.
_PART = 4


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A sentence, and whether the call counts as refused and not as the provider's failure.

    `unreached`: no connection was made, so that it may be this machine's network. `quote` is the
    part of the sentence that the provider wrote: it may repeat the prompt.
    """

    sentence: str
    refused: bool = False
    unreached: bool = False
    quote: str = ""

    @property
    def unquoted(self) -> str:
        """The sentence to be kept, without the provider's words."""
        return self.sentence.removesuffix(f": {self.quote}.") + "." if self.quote else self.sentence


def failure_of_status(
    status: int, content_type: str, body: bytes, *, name: str, key: str, key_name: str
) -> CallFailure:
    refused = 400 <= status < 500 and status not in _PROVIDERS_OWN
    if status in _NO_KEY:
        # Not quoted: providers repeat parts of a wrong key.
        return CallFailure(f"{name} refused the key in {key_name} ({status}).", refused=True)
    if 300 <= status < 400:
        return CallFailure(
            f"{name} answered with a redirect ({status}), which is not followed: check its"
            " address.",
            refused=True,
        )
    code, message = _error_of(content_type, body)
    quote = quoted(message, key)
    if status == _BUSY:
        return _quoting(f"{name} limits this key’s rate (429)", quote, refused=True)
    if is_web_page(content_type, body):
        return CallFailure(f"{name} answered {status} with a web page.", refused=refused)
    return _quoting(f"{name} answered {status}", quote or quoted(code, key), refused=refused)


def failure_of_event(code: str, message: str, *, name: str, key: str) -> CallFailure:
    """Of an error within an answer that began well."""
    words = f"{code} {message}"
    status = int(code) if re.fullmatch(r"[1-5]\d\d", code) else 0
    refused = (
        400 <= status < 500 and status not in _PROVIDERS_OWN
        if status
        else bool(_REFUSALS.search(words))
    )
    quote = quoted(message or code, key)
    return _quoting(f"{name} ended its answer with an error", quote, refused=refused)


def is_web_page(content_type: str, body: bytes) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "text/html" or body[:200].lstrip().lower().startswith(_WEB_PAGE)


def quoted(text: str, key: str) -> str:
    """The beginning of a text on one line, without any word that has a part of the key."""
    words = " ".join(text.split())[: LONGEST_QUOTE * 2].split(" ")
    shown = " ".join("…" if _has_a_part(word, key) else word for word in words)
    printable = "".join(sign for sign in shown if sign.isprintable())
    return printable[:LONGEST_QUOTE].rstrip(". ")


def _has_a_part(word: str, key: str) -> bool:
    """The first or last letters of a key beside stars, or eight of its letters anywhere."""
    if len(key) < 2 * _PART:
        return bool(key) and key in word
    if "*" in word or "…" in word or "..." in word:
        return key[:_PART] in word or key[-_PART:] in word
    return any(key[start : start + 2 * _PART] in word for start in range(len(key) - 2 * _PART + 1))


def _error_of(content_type: str, body: bytes) -> tuple[str, str]:
    if is_web_page(content_type, body):
        return "", ""
    try:
        return error_in(json.loads(body))
    except (ValueError, RecursionError):
        text = body.decode(errors="replace")
        return "", text if text.isprintable() else ""


def _quoting(sentence: str, quote: str, *, refused: bool) -> CallFailure:
    return CallFailure(f"{sentence}: {quote}." if quote else f"{sentence}.", refused, quote=quote)
