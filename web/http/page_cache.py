"""Public pages and their data, cached in each process by catalog version."""

import gzip
import re
from collections.abc import Callable, Collection, Hashable, Mapping
from functools import cache as once
from functools import lru_cache, wraps
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from catalog.version import catalog_version, one_version, read_once
from pricing.next_change import next_change_at
from sources.logos.sprite import current_sprite
from web.http.kept_pages import KeptPages, StoredPage
from web.http.turns import TURNS

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)
Read = TypeVar("Read")
Key = TypeVar("Key", bound=Hashable)

# A list of 136 KB becomes 16 KB in 0.9 ms; the best size, 15 KB, takes seven times as long.
COMPRESSION = 4
# gzip by its name, without a weight or with one above zero (RFC 9110, 12.5.3).
_TAKES_GZIP = re.compile(
    r"(?:^|,)\s*gzip\s*(?:;\s*q=(?:1(?:\.0{0,3})?|0\.(?=\d*[1-9])\d{1,3})\s*)?(?:,|$)",
    re.ASCII | re.IGNORECASE,
)
# The headers by which the same address gives the whole page or a part of it.
HTMX_HEADERS = ("HX-Request", "HX-Boosted", "HX-History-Restore-Request", "HX-Target")
ROOT = Path(__file__).resolve().parents[2]
# What pages show: the catalog with its prices, and the figures of how endpoints perform.
TOPICS = ("catalog", "live")
# The runs of sources, which change the page of sources alone, every few minutes.
RUNS = "refreshes"
PAGES = KeptPages(settings.PAGE_CACHE_MB * 1024 * 1024)
_MAKE_PAGES = (
    "catalog",
    "pricing",
    "agreements",
    "usage",
    "telemetry",
    "sources",
    "accounts",
    "web",
    "templates",
    "static",
)


