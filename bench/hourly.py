"""Hourly refreshes of models.dev, run by `bench.year` in a process with Django's models."""

import json
from dataclasses import replace
from datetime import timedelta
from random import Random

from django.db import connection
from django.utils import timezone

from bench.refreshed import ModelsDevMirror, RecordedModelsDev, changed, recorded
from catalog.version import fold_written
from pricing.models import Rate
from sources.bundle.snapshot import dump
from sources.models import Refresh, RefreshState
from sources.refresh import refresh

# Refreshes until answers and pages are dropped as fast as they come, and those measured then.
WARM_UP = 12
MEASURED = 48
# As OpenRouter's answers of successive days differ.
CHANGED_A_DAY = 0.02
_SIZES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def main() -> None:
    """Print the bytes and rows of every table after the warm-up and at the end, as JSON."""
    random = Random(1)
    parsed = recorded()
    listings = {(listing.provider, listing.upstream_id): listing for listing in parsed.listings}
    originals = [listing for listing in parsed.listings if any(r.amount for r in listing.rates)]
    prices = Rate.objects.published().filter(valid_to=None).count() * CHANGED_A_DAY / 24
    began = timezone.now()
    sizes = []
    with ModelsDevMirror() as mirror:
        for hour in range(WARM_UP + MEASURED):
            if hour == WARM_UP:
                sizes.append(_sizes())
            moved = 0
            while moved < prices:
                original = random.choice(originals)
                key = original.provider, original.upstream_id
                listings[key] = changed(original, random.randint(1, 20))
                moved += sum(bool(rate.amount) for rate in original.rates)
            now = began + timedelta(hours=hour)
            answer = replace(parsed, as_of=now, listings=tuple(listings.values()))
            mirror.body = dump([answer], built_at=now)
            refresh(RecordedModelsDev(), now=now)
    sizes.append(_sizes())
    states = Refresh.objects.values_list("state", flat=True)[: WARM_UP + MEASURED]
    assert {*states} == {RefreshState.DONE}
    print(json.dumps(sizes))


def _sizes() -> dict[str, tuple[int, int]]:
    fold_written()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute(_SIZES)
        sizes = {}
        for name, size in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            sizes[name] = int(size), int(cursor.fetchall()[0][0])
        return sizes
