"""Curated facts of models, whichever provider serves them. Pure."""

import re
from collections.abc import Iterator

from sources.base import ModelRule
from sources.upstreams.curated.rows import CuratedRow

_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9*][a-z0-9._*-]*", re.ASCII)


def model_facts(row: CuratedRow) -> Iterator[ModelRule]:
    row.rest(("models", "released", "source", "checked"))
    models = row.texts("models")
    if not models:
        row.complain("models is missing: slugs such as openai/gpt-4, with * for anything")
    for slug in models:
        if not _SLUG.fullmatch(slug):
            row.complain(f"“{slug}” in models is no slug such as openai/gpt-4")
    facts = {"released": row.day("released", required=True)}
    at = row.evidence()
    yield ModelRule(tuple(models), facts, dict.fromkeys(facts, at) if at else {})
