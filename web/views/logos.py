"""The sprite of logos, under its digest."""

from functools import lru_cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.gzip import gzip_page

from sources.logos.sprite import current_sprite
from web.views.errors import read_only

# A drawing shows itself, and nothing else, even when it is opened by itself.
POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@read_only
@gzip_page
def logos(request: HttpRequest, digest: str) -> HttpResponse:
    sprite = current_sprite()
    if sprite is None:
        raise Http404("There are no logos.")
    if digest != sprite.digest:
        # A page from before the sprite was made anew.
        return redirect("logos", digest=sprite.digest)
    response = HttpResponse(_body(sprite.path), content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = POLICY
    return response


@lru_cache(maxsize=1)
def _body(path: Path) -> bytes:
    """The bytes of a sprite; another one has another name."""
    return path.read_bytes()
