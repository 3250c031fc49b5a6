"""Check the curated facts: every mistake with its file, row and reason."""

from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.matching.link import Spelling, link
from sources.bundle.snapshot import BUNDLED, load
from sources.upstreams.curated.check import model_complaints, rule_complaints
from sources.upstreams.curated.read import Curated, read_facts


class Command(BaseCommand):
    help = "Check the curated facts in sources/upstreams/curated/. Needs no database."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        facts = read_facts(Curated().answer(now=timezone.now()).pages)
        upstream_ids: dict[str, set[str]] = defaultdict(set)
        for parsed in load(BUNDLED.read_bytes()):
            for listing in parsed.listings:
                if listing.matches is None:
                    upstream_ids[listing.provider].add(listing.upstream_id)
        spellings = [Spelling(slug, id_) for slug, ids in upstream_ids.items() for id_ in ids]
        slugs = {decision.model for decision in link(spellings).values()}
        complaints = [
            *facts.complaints,
            *rule_complaints(facts, upstream_ids),
            *model_complaints(facts, slugs),
        ]
        for complaint in complaints:
            self.stderr.write(complaint)
        if complaints:
            mistakes = "a mistake" if len(complaints) == 1 else f"{len(complaints)} mistakes"
            raise CommandError(f"The curated facts have {mistakes}.")
        self.stdout.write(f"{len(facts.stated):,} rows of curated facts, of {facts.as_of}.")
