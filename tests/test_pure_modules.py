"""A module with "Pure" in its docstring is pure: its imports are followed."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "catalog",
    "pricing",
    "agreements",
    "usage",
    "streaming",
    "telemetry",
    "sources",
    "accounts",
    "web",
    "config",
)
# Frameworks, the database, the network, processes.
FORBIDDEN = {
    *("django", "psycopg", "celery", "httpx", "requests", "redis", "sqlalchemy", "environs"),
    *("socket", "ssl", "http.client", "urllib.request", "subprocess", "multiprocessing"),
}
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "timezone.now"),
    *("time.time", "time.monotonic", "time.perf_counter", "localtime", "gmtime"),
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def modules() -> Iterator[str]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def file_of(module: str) -> Path | None:
    """The file of a module of the project; None for a name inside one and for libraries."""
    base = ROOT / module.replace(".", "/")
    return next((p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()), None)


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports at run time, and the packages that hold it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def clocks(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            yield from (f"calls {called}" for clock in CLOCKS if called.endswith(clock))


def impurities(module: str, seen: set[str]) -> Iterator[str]:
    """Why a module is not pure, through the modules of the project that it imports too."""
    seen.add(module)
    path = file_of(module)
    assert path
    yield from (f"{module} {clock}" for clock in clocks(path))
    for name in imports(path):
        if any(name == word or name.startswith(f"{word}.") for word in FORBIDDEN):
            yield f"{module} imports {name}"
        elif name.split(".")[0] in ROOMS and name not in seen and file_of(name):
            yield from impurities(name, seen)


def says_pure(module: str) -> bool:
    path = file_of(module)
    assert path
    return bool(re.search(r"\bPure\b", ast.get_docstring(tree(path)) or ""))


PURE = [module for module in modules() if says_pure(module)]


def test_there_are_pure_modules_in_every_room_that_measures():
    assert {"pricing", "usage", "web", "catalog", "sources"} <= {m.split(".")[0] for m in PURE}


@pytest.mark.parametrize("module", PURE)
def test_a_module_that_says_pure_imports_no_framework_database_network_or_clock(module: str):
    assert not [*dict.fromkeys(impurities(module, set()))]
