"""The snapshot: what every source states, in one file for the start of a new install. Pure.

Gzipped JSON lines: a header with the sources and their numbers of lines, then per source its
providers, listings, price histories and ratings, then a trailer that shows whether the file is
damaged or shortened.
"""

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from pricing.past_rates import PriceHistory
from pricing.rates import STATES, StatedRate
from sources.base import Listing, Parsed, ProviderListing, StatedRating, WrongShape

BUNDLED = Path(__file__).parent / "catalog.jsonl.gz"

_FORMAT = "ratecard-snapshot"
_VERSION = 1
# Fifty times what the file unpacks to today: more is an attack or an accident.
_LARGEST = 200 * 1024 * 1024


def dump(
    parsed: Sequence[Parsed],
    *,
    built_at: datetime,
    origins: Mapping[str, Mapping[str, str]] | None = None,
) -> bytes:
    """The snapshot of these answers, byte for byte the same for the same answers.

    `origins` adds to the header, by source: name, licence, package, version.
    """
    sources = [_source(answer, (origins or {}).get(answer.source, {})) for answer in parsed]
    header = {
        "format": _FORMAT,
        "version": _VERSION,
        "built_at": built_at.isoformat(),
        "sources": sources,
    }
    lines = [_line(header), *(line for answer in parsed for line in _lines(answer))]
    content = b"".join(lines)
    trailer = _line({"lines": len(lines), "sha256": sha256(content).hexdigest()})
    return gzip.compress(content + trailer, mtime=0)


def load(body: bytes) -> list[Parsed]:
    """Read what `dump` wrote. Raises WrongShape, in one sentence, for anything else."""
    content, whole = _unpacked(body)
    header = _header(content.partition(b"\n")[0], whole=whole)
    if not whole:
        raise WrongShape("The snapshot ends too early: fetch it again.")
    lines = _checked(content)
    try:
        records = map(json.loads, lines)
        return [_parsed(source, records) for source in header["sources"]]
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise WrongShape(f"The snapshot holds a line that does not read ({error!r}).") from error


def _line(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _source(answer: Parsed, origin: Mapping[str, str]) -> dict[str, Any]:
    return {
        "slug": answer.source,
        **origin,
        "as_of": answer.as_of.isoformat(),
        "providers": len(answer.providers),
        "listings": len(answer.listings),
        **({"histories": len(answer.histories)} if answer.histories else {}),
        **({"ratings": len(answer.ratings)} if answer.ratings else {}),
        "not_expressed": dict(sorted(answer.not_expressed.items())),
    }


def _lines(answer: Parsed) -> Iterator[bytes]:
    for provider in answer.providers:
        yield _line({"provider": provider.slug, "facts": dict(provider.facts)})
    for listing in answer.listings:
        record: dict[str, Any] = {"provider": listing.provider, "id": listing.upstream_id}
        record |= {
            "facts": dict(listing.facts),
            "rates": [rate.to_json() for rate in listing.rates],
        }
        if listing.matches is not None:
            record["matches"] = dict(listing.matches)
        if listing.evidence:
            record["evidence"] = dict(listing.evidence)
        yield _line(record)
    for history in answer.histories:
        yield _line(history.to_json())
    for rating in answer.ratings:
        yield _line({name: _plain(value) for name, value in asdict(rating).items()})


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    if not body.startswith(b"\x1f\x8b"):
        raise WrongShape("This is not a snapshot of Ratecard: it is not gzipped.")
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(body, _LARGEST + 1)
    except zlib.error as error:
        raise WrongShape(f"The snapshot is damaged ({error}): fetch it again.") from error
    if len(content) > _LARGEST:
        raise WrongShape(
            f"The snapshot unpacks to more than {_LARGEST // 1024 // 1024} MB, so it is not read."
        )
    if unpacking.unused_data:
        raise WrongShape("The snapshot goes on after its end: fetch it again.")
    return content, unpacking.eof


def _header(line: bytes, *, whole: bool) -> dict[str, Any]:
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        reason = (
            "its first line is not a snapshot's header" if whole else "it ends in its first line"
        )
        raise WrongShape(f"This is not a snapshot of Ratecard: {reason}.")
    version = header.get("version")
    if version != _VERSION:
        by = "a newer" if isinstance(version, int) and version > _VERSION else "another"
        raise WrongShape(
            f"This snapshot was made by {by} Ratecard: its form is version {version}, "
            f"and this Ratecard reads version {_VERSION}."
        )
    return header


def _checked(content: bytes) -> list[bytes]:
    lines = content.splitlines(keepends=True)
    trailer = _trailer(lines[-1])
    if trailer.get("lines") != len(lines) - 1:
        raise WrongShape("The snapshot lacks its end, or lines before it: fetch it again.")
    if trailer.get("sha256") != sha256(content[: -len(lines[-1])]).hexdigest():
        raise WrongShape("The snapshot was changed after it was made: its checksum does not hold.")
    return lines[1:-1]


def _trailer(line: bytes) -> dict[str, Any]:
    try:
        trailer = json.loads(line)
    except ValueError:
        return {}
    return trailer if isinstance(trailer, dict) else {}


def _parsed(source: Mapping[str, Any], records: Iterator[Mapping[str, Any]]) -> Parsed:
    providers = tuple(
        ProviderListing(r["provider"], r["facts"]) for r in islice(records, source["providers"])
    )
    listings = tuple(_listing(record) for record in islice(records, source["listings"]))
    histories = tuple(
        PriceHistory.from_json(record) for record in islice(records, source.get("histories", 0))
    )
    ratings = tuple(_rating(record) for record in islice(records, source.get("ratings", 0)))
    lines = len(providers) + len(listings) + len(histories) + len(ratings)
    kinds = ("providers", "listings", "histories", "ratings")
    if lines < sum(source.get(kind, 0) for kind in kinds):
        raise ValueError("fewer lines than its header says")
    return Parsed(
        source=source["slug"],
        as_of=datetime.fromisoformat(source["as_of"]),
        listings=listings,
        providers=providers,
        not_expressed=Counter(source["not_expressed"]),
        histories=histories,
        ratings=ratings,
    )


def _rating(record: Mapping[str, Any]) -> StatedRating:
    figures = {name: Decimal(record[name]) for name in ("rating", "low", "high")}
    return StatedRating(**{**record, **figures})


def _listing(record: Mapping[str, Any]) -> Listing:
    rates = tuple(StatedRate.from_json(rate) for rate in record["rates"])
    if any(rate.state not in STATES for rate in rates):
        raise ValueError("a rate in no known state")
    if any(type(rate.content_billed_as_input) not in (bool, type(None)) for rate in rates):
        raise ValueError("a rate whose content is billed as input neither way")
    evidence = {field: (url, on) for field, (url, on) in record.get("evidence", {}).items()}
    subject = record["provider"], record["id"]
    return Listing(*subject, record["facts"], rates, record.get("matches"), evidence)
