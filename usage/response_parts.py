"""The numbers of a reported usage as quantities by meter: each counted once. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

from pricing.meters import meter
from pricing.usage import MOST, OddUsage, Usage
from usage.response_shapes import (
    IN_FRACTIONS,
    PASSED_OVER,
    REPEATED,
    SPELLINGS,
    STATED_COSTS,
    UNBILLED,
    Fields,
    ReportShape,
    UnreadableReport,
    first_text,
    plain_path,
    spellings,
)

Number = int | Decimal
DEEPEST = 20
_MEDIA = ("audio", "image", "video")
_LIVES = ("cache_write_1h", "cache_write_12h")


@dataclass(frozen=True, slots=True)
class Parts:
    """Quantities by meter, with the fields that are in none of them.

    `left` have no meter, `repeated` repeat others. `used` are the fields that were counted.
    """

    usage: Usage
    left: tuple[str, ...]
    repeated: tuple[str, ...]
    used: frozenset[str]


def parts_of(usage: Fields, shape: ReportShape, more: Mapping[str, Number]) -> Parts:
    """Count every number of a usage, and `more` from beside it. Raises UnreadableReport."""
    stated: dict[str, Number] = {}
    spelt: dict[str, str] = {}
    left: dict[str, None] = {}
    for path, value in numbers(usage):
        plain = plain_path(path)
        if plain in _KNOWN:
            slugs = _KNOWN[plain]
            number = _checked(path, value, fraction=bool(slugs & IN_FRACTIONS))
            stated[plain] = stated.get(plain, 0) + number
            spelt.setdefault(plain, path)
        if _is_some(value) and not _is_passed_over(plain):
            left[path] = None
    counted, used = _counted(stated, shape)
    quantities = _whole(counted, stated, shape)
    for slug, number in more.items():
        quantities[slug] = quantities.get(slug, 0) + number
    return Parts(
        _usage(quantities),
        tuple(path for path in left if not _is_explained(plain_path(path), shape)),
        tuple(
            path
            for path in left
            if _is_explained(plain_path(path), shape) and plain_path(path) not in used
        ),
        frozenset(used),
    )


_KNOWN: dict[str, set[str]] = {}
for _slug in SPELLINGS:
    for _paths in spellings(_slug):
        for _path in _paths:
            _KNOWN.setdefault(_path, set()).add(_slug)


def numbers(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(path, value) of every value but null.

    a.b, or a[AUDIO].b in a list of modalities, a[1h].b in one of lives.
    """
    if depth > DEEPEST:
        raise UnreadableReport("This is nested deeper than any usage is.")
    if isinstance(value, dict):
        for name, part in value.items():
            yield from numbers(part, f"{path}.{name}" if path else name, depth + 1)
    elif isinstance(value, list):
        for part in value:
            kind = first_text(part, "modality", "ttl") if isinstance(part, dict) else ""
            yield from numbers(part, f"{path}[{kind}]", depth + 1)
    elif value is not None:
        yield path, value


