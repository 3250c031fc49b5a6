"""Parse rows of LiteLLM's cost map: a slice of the real one, and rows that a test makes up."""

import json
from datetime import UTC, datetime
from pathlib import Path

from pricing.terms import Band, Terms
from sources.base import Answer
from sources.upstreams.litellm.read import LiteLLM

AS_OF = datetime(2026, 11, 12, tzinfo=UTC)
SLICE = json.loads(
    (Path(__file__).parents[2] / "payloads/litellm/slice.json").read_text(encoding="utf-8")
)
FILLER = {f"filler/{n}": {"litellm_provider": "filler", "mode": "chat"} for n in range(50)}
PAST_272K = Band(272_000)


def parse(rows):
    return LiteLLM().parse(Answer(AS_OF, {"": json.dumps(rows).encode()}))


def parse_with(rows):
    """Parse these rows in a map that is long enough to be one."""
    return parse(FILLER | rows)


PARSED = parse(SLICE)
LISTINGS = {(listing.provider, listing.upstream_id): listing for listing in PARSED.listings}


def row_of(provider="openai", mode="chat", **fields):
    """One made-up row: its only listing, and what was counted."""
    parsed = parse_with({"x": {"litellm_provider": provider, "mode": mode} | fields})
    (listing,) = (ls for ls in parsed.listings if ls.provider != "filler")
    return listing, parsed.not_expressed


def amounts(listing, **conditions):
    """{meter: amount, or the state where there is none} under exactly these terms."""
    terms = Terms(**conditions)
    return {
        r.meter: r.state if r.amount is None else str(r.amount)
        for r in listing.rates
        if r.terms == terms
    }
