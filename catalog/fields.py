"""Columns and constraints that several tables of the catalog share."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.fields.related import ForeignObject


@ForeignObject.register_lookup
@models.Field.register_lookup
class AmongIds(models.Lookup):  # type: ignore[type-arg]
    """`id__among=ids`: as `in`, with one parameter instead of one for each of thousands of ids."""

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, lhs: Any, rhs: Iterable[int]) -> None:
        super().__init__(lhs, [*rhs])

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs]


class PartialDateField(models.CharField):  # type: ignore[type-arg]
    """An ISO date of any precision: 2024, 2024-05 or 2024-05-31. Empty is unknown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, **{"max_length": 10, "blank": True, "default": "", "db_collation": "C", **kwargs}
        )


def partial_date_checks(*fields: str) -> list[models.CheckConstraint]:
    pattern = r"^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$"
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}__regex": pattern}), name=f"%(class)s_{field}_is_a_date"
        )
        for field in fields
    ]


def above_zero_checks(*fields: str) -> list[models.CheckConstraint]:
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": 0}),
            name=f"%(class)s_{field}_above_zero",
        )
        for field in fields
    ]


def column(table: type[models.Model], name: str) -> Any:
    return table._meta.get_field(name)


def default_values(table: type[models.Model], names: Iterable[str]) -> dict[str, Any]:
    return {name: column(table, name).get_default() for name in names}
