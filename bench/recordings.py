"""Answers of Ratecard kept as files: `bench.traffic` writes them, `bench.floor` serves them."""

from hashlib import sha256
from pathlib import Path


def folder(home: Path) -> Path:
    return home / "floor"


def file_name(address: str, *, part: bool) -> str:
    return sha256(f"{part} {address}".encode()).hexdigest()[:32]
