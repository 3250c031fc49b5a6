"""Events are the same however the bytes of a stream are cut."""

import pytest

from streaming.sse import EventReader


def events_of(*chunks: bytes) -> list[str]:
    reader = EventReader()
    return [data for chunk in chunks for data in reader.feed(chunk)] + [*reader.end()]


STREAM = (
    '\ufeff: keep-alive\n\ndata: {"a": "é—漢"}\n\nevent: ping\nid: 7\nretry: 3\n\n'
    "data:one\ndata: two\ndata\n\n:\n\ndata: [DONE]\n\n"
)
WANTED = ['{"a": "é—漢"}', "one\ntwo\n", "[DONE]"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_do_not_depend_on_how_the_bytes_are_cut(line_end: str, size: int):
    stream = STREAM.replace("\n", line_end).encode()
    cut = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert events_of(*cut) == WANTED


def test_an_event_is_there_as_soon_as_its_empty_line_is():
    assert [*EventReader().feed(b"data: x\n\n")] == ["x"]
    assert [*EventReader().feed(b"data: x\r\n\r\n")] == ["x"]


def test_the_last_event_needs_no_empty_line_and_broken_utf8_is_replaced():
    assert events_of(b"data: a\n\ndata: \xff") == ["a", "\ufffd"]
    assert events_of(b"") == []
