"""A database that goes away: pages answer 503 at once, and return with it."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random

from attack.instance import Instance, running
from attack.proxy import Proxy
from attack.report import Promise
from attack.wire import Reply, get

# For so long the database refuses, takes and never answers, and refuses long.
SECONDS = {"refuses": 20.0, "takes and never answers": 20.0, "refuses again": 60.0}
# The first page may wait for what it holds; later ones know.
FIRST_SECONDS, LATER_SECONDS, HEALTH_SECONDS = 6.0, 2.0, 2.5
BACK_SECONDS = 5.0
PAGES = ("/providers/", "/models/?q=gpt", "/estimate/?input=1000&output=10", "/healthz", "/readyz")


def attack(instance: Instance, random: Random, share: float) -> Iterator[Promise]:
    home = instance.home / "elsewhere"
    home.mkdir(mode=0o755, exist_ok=True)
    proxy = Proxy()
    settings = {"DATABASE_URL": proxy.url, "RATECARD_HOME": str(home)}
    try:
        with running(home, instance.mirror, **settings) as beside:
            for what, seconds in SECONDS.items():
                yield _outage(beside.port, proxy, what, max(6.0, seconds * share), random)
    finally:
        proxy.close()


def _outage(port: int, proxy: Proxy, what: str, seconds: float, random: Random) -> Promise:
    for page in PAGES:
        get(port, page)
    if what.startswith("refuses"):
        proxy.refuse()
    else:
        proxy.holds = True
    replies: dict[str, list[Reply]] = defaultdict(list)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for page in PAGES:
            replies[page].append(get(port, _fresh(page, random)))
    proxy.serve()
    began = time.monotonic()
    while time.monotonic() - began < 60:
        if all(get(port, _fresh(page, random)).status == 200 for page in PAGES):
            break
    back = time.monotonic() - began
    health = replies.pop("/healthz")
    pages = [reply for several in replies.values() for reply in several]
    first = max(several[0].seconds for several in replies.values())
    waited = [reply.seconds for several in replies.values() for reply in several[1:]]
    later = max(waited, default=0.0)
    slowest = max(reply.seconds for reply in health)
    broken = [
        f"{page}: {reply.status} without Retry-After"
        for page, several in replies.items()
        for reply in several
        if reply.status not in (200, 503) or (reply.status == 503 and not _may_retry(page, reply))
    ]
    for name, took, most in (
        ("the first page", first, FIRST_SECONDS),
        ("a later page", later, LATER_SECONDS),
        ("/healthz", slowest, HEALTH_SECONDS),
        ("the return", back, BACK_SECONDS),
    ):
        if took > most:
            broken.append(f"{name} took {took:.1f} s")
    if any(reply.status != 200 for reply in health):
        broken.append("/healthz did not answer 200")
    return Promise(
        f"a database that {what} for {seconds:.0f} s",
        f"pages {dict(Counter(reply.status for reply in pages))}, first {first:.1f} s,"
        f" later {later:.2f} s; /healthz {slowest:.2f} s; back after {back:.1f} s",
        tuple(dict.fromkeys(broken)),
    )


def _may_retry(page: str, reply: Reply) -> bool:
    """Whether an answer names a time to come again; monitors come by a clock of their own."""
    return page == "/readyz" or "retry-after" in reply.headers


def _fresh(page: str, random: Random) -> str:
    """The page under an address that no cache holds."""
    return f"{page}{'&' if '?' in page else '?'}fresh={random.random()}"
