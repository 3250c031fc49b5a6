"""Hostile requests to a route, drawn from a seeded source of randomness."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import quote, quote_from_bytes, urlencode

from attack.routes import Route
from attack.values import (
    BODIES,
    CHUNKS,
    CONTENT_TYPES,
    FRAMINGS,
    HEADERS,
    METHODS,
    NAMES,
    PATHS,
    USAGES,
    VALUES,
)
from attack.wire import CSRF_SECRET, FORM, form_bytes, request_bytes


@dataclass(frozen=True)
class Attempt:
    about: str
    sent: bytes
    complete: bool = True


def attempt(random: Random, route: Route, cookies: str = "") -> Attempt:
    """One hostile request to this route, in the session of these cookies if any."""
    kind = random.choice(KINDS)
    return kind(random, route, cookies)


def hostile_query(random: Random, route: Route) -> list[tuple[str, str]]:
    names = (*route.parameters * 4, *NAMES)
    shape = random.random()
    if shape < 0.02:
        return [(f"p{n}", "1") for n in range(1_000)]
    if shape < 0.04:
        return [(random.choice(names), random.choice(VALUES)[:8])] * 5_000
    return [
        (random.choice(names), random.choice(VALUES)) for _ in range(random.choice((1, 1, 2, 6)))
    ]


def encoded(random: Random, pairs: list[tuple[str, str]]) -> str:
    if random.random() < 0.05:  # as raw as a socket takes it
        return "&".join(f"{name}={value}" for name, value in pairs)[:8_000].replace("\n", "")
    return urlencode(pairs, errors="surrogatepass")[:60_000]


def of_path(random: Random, route: Route, cookies: str) -> Attempt:
    if not route.parts or random.random() < 0.3:
        path = random.choice(PATHS)
        return Attempt(f"path {path[:40]!r}", request_bytes("GET", path, {"Cookie": cookies}))
    part = random.choice(route.parts)
    value = random.choice((*VALUES, *route.known.values()))
    once = quote(value, safe=random.choice(("", "/")), errors="surrogatepass")
    text = random.choice(
        (once, once, quote(once), quote_from_bytes(value.encode("utf-16", "replace")))
    )
    pattern = route.address({part: "\0"}).replace("\0", text)
    return Attempt(
        f"GET /{route.pattern} with {part}={value[:40]!r}",
        request_bytes("GET", pattern[:60_000], {"Cookie": cookies}),
    )


def of_query(random: Random, route: Route, cookies: str) -> Attempt:
    pairs = hostile_query(random, route)
    headers = {
        "Cookie": cookies,
        **random.choice(({}, {"HX-Request": "true"}, {"Accept-Encoding": "gzip"})),
    }
    return Attempt(
        f"GET /{route.pattern} with {str(pairs)[:100]}",
        request_bytes("GET", f"{route.address()}?{encoded(random, pairs)}", headers),
    )


def of_headers(random: Random, route: Route, cookies: str) -> Attempt:
    headers = random.choice(HEADERS)
    method = random.choice(("GET", "GET", "HEAD", "POST"))
    return Attempt(
        f"{method} /{route.pattern} with {str(headers)[:100]}",
        request_bytes(method, route.address(), {"Cookie": cookies} | headers),
    )


def of_method(random: Random, route: Route, cookies: str) -> Attempt:
    method, body = random.choice(METHODS), random.choice((b"", b"", b"a=1"))
    return Attempt(
        f"{method[:20]!r} /{route.pattern}",
        request_bytes(method, route.address(), {"Cookie": cookies}, body),
    )


def of_body(random: Random, route: Route, cookies: str) -> Attempt:
    """An odd body of an odd type, half of them with a valid token in a header."""
    kind, body = random.choice(CONTENT_TYPES), random.choice(BODIES)
    method = random.choice(("POST", "POST", "POST", "PUT", "GET"))
    headers = {"Content-Type": kind, "Cookie": cookies}
    if random.random() < 0.5:
        headers["X-CSRFToken"] = CSRF_SECRET
        headers["Cookie"] = f"csrftoken={CSRF_SECRET}; {cookies}"
    return Attempt(
        f"{method} /{route.pattern} with {kind[:60]!r} and {body[:60]!r}",
        request_bytes(method, route.address(), headers, body),
    )


def of_framing(random: Random, route: Route, cookies: str) -> Attempt:
    headers, body = random.choice(FRAMINGS), random.choice((*CHUNKS, b"usage=1"))
    cookie = f"Cookie: csrftoken={CSRF_SECRET}; {cookies}\r\nX-CSRFToken: {CSRF_SECRET}\r\n"
    head = f"POST {route.address()} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{cookie}"
    sent = f"{head}Content-Type: {FORM}\r\n{headers}\r\n".encode() + body
    return Attempt(
        f"POST /{route.pattern} with {headers!r} and {body[:40]!r}", sent, complete=False
    )


def of_form(random: Random, route: Route, cookies: str) -> Attempt:
    """The page's own form, with a valid token and odd values."""
    names = (*route.parameters * 4, *NAMES, "usage", "prompt", "log", "_save", "action")
    fields = {
        random.choice(names): random.choice((*VALUES, *USAGES))
        for _ in range(random.choice((1, 3, 9)))
    }
    if random.random() < 0.3:
        fields = {name: random.choice((*VALUES, *USAGES)) for name in route.parameters}
    shown = {name: value[:30] for name, value in fields.items()}
    return Attempt(
        f"POST /{route.pattern} with {str(shown)[:160]}",
        form_bytes(route.address(), fields, cookies),
    )


Kind = Callable[[Random, Route, str], Attempt]
KINDS: tuple[Kind, ...] = (
    *(of_query, of_query, of_path, of_headers, of_method, of_body, of_framing, of_form),
)
