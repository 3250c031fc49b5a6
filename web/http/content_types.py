"""Content types of requests. Django reads them before any middleware, and the query by them."""

import codecs
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.utils.http import parse_header_parameters

# A form that Django refuses to read. A query of ASCII is read as ever.
UNREADABLE = "application/x-www-form-urlencoded; charset=iso-8859-1"


def readable_types(application: WSGIApplication) -> WSGIApplication:
    """Let bodies in another charset than UTF-8 be refused, instead of ending in an exception."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_readable(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = UNREADABLE
        return application(environ, start_response)

    return answer


def _is_readable(content_type: str) -> bool:
    if ";" not in content_type:
        return True
    try:
        charset = parse_header_parameters(content_type)[1].get("charset", "utf-8")
        return codecs.lookup(charset).name == "utf-8"
    except LookupError:  # Django ignores an unknown one
        return True
    except ValueError:
        return False