def _is_some(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and value != 0


def _is_passed_over(plain: str) -> bool:
    outer = plain.partition(".")[0].partition("[")[0]
    return outer in PASSED_OVER or plain in UNBILLED or plain in STATED_COSTS


def _is_explained(plain: str, shape: ReportShape) -> bool:
    return plain in _KNOWN or plain in REPEATED or plain in shape.passed


def _checked(path: str, value: Any, *, fraction: bool) -> Number:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MOST or (not fraction and value != int(value)):
        whole = "number" if fraction else "whole number"
        raise UnreadableReport(f"{path[:100]} is not a {whole} from 0 to 10^18.")
    return round(Decimal(value), 9) if fraction and value != int(value) else int(value)


def _counted(
    stated: Mapping[str, Number], shape: ReportShape
) -> tuple[dict[str, Number], set[str]]:
    """Of each meter and part the first spelling with a number, and the fields that were used."""
    counted: dict[str, Number] = {}
    used: set[str] = set()
    for slug in SPELLINGS:
        sums: dict[tuple[str, ...], Number] = {}
        for paths in spellings(slug):
            there = tuple(path for path in paths if path in stated and path not in shape.passed)
            if there and (total := sum(stated[path] for path in there)):
                sums[there] = total
        if not sums:
            continue
        paths, number = next(iter(sums.items()))
        counted[slug] = number
        if slug not in ("total", "uncached") or shape.name == "Total tokens":
            used.update(paths)
        others = {other: names for names, other in sums.items() if other != number}
        if others and slug not in ("input", "uncached"):
            other, names = next(iter(others.items()))
            raise UnreadableReport(
                f"These numbers cannot be: {paths[0]} is {number}, and {names[0]} is {other}."
            )
    return counted, used


def _whole(
    counted: Mapping[str, Number], stated: Mapping[str, Number], shape: ReportShape
) -> dict[str, Number]:
    """Quantities by meter, with all of the input and all of the output."""
    quantities = {
        slug: number
        for slug, number in counted.items()
        if slug not in ("total", "uncached", "written", "written_5m")
    }
    written = _written(counted)
    quantities["cache_write"] = written - sum(counted.get(life, 0) for life in _LIVES)
    if quantities["cache_write"] < 0:
        raise UnreadableReport("These numbers cannot be: more was cached by life than in all.")
    if shape.name == "Total tokens":
        quantities["input"] = counted.get("total", 0)
        return quantities
    hidden = counted.get("total", 0) - counted.get("input", 0) - counted.get("output", 0)
    if shape.hidden_reasoning and hidden > 0 and not counted.get("reasoning"):
        counted = {**counted, "reasoning": hidden}
        quantities["reasoning"] = hidden
    quantities["input"], quantities["output"] = _contained(counted, stated, written, shape)
    quantities["input"] += _sum_of(stated, *(f"billed_units.{kind}_tokens" for kind in _MEDIA))
    quantities["output"] += counted.get("citation", 0)
    return quantities


def _sum_of(stated: Mapping[str, Number], *paths: str) -> Number:
    return sum(stated.get(path, 0) for path in paths)


def _written(counted: Mapping[str, Number]) -> Number:
    """Cache writes are reported in all, by life, or both; in all alone, they are of 5 minutes."""
    by_life = counted.get("written_5m", 0) + sum(counted.get(life, 0) for life in _LIVES)
    in_all = counted.get("written", 0)
    if by_life and in_all and by_life != in_all:
        raise UnreadableReport(
            f"These numbers cannot be: {in_all} tokens written to the cache in all, "
            f"{by_life} by their life."
        )
    return by_life or in_all


def _contained(
    counted: Mapping[str, Number], stated: Mapping[str, Number], written: Number, shape: ReportShape
) -> tuple[Number, Number]:
    """All of the input and of the output, by the total where one is stated, else by the shape."""
    asked, answered = counted.get("input", 0), counted.get("output", 0)
    read, thought = counted.get("cache_read", 0), counted.get("reasoning", 0)
    cached = read + written
    inputs: list[Number] = [asked, asked + cached, asked + written, asked + read]
    outputs: list[Number] = [answered, answered + thought]
    if shape.cached_apart or (shape.name == "Vercel AI SDK" and cached > asked):
        inputs = [asked + cached, asked]
    if shape.reasoning_apart:
        outputs.reverse()
    total = counted.get("total")
    if total is None:
        return inputs[0], outputs[0]
    for whole, output in product(inputs, outputs):
        if whole + output == total and (shape.loose_total or _fits(whole, cached, output, thought)):
            return (inputs[0], outputs[0]) if shape.loose_total else (whole, output)
    spoken = "prompt_audio_seconds" in stated  # the tokens of audio are in the total alone
    tools = stated.get("tool_use_prompt_token_count", 0)
    if spoken or (shape.loose_total and inputs[0] + outputs[0] - tools == total):
        return inputs[0], outputs[0]
    raise UnreadableReport(
        f"These numbers contradict each other: the total is {total}, and no reading of "
        f"{asked} tokens of input and {answered} of output adds up to it."
    )


def _fits(whole: Number, cached: Number, output: Number, thought: Number) -> bool:
    return cached <= whole and thought <= output


def _usage(quantities: Mapping[str, Number]) -> Usage:
    try:
        return Usage.of(**{slug: number for slug, number in quantities.items() if number})
    except OddUsage as odd:
        sentence = f"These numbers cannot be: {meter(odd.meter).name.lower()}: {odd.why}."
        raise UnreadableReport(sentence) from odd
