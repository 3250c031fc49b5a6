"""One creator with the list of its models."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from web.pages.head import Head, head_of_list
from web.pages.model_list import ModelListPage, model_list_page
from web.params.models import ModelFilters
from web.reads.creators import CreatorRecord, creator_by_slug


@dataclass(frozen=True, slots=True)
class CreatorPage:
    creator: CreatorRecord
    models: ModelListPage


def creator_page(
    slug: str, filters: ModelFilters, today: date, *, only_last: bool = False
) -> CreatorPage | None:
    """None if there is no creator of this slug; see `model_list_page`."""
    creator = creator_by_slug(slug)
    if creator is None:
        return None
    models = model_list_page(filters, today, creator=slug, only_last=only_last)
    return CreatorPage(creator, models)


def creator_head(page: CreatorPage) -> Head:
    creator, filters = page.creator, page.models.filters
    if creator.models == 1:
        description = f"The one model of {creator.name}: its providers, prices and capabilities."
    else:
        count = f"{creator.models:,}" if creator.models else "No"
        description = f"{creator.name}, {count} models: their providers, prices and capabilities."
    path = reverse("creator", args=[creator.slug])
    query = filters.query(page=filters.page, columns=())
    return head_of_list(f"Models by {creator.name}", description, path, query, filters.page)
