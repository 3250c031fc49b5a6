"""Answers that would take too much memory when they are parsed, and names beyond what is kept."""

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from sources import reading
from sources.base import WrongShape
from sources.reading import MOST_NAMES, FieldReader, is_upstream_id, read_json


@pytest.mark.parametrize("over", [-1, 0, 1])
@pytest.mark.parametrize("shape", ["[{}]", '{{"a": [{}]}}'])
def test_an_answer_has_a_largest_number_of_values(
    over: int, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = shape.count("[") + shape.count("{{")
    monkeypatch.setattr(reading, "MOST_VALUES", 1000)
    body = shape.format(", ".join(["0"] * (1000 + over + 1 - rest))).encode()
    if over > 0:
        with pytest.raises(WrongShape, match="more than 1,000 values"):
            read_json(body, "models.dev")
    else:
        assert read_json(body, "models.dev")


@pytest.mark.parametrize("unit", [b"[", b"0,", b"[],", b"[1.1],", b"1e5,", b'{"":0},', b'"a",'])
def test_no_answer_takes_more_memory_than_its_bounds_allow(unit: bytes) -> None:
    body = b"[" + unit * (2**19 // len(unit)) + b"0]"
    tracemalloc.start()
    with suppress(WrongShape):
        read_json(body, "models.dev")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # At most 800 MB for the largest answer: fewer where its values are too many.
    assert peak < 50 * len(body)


@pytest.mark.parametrize("name", ["\x00", "\ud800", "\u202e", "x" * 100_000, "a\nb"])
def test_an_odd_name_is_counted_in_a_form_that_is_kept(name: str) -> None:
    fields = FieldReader()
    fields.rest({name: 1}, set())
    (kept,) = fields.not_expressed
    assert kept.isprintable()
    assert len(kept) <= 202
    assert json.dumps(kept, ensure_ascii=False).encode()


@pytest.mark.parametrize("number", [MOST_NAMES - 1, MOST_NAMES, MOST_NAMES + 1])
def test_names_beyond_a_number_are_counted_together(number: int) -> None:
    fields = FieldReader()
    record: dict[str, Any] = {str(n): n for n in range(number)}
    fields.rest(record, set())
    fields.rest({"0": 1}, set())
    assert fields.not_expressed["field 0"] == 2
    assert fields.not_expressed["other names"] == max(number - MOST_NAMES, 0)
    assert fields.not_expressed.total() == number + 1


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        ("openai/gpt-5.4", True),
        ("~z-ai/glm-latest:free", True),
        ("accounts/fireworks/models/kimi-k2p6", True),
        ("Gemini 3 Pro", True),
        ("豆包-pro", True),
        ("ЯндексГПТ", True),
        ("x" * 300, True),
        ("x" * 301, False),
        ("", False),
        (" gpt", False),
        ("gpt\0", False),
        ("\u202egpt", False),
        ("gpt\u200b", False),
        ("gpt\ud800", False),
        ("\u043epenai/gpt-5.4", False),
        ("openai/gpt-5.4\uff10", False),
        ("\U0001d5c0pt-5", False),
        ("../../models", False),
        ("a/./b", False),
        ("http://169.254.169.254/latest", False),
        ("/gpt", False),
        (7, False),
    ],
)
def test_an_id_is_what_it_looks_like(text: object, is_id: bool) -> None:
    assert is_upstream_id(text) is is_id


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Gemini 2.5 – Thinking", True),
        ("Dolphin 🐬", True),
        ("Claude (Клод)", True),
        ("Сlaude", False),
        ("\u202eedualC", False),
        ("Claude\0", False),
    ],
)
def test_a_name_is_what_it_looks_like(name: str, read: bool) -> None:
    reading = FieldReader()
    assert reading.text({"name": name}, "name") == (name if read else None)
    assert reading.not_expressed == ({} if read else {"odd value of name": 1})
