"""Answers that would take too much memory when they are parsed, and names beyond what is kept."""

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest

from sources import reading
from sources.base import WrongShape
from sources.reading import MOST_NAMES, FieldReader, read_json


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
