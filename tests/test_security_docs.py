"""docs/security.md names a proof for each promise: every one of them exists."""

import re
from pathlib import Path

import pytest

from attack.__main__ import PARTS

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/security.md").read_text()
PATHS = sorted({*re.findall(r"`((?:attack|tests|compose)/[\w/.]*)`", TEXT)})


@pytest.mark.parametrize("path", PATHS)
def test_a_proof_that_is_named_exists(path):
    assert (ROOT / path).exists()


def test_every_promise_has_a_proof():
    tables = re.findall(r"\| promise \| proof \|\n\|---\|---\|\n((?:\|.*\n)+)", TEXT)
    rows = "".join(tables).splitlines()
    assert len(rows) > 30
    assert not [row for row in rows if not any(path in row for path in PATHS)]


def test_every_part_of_the_attack_proves_a_promise():
    assert {f"attack/{part}.py" for part in PARTS} <= {*PATHS}
