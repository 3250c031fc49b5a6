"""Columns of JSON as the text that raw SQL reads and COPY writes. Pure."""

from typing import Any

import msgspec

_DECODER = msgspec.json.Decoder()


def from_json_text(text: str) -> Any:
    """The value of a JSON document, in a third of the time that the standard library takes."""
    return _DECODER.decode(text)


def to_json_text(value: Any) -> str:
    """A document of texts, lists and objects; no surrogates."""
    return msgspec.json.encode(value).decode()
