"""Keep what a refresh replaces of a source's facts of providers and rules, and put it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import ProviderClaims, Source
from sources.models import EarlierStatements, KeptRules

_COLUMNS = ("since", "facts", "evidence", "digest", "stated_at")


@dataclass(frozen=True, slots=True)
class Statements:
    """The columns of claims by id of a provider, and the rules."""

    providers: dict[str, dict[str, Any]]
    rules: list[Any]


class EarlierOf:
    """What sources state before a refresh, if there is one to keep it for."""

    def __init__(self, refresh_id: int | None, sources: Iterable[Source]) -> None:
        self._refresh_id = refresh_id
        self._before = {source.id: _statements(source) for source in sources if refresh_id}

    def keep(self, source: Source) -> None:
        """Keep what the refresh has replaced, once it has written."""
        if self._refresh_id is None:
            return
        before, after = self._before[source.id], _statements(source)
        changed = {
            id_: before.providers.get(id_)
            for id_ in {*before.providers, *after.providers}
            if before.providers.get(id_) != after.providers.get(id_)
        }
        rules = before.rules if before.rules != after.rules else None
        if changed or rules is not None:
            EarlierStatements.objects.create(
                refresh_id=self._refresh_id, providers=changed, rules=rules
            )


def _statements(source: Source) -> Statements:
    rows = ProviderClaims.objects.filter(source=source).values("provider_id", *_COLUMNS)
    kept = KeptRules.objects.filter(source=source).values_list("rules", flat=True).first()
    providers = {
        str(row.pop("provider_id")): row
        | {"digest": bytes(row["digest"]).hex(), "stated_at": row["stated_at"].isoformat()}
        for row in rows
    }
    return Statements(providers, kept or [])


def put_statements_back(refresh_id: int, source: Source) -> set[int]:
    """Return a source's statements to what they were before a refresh; the ids of the providers.

    Later refreshes must have been taken back before.
    """
    earlier = EarlierStatements.objects.filter(refresh_id=refresh_id).first()
    if earlier is None:
        return set()
    for provider_id, columns in earlier.providers.items():
        claims = ProviderClaims.objects.filter(source=source, provider_id=provider_id)
        if columns is None:
            claims.delete()
            continue
        values = columns | {
            "digest": bytes.fromhex(columns["digest"]),
            "stated_at": datetime.fromisoformat(columns["stated_at"]),
        }
        ProviderClaims.objects.update_or_create(
            source=source, provider_id=int(provider_id), defaults=values
        )
    if earlier.rules is not None:
        KeptRules.objects.update_or_create(source=source, defaults={"rules": earlier.rules})
    return {int(id_) for id_ in earlier.providers}
