"""What an API's shape is: how it is called, and what each event of its answers means. Pure.

An event is untrusted JSON: what has another form means nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streaming.prompts import Fields, Prompt

# Why an answer ended, in OpenAI's words.
STOP, LENGTH, TOOL_CALLS, FILTERED = "stop", "length", "tool_calls", "content_filter"


@dataclass(frozen=True, slots=True)
class ToolCallPiece:
    """A part of a call of a tool: its place among the calls, and new letters of its arguments.

    Id and name come with its first part, "" later.
    """

    place: int
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class EventMeaning:
    """What an event says: new text, calls of tools, the usage so far, the end, or an error.

    `other` is output that is no text: a call of a tool, an image. `thinks` is a sign of reasoning
    whose text may not be sent. `finish` is why the answer ended. `error` is the provider's code and
    message.
    """

    answer: str = ""
    reasoning: str = ""
    other: bool = False
    thinks: bool = False
    usage: Fields | None = None
    ends: bool = False
    error: tuple[str, str] | None = None
    tool_calls: tuple[ToolCallPiece, ...] = ()
    finish: str = ""

    @property
    def has_output(self) -> bool:
        return bool(self.answer or self.reasoning or self.other)


@dataclass(frozen=True, slots=True)
class ApiShape:
    """How an API is called, and how its answer is read.

    `path` is that of a model below the API's base, `headers` those of a key. `body` raises
    Untranslatable. `usage_key` is the field of an answer that holds its usage.
    """

    name: str
    path: Callable[[str], str]
    headers: Callable[[str], dict[str, str]]
    body: Callable[[Prompt], dict[str, Any]]
    meaning_of: Callable[[Fields], EventMeaning]
    usage_key: str


def error_of(event: Fields) -> tuple[str, str] | None:
    """The code and the message of an error, which is an object or a text."""
    error = event.get("error")
    if not error:
        return None
    fields = fields_of(error)
    codes = (fields.get(name) for name in ("code", "type", "status"))
    code = next((str(code) for code in codes if isinstance(code, str | int)), "")
    return code, text_of(fields.get("message")) or text_of(error)


def error_in(body: Any) -> tuple[str, str]:
    """The code and the message of the body of an error, as providers write them; else empty."""
    for fields in map(fields_of, body if isinstance(body, list) else [body]):
        if error := error_of(fields):
            return error
        if message := text_of(fields.get("message")) or text_of(fields.get("detail")):
            return "", message
    return "", ""


def fields_of(value: object) -> Fields:
    return value if isinstance(value, Mapping) else {}


def items_of(value: object) -> Iterator[object]:
    yield from value if isinstance(value, list | tuple) else ()


def text_of(value: object) -> str:
    return value if isinstance(value, str) else ""


def whole_of(value: object) -> int:
    """A whole number of a place or an index; 0 for anything else."""
    return value if isinstance(value, int) and 0 <= value < 10_000 else 0
