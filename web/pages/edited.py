"""What the page at an address shows, as the admin names it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from django.urls import Resolver404, resolve

from catalog.models import Creator, Model, Provider
from web.pages.endpoint import endpoint_at


@dataclass(frozen=True, slots=True)
class EditedObject:
    """`kind` is the name of a model class of the catalog, in lower case."""

    kind: str
    id: int

    @property
    def permission(self) -> str:
        return f"catalog.change_{self.kind}"

    @property
    def form(self) -> str:
        return f"admin:catalog_{self.kind}_change"


def object_at(address: str, now: datetime) -> EditedObject | None:
    """None for the address of a page that shows no object of the catalog."""
    try:
        path, query = urlsplit(address)[2:4]
        match = resolve(path)
    except (ValueError, Resolver404):
        return None
    words = match.kwargs
    id_: int | None = None
    if match.url_name == "model":
        slug = f"{words['creator']}/{words['name']}"
        id_ = Model.objects.filter(slug=slug).values_list("pk", flat=True).first()
    elif match.url_name == "provider":
        id_ = Provider.objects.filter(slug=words["slug"]).values_list("pk", flat=True).first()
    elif match.url_name == "creator":
        id_ = Creator.objects.filter(slug=words["slug"]).values_list("pk", flat=True).first()
    elif match.url_name == "endpoint":
        slug = f"{words['creator']}/{words['name']}"
        upstream_id = parse_qs(query).get("id", [""])[-1].replace("\0", "")
        endpoint = endpoint_at(slug, words["provider"], upstream_id, now)
        id_ = endpoint.id if endpoint else None
    return EditedObject(match.url_name, id_) if id_ is not None and match.url_name else None
