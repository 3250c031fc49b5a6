"""The floor: recorded answers of Ratecard, served again by the same stack after one trivial query.

Same server, settings, middleware and database; no view, template or read of Ratecard. Only
`bench.floor_settings` leads here, so no install serves it.
"""

import gzip
from functools import cache
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import re_path
from django.utils.cache import get_conditional_response

from bench.recordings import file_name, folder

# As in Ratecard's page cache, so that both compress the same bytes with the same effort.
COMPRESSION = 4


def answer(request: HttpRequest) -> HttpResponse:
    """The recorded bytes: compressed now if the address has a `fresh` parameter, else once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    address, _, fresh = request.get_full_path().partition("fresh=")
    name = _recorded(address.rstrip("?&"), part="HX-Request" in request.headers)
    etag, body = (_packed if fresh else _packed_once)(name)
    response = HttpResponse(body, headers={"Content-Encoding": "gzip", "ETag": etag})
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept-Encoding, HX-Request, HX-Boosted, HX-History-Restore-Request"
    conditional = get_conditional_response(request, etag=etag, response=response)
    assert isinstance(conditional, HttpResponse)
    return conditional


def _recorded(address: str, *, part: bool) -> str:
    for known in (address, address.partition("?")[0]):
        name = file_name(known, part=part)
        if name in RECORDINGS:
            return name
    raise Http404


def _packed(name: str) -> tuple[str, bytes]:
    plain = RECORDINGS[name]
    return f'"{sha256(plain).hexdigest()[:32]}"', gzip.compress(plain, COMPRESSION, mtime=0)


_packed_once = cache(_packed)
# Read before the first request, so that no request waits for the disk.
RECORDINGS = {file.name: file.read_bytes() for file in folder(settings.HOME).glob("*")}

urlpatterns = [
    re_path(r"^readyz$", lambda request: HttpResponse("ready")),
    re_path(r"", answer),
]
