"""The shape of the source: short files, short template lines, and one class to a name."""

import ast
from collections import defaultdict
from pathlib import Path

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
    "playground",
    "web",
    "config",
    "bench",
    "attack",
    "compose",
)
LONGEST_FILE = 400
WIDEST_TEMPLATE = 120
# Tables of data, a row to a line: their length says nothing of how hard they are to read.
TABLES = {"catalog/known_providers.py", "catalog/matching/tables.py"}
# Names that Django gives a meaning of its own; and the domain's source, which is two things in two
# rooms: the row of the catalog that claims refer to, and the adapter that reads the upstream.
SHARED = {"Meta", "Command", "Migration", "Source"}


def code() -> list[Path]:
    files = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    return [path for path in files if "migrations" not in path.parts]


def test_files_are_short():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in code()}
    long = {name: length for name, length in lengths.items() if length > LONGEST_FILE}
    assert not long.keys() - TABLES
    assert long.keys() >= TABLES  # an exception that is not needed goes


def test_template_lines_are_short():
    wide = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > WIDEST_TEMPLATE
    ]
    assert not wide


def test_a_class_name_means_one_class():
    places: dict[str, list[str]] = defaultdict(list)
    for path in code():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and node.name not in SHARED:
                places[node.name].append(str(path.relative_to(ROOT)))
    assert not {name: files for name, files in places.items() if len(files) > 1}
