"""The sprite in the data folder, and the drawings that it is joined from."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings

from sources.logos.drawing import Refused, symbol, symbol_of

KINDS = ("providers", "creators")
# The origins of drawings; where several have one, the first counts.
ORIGINS = ("lobe", "models-dev")
MOST_SYMBOLS = 1_000
LARGEST_SPRITE = 1024 * 1024
_STATE = "drawings.json"
_NAMES = "sprite.json"
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
# How long a change of the files may go unseen, in seconds.
_LOOK = 2.0

# By kind and slug, the markup of a symbol.
Drawings = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Sprite:
    """`symbols` are the ids within the sprite, by kind and slug; `digest` names the file."""

    digest: str
    path: Path
    symbols: Mapping[str, Mapping[str, str]]


def sanitised(files: Mapping[str, Mapping[str, bytes]]) -> tuple[dict[str, Any], dict[str, str]]:
    """Drawings from files by kind and slug, and why the others are refused, by "kind/slug"."""
    drawings: dict[str, Any] = {kind: {} for kind in KINDS}
    refused: dict[str, str] = {}
    for kind in KINDS:
        for slug, body in sorted(files.get(kind, {}).items()):
            try:
                drawings[kind][slug] = symbol_of(body)
            except Refused as reason:
                refused[f"{kind}/{slug}"] = str(reason)
    return drawings, refused


def keep(origin: str, drawings: Drawings, *, version: str, at: datetime, folder: Path) -> bool:
    """Replace the drawings of one origin and join the sprite anew; whether it is another one.

    The sprite is written before the file that names it, so that readers always find it.
    """
    state = _state(folder)
    state[origin] = {"version": version, "at": at.isoformat(), **drawings}
    body, symbols = joined(state)
    digest = sha256(body).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"{digest}.svg", body)
    named = json.dumps({"digest": digest, "symbols": symbols}).encode()
    is_new = _read(folder / _NAMES) != named
    _write(folder / _NAMES, named)
    _write(folder / _STATE, json.dumps(state).encode())
    for path in folder.glob("*.svg"):
        if path.stem != digest and path.stat().st_mtime < at.timestamp() - 3600:
            path.unlink(missing_ok=True)
    return is_new


def kept_at(origin: str, folder: Path) -> datetime | None:
    stated = _state(folder).get(origin, {}).get("at")
    return datetime.fromisoformat(stated) if stated else None


def joined(state: Mapping[str, Any]) -> tuple[bytes, dict[str, dict[str, str]]]:
    """The sprite of all origins' drawings, and its ids by kind and slug.

    The same drawing is one symbol; a creator that shares its slug with a provider of another
    drawing is `creator-<slug>`.
    """
    ids: dict[str, str] = {}  # by markup
    symbols: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    size = 0
    for kind in KINDS:
        for slug, markup in sorted(_chosen(state, kind).items()):
            if markup not in ids:
                size += len(markup)
                if len(ids) >= MOST_SYMBOLS or size > LARGEST_SPRITE:
                    break
                taken = slug in ids.values()
                ids[markup] = f"creator-{slug}" if taken else slug
            symbols[kind][slug] = ids[markup]
    content = "".join(symbol(name, markup) for markup, name in ids.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg">{content}</svg>'.encode(), symbols


def _chosen(state: Mapping[str, Any], kind: str) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for origin in reversed(ORIGINS):
        drawings = state.get(origin, {}).get(kind, {})
        chosen |= {slug: markup for slug, markup in drawings.items() if _SLUG.fullmatch(slug)}
    return chosen


def current_sprite() -> Sprite | None:
    """The sprite of the data folder, else the one that came with the image; None without either.

    The files are looked at every two seconds at most.
    """
    if not settings.LOGOS:
        return None
    return _LOOKER.look()


class _Looker:
    """The last sprite that was seen, and when."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        self._until = 0.0
        self._sprite: Sprite | None = None

    def look(self) -> Sprite | None:
        if monotonic() < self._until:
            return self._sprite
        with self._lock:
            self._sprite = next(filter(None, map(_sprite_in, settings.LOGO_FOLDERS)), None)
            self._until = monotonic() + _LOOK
        return self._sprite


_LOOKER = _Looker()
forget_sprite = _LOOKER.forget


def _sprite_in(folder: Path) -> Sprite | None:
    named = _read(folder / _NAMES)
    return _sprite(folder, named) if named else None


@lru_cache(maxsize=4)
def _sprite(folder: Path, named: bytes) -> Sprite | None:
    try:
        stated = json.loads(named)
        sprite = Sprite(
            str(stated["digest"]),
            folder / f"{stated['digest']}.svg",
            {kind: dict(stated["symbols"][kind]) for kind in KINDS},
        )
    except (ValueError, KeyError, TypeError):
        return None
    return sprite if sprite.path.is_file() else None


def _state(folder: Path) -> dict[str, Any]:
    """The drawings of the folder, with those of the image where they are newer or alone."""
    state: dict[str, Any] = {}
    for place in (*settings.LOGO_FOLDERS[::-1], folder):
        try:
            stated = json.loads(_read(place / _STATE) or b"{}")
        except ValueError:
            continue
        for origin in ORIGINS:
            theirs = stated.get(origin) if isinstance(stated, dict) else None
            if isinstance(theirs, dict) and theirs.get("at", "") >= state.get(origin, {}).get(
                "at", ""
            ):
                state[origin] = theirs
    return state


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _write(path: Path, body: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(body)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def slugs(names: Iterable[str]) -> list[str]:
    """The names that can be part of an address and of an id."""
    return [name for name in names if _SLUG.fullmatch(name)]
