"""Logos of models.dev: `/logos/<provider>.svg` and `/logos/labs/<creator>.svg`, once a day."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from catalog.models import Creator, Provider
from sources.base import FetchFailed, Http
from sources.http import open_http
from sources.logos.sprite import keep, kept_at, sanitised, slugs
from sources.upstreams.models_dev.read import ModelsDev

ORIGIN = "models-dev"
_DAY = timedelta(hours=23)
# models.dev answers an unknown name with its default drawing.
_UNKNOWN = "logos/no-provider-has-this-name.svg"


def refresh_logos(*, now: datetime, folder: Path | None = None) -> bool:
    """Read the logos unless today's are there; whether the sprite is another one.

    What cannot be drawn safely is left out. Raises FetchFailed.
    """
    folder = folder or settings.LOGO_FOLDERS[0]
    last = kept_at(ORIGIN, folder)
    if last and timedelta(0) <= now - last < _DAY:
        return False
    with open_http(ModelsDev(), now=now) as http:
        files = _files(http)
    drawings, _ = sanitised(files)
    if not any(drawings.values()):
        raise FetchFailed("models.dev gave no logo that can be drawn: those of before stay.")
    return keep(ORIGIN, drawings, version=now.date().isoformat(), at=now, folder=folder)


def _files(http: Http) -> dict[str, dict[str, bytes]]:
    providers = slugs(Provider.objects.order_by("slug").values_list("slug", flat=True))
    creators = slugs(Creator.objects.order_by("slug").values_list("slug", flat=True))
    paths = {
        **{f"logos/{slug}.svg": ("providers", slug) for slug in providers},
        **{f"logos/labs/{slug}.svg": ("creators", slug) for slug in creators},
    }
    bodies = http.get_each([_UNKNOWN, *paths])
    if not all(bodies.values()):
        raise FetchFailed("models.dev gave some logos and not others: those of before stay.")
    default = bodies.pop(_UNKNOWN, None)
    files: dict[str, dict[str, bytes]] = {"providers": {}, "creators": {}}
    for path, body in bodies.items():
        kind, slug = paths[path]
        if body != default:
            files[kind][slug] = body
    return files
