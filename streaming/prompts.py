"""What is sent to a model, in the words of OpenAI's chat completions, and what may be in it. Pure.

A message is an object with a role (system, developer, user, assistant, tool) and a content: a text,
or a list of parts of type text or image_url. The other shapes translate it; what one of them has no
word for raises Untranslatable, so that nothing is left out in silence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Fields = Mapping[str, Any]

_DATA_ADDRESS = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+);base64,(?P<data>[A-Za-z0-9+/=\s]+)")
SYSTEM_ROLES = ("system", "developer")
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
# What an effort leaves for reasoning, in tokens, where an API takes a number; at most such a share
# of the output, so that room for the answer stays.
_EFFORT_TOKENS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 24_576, "xhigh": 65_536}
_EFFORT_SHARE = 0.8


# Tokens around a message.
_AROUND = 20
# The most tokens that an image is counted as: gpt-4o-mini's, with all of its tiles.
MOST_OF_IMAGE = 48_169


class Untranslatable(ValueError):
    """A field of a request that a provider's API has no word for. The message is a sentence."""

    def __init__(self, name: str, api: str, why: str = "has nothing like it") -> None:
        super().__init__(f"{name} cannot be sent: {api} {why}.")
        self.name = name


@dataclass(frozen=True, slots=True)
class Prompt:
    """`model` is the provider's id. `options` are other fields: temperature, stop, tools, …

    Without an option the provider's default holds.
    """

    model: str
    messages: tuple[Fields, ...]
    max_output: int
    options: Fields = field(default_factory=dict)

    @property
    def sent_bytes(self) -> int:
        """Bytes of everything that is read as text: no token is less than one of them."""
        texts = sum(len(text.encode(errors="replace")) for text in _texts(self.messages))
        return texts + sum(len(text.encode(errors="replace")) for text in _texts(self.options))

    @property
    def most_tokens(self) -> int:
        """No fewer than the tokens that a provider counts: beyond its texts, those of its messages'
        roles and ends, and of its images."""
        return self.sent_bytes + _AROUND * (len(self.messages) + 1) + MOST_OF_IMAGE * self.images

    @property
    def images(self) -> int:
        return sum(
            isinstance(part, dict) and part.get("type") == "image_url"
            for message in self.messages
            for part in _items(message.get("content"))
        )

    @property
    def text(self) -> str:
        """Everything that is read as text, to count its tokens."""
        return "\n".join((*_texts(self.messages), *_texts(self.options)))


def message(role: str, text: str, *images: tuple[str, str]) -> Fields:
    """A message of a text, and of images: their type and their data in base64."""
    if not images:
        return {"role": role, "content": text}
    parts = [
        {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{data}"}}
        for mime, data in images
    ]
    return {"role": role, "content": [*parts, {"type": "text", "text": text}]}


def data_image(address: str) -> tuple[str, str] | None:
    """The type and the base64 data of an image in its address; None for any other address."""
    match = _DATA_ADDRESS.fullmatch(address)
    return (match["mime"], re.sub(r"\s", "", match["data"])) if match else None


def effort_tokens(effort: str, max_output: int) -> int:
    """How many tokens of an output may be reasoning."""
    return min(_EFFORT_TOKENS[effort], int(max_output * _EFFORT_SHARE))


def _texts(value: object) -> Iterator[str]:
    """Texts within an object, with the names of its fields, without images, which count apart."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from () if value.get("type") == "image_url" else _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)


def _items(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list | tuple) else ()
