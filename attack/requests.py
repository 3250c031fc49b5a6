"""Hostile requests to every route: no error of the server, no disclosure, no markup of theirs."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from urllib.parse import urlsplit

from attack import values
from attack.hostile import Attempt, attempt
from attack.instance import Instance, signed_in_cookies
from attack.report import Promise
from attack.routes import Route, routes
from attack.uploads import upload
from attack.wire import Reply, get, send
from bench.place import ROOT

PUBLIC, ADMIN = 10_000, 4_000
CONNECTIONS = 4
SLOWEST_SECONDS = 5.0
LARGEST_BYTES = 2_000_000
# The files that hold the whole catalog.
LARGE_FILES = re.compile(rb"\w+ /(models|estimate)\.csv")
LEAKS = re.compile(
    rb"Traceback \(most recent|File \"/|site-packages|psycopg|django\.(db|core)"
    rb"|\bSELECT .{1,80} FROM\b|" + re.escape(str(ROOT).encode()),
)


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    address = upload(instance.port, "a.csv", b"model,input\ngpt-4o,5\n").headers["location"]
    public = routes(instance.port, token=address.split("/")[-2])
    yield _promise("public", instance, random, public, "", round(PUBLIC * share))
    # The first account, which the forms of the admin are opened with, is not the one that attacks.
    signed_in_cookies(instance.port)
    cookies = signed_in_cookies(instance.port)
    admin = routes(instance.port, cookies)
    yield _promise("admin", instance, random, admin, cookies, round(ADMIN * share))


def _promise(
    what: str, instance: Instance, random: Random, attacked: list[Route], cookies: str, count: int
) -> Promise:
    attempts = [attempt(random, attacked[n % len(attacked)], cookies) for n in range(count)]
    before = instance.lasting()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        replies = list(pool.map(partial(_sent, instance), attempts))
    broken = list(_broken(instance, attempts, replies))
    if cookies and get(instance.port, "/admin/", {"Cookie": cookies}).status != 200:
        broken.append("the session has ended: not all requests were an administrator's")
    if ended := before.keys() - instance.lasting().keys():
        broken.append(f"processes ended: {[before[pid] for pid in ended]}")
    statuses = Counter(reply.status // 100 for reply in replies)
    refused = sum(reply.status == 503 for reply in replies)
    slowest, largest = (max(getattr(r, name) for r in replies) for name in ("seconds", "size"))
    return Promise(
        f"{count:,} hostile requests to {len(attacked)} {what} routes",
        f"2xx {statuses[2]:,}, 3xx {statuses[3]:,}, 4xx {statuses[4]:,}, 5xx {statuses[5]:,}"
        f" (503 {refused:,}), closed {statuses[0]:,}; slowest {slowest:.1f} s,"
        f" largest {largest / 1e6:.1f} MB",
        tuple(broken),
    )


def _sent(instance: Instance, each: Attempt) -> Reply:
    return send(instance.port, each.sent, complete=each.complete)


def _broken(
    instance: Instance, attempts: Iterable[Attempt], replies: Iterable[Reply]
) -> Iterator[str]:
    for each, reply in zip(attempts, replies, strict=True):
        for fault in faults(each, reply):
            yield f"{fault}: {each.about}"
        if reply.seconds > SLOWEST_SECONDS:
            alone = _sent(instance, each).seconds
            if alone > SLOWEST_SECONDS:
                yield f"{alone:.1f} s: {each.about}"


def faults(each: Attempt, reply: Reply) -> Iterator[str]:
    """What an answer must not be: an error of the server, too large, or telling."""
    status, headers, body = reply.status, reply.headers, reply.body
    if status >= 500 and not (status == 503 and "retry-after" in headers):
        yield f"status {status}"
    if len(body) > LARGEST_BYTES and not LARGE_FILES.match(each.sent):
        yield f"{len(body):,} bytes"
    if leak := LEAKS.search(body):
        yield f"discloses {leak[0][:80]!r}"
    if values.MARKUP.encode() in body and "html" in headers.get("content-type", ""):
        yield "markup unescaped"
    if values.HEADER in headers:
        yield "a header of the request's making"
    location = headers.get("location", "").replace("\\", "/")
    if values.ELSEWHERE in urlsplit(location).netloc:
        yield f"leads to {location[:80]}"
