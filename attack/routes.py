"""Every route of the URLconf, with addresses that exist and the parameters that its page names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from attack.wire import get

PART = re.compile(r"<(?:\w+:)?(\w+)>")
# A regular expression's named group and its other signs, as far as Django's own routes have them.
_GROUP = re.compile(r"\(\?P<(\w+)>[^)]*\)")
_SIGNS = re.compile(r"[\^$\\?]")


@dataclass(frozen=True)
class Route:
    """A pattern with `<name>` parts, and what fills them at an address that exists."""

    pattern: str
    known: Mapping[str, str]
    parameters: tuple[str, ...] = field(default=(), compare=False)

    def address(self, parts: Mapping[str, str] | None = None) -> str:
        values = {**self.known, **(parts or {})}
        return "/" + PART.sub(lambda part: values.get(part[1], "1"), self.pattern)

    @property
    def parts(self) -> list[str]:
        return PART.findall(self.pattern)


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        text = str(entry.pattern)
        if not isinstance(entry.pattern, RoutePattern):
            text = _SIGNS.sub("", _GROUP.sub(r"<\1>", text))
        if isinstance(entry, URLPattern):
            yield before + text
        else:
            yield from patterns(entry, before + text)


def routes(port: int, cookies: str = "", token: str = "") -> list[Route]:
    """The public routes, or with a session's cookies those of the admin."""
    found = []
    for pattern in dict.fromkeys(patterns()):
        if _is_ours(pattern, in_admin=bool(cookies)):
            known = {**_known(pattern), "token": token, **_known_in_admin(pattern)}
            page = get(port, Route(pattern, known).address(), {"Cookie": cookies})
            names = tuple(dict.fromkeys(_parameters(page.body.decode(errors="replace"))))
            found.append(Route(pattern, known, names))
    return found


def _is_ours(pattern: str, *, in_admin: bool) -> bool:
    """Whether to attack a route: the sign-in by strangers, and the sign-out not by a session."""
    if pattern in ("admin/login/", "admin/logout/"):
        return not in_admin
    return pattern.startswith("admin/") == in_admin


def _known(pattern: str) -> dict[str, str]:
    """An endpoint with a rate: its parts in the words of the URLconf."""
    endpoint = apps.get_model("catalog", "Endpoint").objects.filter(rates__isnull=False).first()
    if endpoint is None:
        return {}
    creator, _, name = endpoint.model.slug.partition("/")
    return {
        "creator": creator,
        "name": name,
        "spelling": endpoint.model.slug,
        "provider": endpoint.provider.slug,
        "slug": creator if pattern.startswith("creators/") else endpoint.provider.slug,
        "section": "pages",
        "app_label": "catalog",
    }


def _known_in_admin(pattern: str) -> dict[str, str]:
    """The first row of the model that a route of the admin is about."""
    app, _, name = pattern.removeprefix("admin/").partition("/")
    try:
        first = apps.get_model(app, name.partition("/")[0]).objects.order_by("pk").first()
    except LookupError:
        return {}
    return {"object_id": str(first.pk)} if first else {}


def _parameters(page: str) -> Iterable[str]:
    reader = _Names()
    reader.feed(page)
    return reader.names


class _Names(HTMLParser):
    """The names of a page's fields, and of the parameters in its links."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag in ("input", "select", "textarea", "button") and (name := attributes.get("name")):
            self.names.append(name)
        if tag == "a" and (link := attributes.get("href")):
            query = urlsplit(link).query
            self.names += [name for name, _ in parse_qsl(query, keep_blank_values=True)]
