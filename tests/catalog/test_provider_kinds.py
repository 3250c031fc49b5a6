"""Rules on kinds of providers: Python and SQL give the same for every kind."""

import pytest

from catalog.provider_kinds import (
    DIRECT,
    UNBILLED,
    ProviderKind,
    billed_sql,
    direct_sql,
    directness_sql,
)
from catalog.sql import rows

_TWINS = f"""
SELECT provider.kind, {direct_sql("provider")} AS direct, {billed_sql("provider")} AS billed
FROM unnest(%(kinds)s::text[]) AS provider (kind)
ORDER BY {directness_sql("provider")}, provider.kind
"""


@pytest.mark.django_db
def test_sql_and_python_agree_on_every_kind() -> None:
    kinds = [kind.value for kind in ProviderKind]
    found = rows(dict, _TWINS, kinds=kinds)
    assert {row["kind"] for row in found if row["direct"]} == set(DIRECT)
    assert {row["kind"] for row in found if not row["billed"]} == set(UNBILLED)
    others = sorted(set(kinds) - set(DIRECT))
    assert [row["kind"] for row in found] == [*DIRECT, *others]
