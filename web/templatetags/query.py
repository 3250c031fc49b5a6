"""Links and hidden fields, written in the template from a query string's object."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Protocol

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


class QueryObject(Protocol):
    """A dataclass that writes itself back as a query string, such as ModelFilters."""

    def pairs(self, **changes: Any) -> list[tuple[str, str]]: ...

    def query(self, **changes: Any) -> str: ...


@register.simple_tag
def query(filters: QueryObject, without: str = "", **changes: Any) -> str:
    """The shortest query string with changes: `{% query filters page=2 without="q sort" %}`."""
    return filters.query(**_defaults(filters, without), **changes)


@register.simple_tag
def hidden_fields(filters: QueryObject, without: str = "", form: str = "") -> SafeString:
    """Hidden fields of a form for the rest of the query; `without` names the form's own fields.

    `form` is the id of a form that the fields lie outside of.
    """
    attribute = format_html(' form="{}"', form) if form else ""
    pairs = filters.pairs(**_defaults(filters, without))
    return format_html_join(
        "",
        '<input type="hidden" name="{}" value="{}"{}>',
        ((name, value, attribute) for name, value in pairs),
    )


def _defaults(filters: QueryObject, names: str) -> Mapping[str, Any]:
    wanted = names.split()
    known = fields(filters)  # type: ignore[arg-type] # a Protocol cannot require a dataclass
    return {field.name: field.default for field in known if field.name in wanted}
