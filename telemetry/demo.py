"""Which endpoints made-up calls are of, and how to be rid of all of them."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.keys import make_key
from accounts.models import Key, KeyKind
from catalog.known_names import known_names
from catalog.models import Endpoint
from catalog.provider_kinds import DIRECT
from telemetry import fold
from telemetry.live import renew_live_rows
from telemetry.models import CallOrigin, InboxRow, Measured, Series
from telemetry.naming import endpoint_of
from telemetry.series import drop_series

MODELS, OF_A_MODEL = 5, 4
KEY_NAME = "manage.py demo_traffic"


def demo_names() -> list[tuple[str, str]]:
    """Provider and id of endpoints whose names lead back to them: of the first models in Top."""
    plain = Endpoint.objects.filter(
        model__headline__folded="",
        price_row__isnull=False,
        provider__kind__in=DIRECT,
        mode="chat",
        missing_since=None,
        floating=False,
        variant="",
        region="",
    ).order_by("model__headline__top", "price_row__place", "upstream_id")
    names, known = [], known_names()
    of_models: Counter[int] = Counter()
    providers = set()
    found = plain.values_list("id", "model_id", "provider__slug", "upstream_id")
    for id_, model, provider, upstream_id in found.iterator(500):
        is_needed = of_models[model] < OF_A_MODEL and (model, provider) not in providers
        if is_needed and (model in of_models or len(of_models) < MODELS):
            if endpoint_of(known, provider, upstream_id) == id_:
                names.append((provider, upstream_id))
                of_models[model] += 1
                providers.add((model, provider))
        elif len(of_models) == MODELS and all(n >= OF_A_MODEL for n in of_models.values()):
            break
    return names


def make_demo_key(now: datetime) -> tuple[Key, str]:
    """A key for made-up calls alone, for a day."""
    key, secret = make_key(KeyKind.INGEST, KEY_NAME, scope=CallOrigin.DEMO)
    key.expires_at = now + timedelta(days=1)
    key.save(update_fields=["expires_at"])
    return key, secret


def last_demo_call() -> datetime | None:
    return (
        Series.objects.filter(origin=CallOrigin.DEMO)
        .order_by("-last_seen")
        .values_list("last_seen", flat=True)
        .first()
    )


@transaction.atomic
def remove_demo(now: datetime) -> int:
    """Remove made-up calls with all that came of them, and their keys; how many calls it were."""
    Key.objects.filter(kind=KeyKind.INGEST, scope=CallOrigin.DEMO).delete()
    with connection.cursor() as cursor:  # no fold runs meanwhile, nor begins with a row of these
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [fold.LOCK])
    InboxRow.objects.filter(origin=CallOrigin.DEMO).delete()
    series = Series.objects.filter(origin=CallOrigin.DEMO).values_list("id", flat=True)
    calls = drop_series(list(series))
    Measured.objects.filter(origin=CallOrigin.DEMO).delete()
    renew_live_rows(now)
    return calls
