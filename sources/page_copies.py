"""The pages of earlier refreshes, as the HTTP client takes and gives them. Pure."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

# The schedule renews one of so many of a source's pages a turn, the oldest first.
TURNS = 12
# A copy that is older is renewed whatever the number of the turn.
OLDEST = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class PageCopy:
    """A page, compressed, and the headers that make the next request for it conditional.

    `address` is a digest of the whole address. `checked_at` is when the upstream last sent it or
    confirmed that it is unchanged.
    """

    address: str
    conditions: Mapping[str, str]
    packed: bytes
    digest: str
    modified_at: datetime | None
    fetched_at: datetime
    checked_at: datetime

    @classmethod
    def of(
        cls,
        address: str,
        body: bytes,
        conditions: Mapping[str, str],
        *,
        modified_at: datetime | None,
        now: datetime,
    ) -> "PageCopy":
        digest = sha256(body).hexdigest()
        packed = zlib.compress(body)
        return cls(digest_of(address), conditions, packed, digest, modified_at, now, now)

    def confirmed(self, now: datetime) -> "PageCopy":
        return replace(self, checked_at=now)

    def is_like(self, other: "PageCopy") -> bool:
        """Whether they differ in their dates alone."""
        mine = self.digest, self.address, self.conditions
        return mine == (other.digest, other.address, other.conditions)

    def age(self, now: datetime) -> timedelta:
        """Since it was checked; of a copy of the future, as a wrong clock dates it, without end."""
        age = now - self.checked_at
        return age if age > -timedelta(minutes=5) else timedelta.max


@dataclass(slots=True)
class PageCopies:
    """The copies of a source's pages by path, and which of them a refresh made, or dropped."""

    known: dict[str, PageCopy] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)

    def get(self, path: str, address: str) -> PageCopy | None:
        """The copy of a path, if it is of this address: a mirror may have changed."""
        copy = self.known.get(path)
        return copy if copy and copy.address == digest_of(address) else None

    def put(self, path: str, copy: PageCopy) -> None:
        self.known[path] = copy
        self.made.add(path)
        self.dropped.discard(path)

    def drop(self, path: str) -> None:
        if self.known.pop(path, None):
            self.made.discard(path)
            self.dropped.add(path)


def oldest_share(copies: Mapping[str, PageCopy], *, now: datetime) -> set[str]:
    """The paths whose turn it is: the oldest of them, and every one that is too old."""
    by_age = sorted(copies, key=lambda path: copies[path].age(now), reverse=True)
    return {*by_age[: -(-len(by_age) // TURNS)], *_too_old(copies, by_age, now)}


def _too_old(copies: Mapping[str, PageCopy], paths: Iterable[str], now: datetime) -> Iterable[str]:
    return (path for path in paths if copies[path].age(now) > OLDEST)


def digest_of(address: str) -> str:
    return sha256(address.encode(errors="replace")).hexdigest()