def cached_page_of(
    *topics: str,
) -> Callable[
    [Callable[Concatenate[R, P], HttpResponse]], Callable[Concatenate[R, P], HttpResponse]
]:
    """Render each page once per version of these topics, and nothing for a 304.

    Only for pages that are the same for every visitor.
    """

    def cached(
        view: Callable[Concatenate[R, P], HttpResponse],
    ) -> Callable[Concatenate[R, P], HttpResponse]:
        @wraps(view)
        def answer(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            small = bool(_TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")))
            with one_version():
                etag = _etag(request, topics, small=small)
                # Whether `*` matches depends on whether there is a page at this address.
                any_page = request.headers.get("If-None-Match", "").strip() == "*"
                known = etag and not any_page
                if known and (unchanged := get_conditional_response(request, etag=etag)):
                    return _with_headers(unchanged, etag)
                response = _kept(etag)
                if response is None:
                    with TURNS.one() as waited:
                        # Another request may have made it meanwhile.
                        response = _kept(etag) if waited else None
                        if response is None:
                            made = view(request, *args, **kwargs)
                            response = _finished(made, small=small, etag=etag)
                            _keep(etag, response)
            if etag and any_page:
                return cast(
                    HttpResponse, get_conditional_response(request, etag, response=response)
                )
            return response

        return answer

    return cached


def cached_page(
    view: Callable[Concatenate[R, P], HttpResponse],
) -> Callable[Concatenate[R, P], HttpResponse]:
    """Render each page once per version of the catalog: see `cached_page_of`."""
    return cached_page_of(*TOPICS)(view)


def _kept(etag: str) -> HttpResponse | None:
    page = PAGES.get(etag) if etag else None
    return HttpResponse(page.content, headers=dict(page.headers)) if page else None


def _keep(etag: str, response: HttpResponse) -> None:
    if etag and response.status_code == 200:
        PAGES.keep(etag, StoredPage(response.content, tuple(response.items())))


def _etag(request: HttpRequest, topics: tuple[str, ...], *, small: bool) -> str:
    """Digest of everything that a page depends on; "" where nothing may be kept."""
    version = "" if settings.DEBUG else catalog_version(*topics)
    if not version:
        return ""
    parts = (
        *(_program(), version, next_change_at(version, timezone.now()), _logos()),
        *(request.headers.get(name) for name in HTMX_HEADERS),
        request.get_full_path(),
    )
    digest = sha256(repr(parts).encode()).hexdigest()[:32]
    return f'"{digest}{"-gzip" if small else ""}"'


def _logos() -> str:
    sprite = current_sprite()
    return sprite.digest if sprite else ""


@once
def _program() -> str:
    """Digest of the code that makes pages: another release has other ETags."""
    digest = sha256(settings.PUBLIC_URL.encode())
    files = (path for folder in _MAKE_PAGES for path in (ROOT / folder).rglob("*.*"))
    for path in (*sorted(files), ROOT / "uv.lock"):
        if path.suffix != ".pyc" and path.is_file():
            digest.update(f"{path.relative_to(ROOT)} {path.stat().st_size} ".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _finished(response: HttpResponse, *, small: bool, etag: str = "") -> HttpResponse:
    """The response with its headers, compressed if `small`.

    Public pages hold no secret that their compressed size could disclose.
    """
    if small:
        response.content = gzip.compress(response.content, COMPRESSION, mtime=0)
        response["Content-Encoding"] = "gzip"
    if response.status_code == 200:
        return _with_headers(response, etag)
    patch_vary_headers(response, ("Accept-Encoding",))
    return response


def _with_headers(response: HttpResponse, etag: str) -> HttpResponse:
    patch_vary_headers(response, ("Accept-Encoding", *HTMX_HEADERS))
    response["Cache-Control"] = "no-cache"  # cached, and validated at each use
    if etag:
        response["ETag"] = etag
    return response


def cached_read(read: Callable[..., Read], most: int) -> Callable[..., Read]:
    """Cache `read` for its last `most` argument tuples until a write or the clock changes it.

    `read` takes the instant last.
    """

    @lru_cache(maxsize=most)
    def kept(version: str, until: object, *args: Hashable) -> Read:
        return read(*args, timezone.now())

    @wraps(read)
    def answer(*args: Hashable) -> Read:
        version, now = catalog_version(*TOPICS), timezone.now()
        if not version:
            return read(*args, now)
        return kept(version, next_change_at(version, now), *args)

    return answer


def cached_each(
    read: Callable[..., Mapping[Key, Read]], most: int
) -> Callable[..., Mapping[Key, Read]]:
    """Cache what `read` finds for each key until a write or the clock changes it, for `most` keys.

    `read` takes the keys that are not cached, then other arguments, and the instant last. The
    answer is in the order of the keys.
    """
    kept: dict[Hashable, Any] = {}
    lock = Lock()

    @wraps(read)
    def answer(keys: Collection[Key], *args: Hashable) -> Mapping[Key, Read]:
        version, now = catalog_version(*TOPICS), timezone.now()
        if not version:
            found = read(keys, *args, now)
            return {key: found[key] for key in keys if key in found}
        state = version, next_change_at(version, now), *args
        known = {key: kept.get((state, key)) for key in keys}
        missing = [key for key, found in known.items() if found is None]
        if missing:
            new = read(missing, *args, now)
            with lock:
                kept.update(((state, key), found) for key, found in new.items())
                for oldest in list(kept)[: max(0, len(kept) - most)]:
                    del kept[oldest]
            known.update(new)
        return {key: found for key, found in known.items() if found is not None}

    return answer


def cached_summary(read: Callable[[], Read]) -> Callable[[], Read]:
    """Cache `read` until a write changes it or a day begins: what is retired depends on the day."""
    kept = lru_cache(maxsize=1)(lambda version, today: read())

    @wraps(read)
    def answer() -> Read:
        version = catalog_version(*TOPICS)
        return kept(version, timezone.now().date()) if version else read_once(read)

    return answer
