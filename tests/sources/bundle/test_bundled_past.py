"""Years of price history, and ratings, in the snapshot."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F, Q

from catalog.models import Endpoint, Rating
from pricing.models import Rate
from sources.bundle.snapshot import BUNDLED, load
from sources.refresh import load as load_batch
from sources.registry import ARCHIVES
from tests.factories import current_rates

pytestmark = [pytest.mark.usefixtures("bundled_catalog"), pytest.mark.django_db]

COMMIT = "https://github.com/BerriAI/litellm/commit/"
HELD = ~Q(valid_to__isnull=False, valid_to=F("valid_from"))
# Before the data of any catalog in the snapshot.
BEFORE = datetime(2026, 9, 30, tzinfo=UTC)


def standard(provider: str, upstream_id: str, meter: str = "input") -> Any:
    endpoint = Endpoint.objects.get(provider__slug=provider, upstream_id=upstream_id)
    return Rate.objects.base().published().filter(endpoint=endpoint, meter=meter)


@pytest.mark.parametrize(
    ("provider", "upstream_id", "day", "old", "new", "commit"),
    [
        ("openai", "gpt-4o", "2024-11-13", "5", "2.5", "e7543378b8b7"),
        ("mistral", "mistral-small", "2024-05-31", "2", "1", "923f99530cec"),
        (
            *("amazon-bedrock", "meta.llama3-1-70b-instruct-v1:0", "2024-08-29", "2.65", "0.99"),
            "8ae0fc693f62",
        ),
    ],
)
def test_a_known_cut_has_its_day_its_prices_and_the_change_behind_it(
    provider: str, upstream_id: str, day: str, old: str, new: str, commit: str
) -> None:
    at = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    rates = standard(provider, upstream_id).filter(HELD)
    before, after = rates.get(valid_to=at), rates.get(valid_from=at)
    assert (before.amount, after.amount) == (Decimal(old), Decimal(new))
    assert after.origin == Rate.Origin.CHANGE
    assert after.evidence == f"{COMMIT}{commit}"
    (held,) = current_rates(at - timedelta(seconds=1), rates)
    assert held == before


def test_a_slip_of_units_is_no_cut_to_a_ten_thousandth() -> None:
    held = standard("novita-ai", "baai/bge-m3").get(HELD)
    assert (held.amount, held.origin) == (Decimal("0.01"), Rate.Origin.CORRECTION)
    slip = standard("novita-ai", "baai/bge-m3").get(~HELD)
    assert (slip.amount, slip.valid_from) == (100, held.valid_from)
    assert slip.why == "Listed in another unit by mistake until 2026-01-13."


def test_a_change_that_was_undone_never_held() -> None:
    rates = standard("azure", "gpt-4-1106-preview")
    assert list(rates.filter(~HELD).values_list("amount", "why")) == [
        (30, "Listed and undone on 2024-02-04.")
    ]
    (held,) = rates.filter(HELD)
    assert (held.amount, held.valid_from) == (10, datetime(2023, 11, 30, tzinfo=UTC))


def test_thousands_of_endpoints_have_a_past_of_before_the_snapshot() -> None:
    past = Rate.objects.published().filter(HELD, valid_from__lt=BEFORE).exclude(evidence="")
    assert past.values("endpoint").distinct().count() > 2500
    assert past.filter(valid_to=None).count() > 9000
    changed = past.filter(terms={}).exclude(valid_to=None)
    assert changed.values("endpoint").distinct().count() > 300
    oldest = past.order_by("valid_from").first()
    assert oldest is not None
    assert oldest.valid_from == datetime(2023, 9, 6, tzinfo=UTC)
    assert not past.exclude(evidence__startswith=COMMIT).exists()


def test_no_recorded_cut_or_rise_is_a_slip_of_magnitude() -> None:
    """A change by the provider is below a hundred times; what is beyond is a correction."""
    later = Rate.objects.published().filter(HELD, origin=Rate.Origin.CHANGE).exclude(evidence="")
    pairs = later.filter(
        endpoint__rates__series=F("series"), endpoint__rates__valid_to=F("valid_from")
    ).values_list("amount", "endpoint__rates__amount")
    assert len(pairs) > 500
    assert all(max(new / old, old / new) < 100 for new, old in pairs if new and old)


def test_the_ratings_are_of_one_day_in_26_categories_and_of_most_rated_models() -> None:
    ratings = Rating.objects.all()
    assert set(ratings.values_list("as_of", flat=True)) == {date(2026, 10, 20)}
    assert ratings.values("board", "category").distinct().count() == 26
    assert ratings.values("model").distinct().count() > 255
    assert ratings.count() > 5200
    opus = ratings.get(model__slug="anthropic/claude-opus-5.5", board="text", category="overall")
    assert (opus.name, opus.effort) == ("Claude Opus 5.5 (High)", "high")
    assert (opus.rating, opus.low, opus.high) == tuple(map(Decimal, ("1508.8", "1501.8", "1515.7")))
    assert (opus.votes, opus.rank) == (9496, 3)
    assert (opus.source.name, opus.source.licence) == ("Arena leaderboard", "CC BY 4.0")


def test_a_second_load_adds_nothing() -> None:
    archives = [parsed for parsed in load(BUNDLED.read_bytes()) if parsed.source in ARCHIVES]
    before = Rate.objects.count(), Rate.objects.exclude(evidence="").count()
    counts = load_batch(archives, now=datetime(2026, 11, 30, tzinfo=UTC))
    assert {name for name in counts if "left out" not in name} <= {
        "histories of endpoints that are not here",
        "ratings of models that are not here",
    }
    assert (Rate.objects.count(), Rate.objects.exclude(evidence="").count()) == before
