"""Read the values of one answer. What is odd is counted by its name, and the rest stays. Pure."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeGuard

from catalog.known_providers import FIRST_PARTY, kind_of
from pricing.meters import meter as meter_of
from pricing.rates import StatedRate, stated
from pricing.terms import BASE, Band, Terms
from sources.base import Listing, WrongShape

# A date as precise as it is known: 2024, 2024-05 or 2024-05-31.
_DAY = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_PROVIDER_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_LATIN = re.compile("[A-Za-z]")
# Greek, Cyrillic, Armenian, Cherokee, Coptic, Lisu, fullwidth and mathematical letters.
_LOOKALIKE = re.compile(
    "[\u0370-\u058f\u13a0-\u13ff\u2c80-\u2cff\ua4d0-\ua4ff\uab70-\uabbf\uff01-\uff5e"
    "\U0001d400-\U0001d7ff]"
)
# The widest whole number that a bigint column holds.
_WIDEST = 2**63 - 1
# What is written for an unknown limit or date: 999999, 99999999, the day that clocks count from.
_NO_LIMIT = re.compile(r"9{6,}")
_NO_DAY = "1970"
# A quoted price: 0.000001, 1e-6.
_QUOTED = re.compile(r"\d{1,20}(\.\d{1,40})?([eE][+-]?\d{1,2})?", re.ASCII)
# Values in one answer: ten times those of the largest today. Parsed, each takes up to 120 bytes.
MOST_VALUES = 2_000_000
# Different names of what one answer holds and this form cannot express.
MOST_NAMES = 500
_ROUTES = re.compile(r"(?<![a-z0-9])(auto|router)(?![a-z0-9])")
# xAI's price page: the higher prices hold from 200,000 tokens of input on.
_XAI_BAND = Band(200_000, "gte")


class Repeated(NamedTuple):
    """In place of the value of a name that an object has twice, with different values."""

    first: Any


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        firsts: dict[str, Any] = {}
        for name, value in pairs:
            if firsts.setdefault(name, value) != value:
                members[name] = Repeated(firsts[name])
    return members


def read_json(body: bytes, source: str) -> Any:
    """The JSON of an answer, with exact Decimals for numbers with a point. Raises WrongShape.

    A name that an object has twice is a `Repeated`, which no field reads.
    """
    if not body.strip():
        raise WrongShape(f"{source} gave an empty answer.")
    if body.lstrip().startswith(b"<"):
        raise WrongShape(f"{source} gave a web page instead of JSON: check its address.")
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise WrongShape(f"{source} gave more than {MOST_VALUES:,} values: not its catalog.")
    try:
        return json.loads(body, parse_float=Decimal, object_pairs_hook=_object)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise WrongShape(f"{source} gave something that is not whole JSON: {error}.") from error


def read_rows(body: bytes, source: str) -> list[dict[str, Any]]:
    """The rows of {"data": […]}, as OpenAI's API and those like it list models."""
    root = read_json(body, source)
    rows = root.get("data") if isinstance(root, dict) else None
    if not isinstance(rows, list):
        raise WrongShape(f"{source} gave JSON without a list of data.")
    return [row for row in rows if isinstance(row, dict)]


def is_provider_slug(slug: str) -> bool:
    return _PROVIDER_SLUG.fullmatch(slug) is not None


def is_upstream_id(text: Any) -> TypeGuard[str]:
    """Whether this can be an endpoint's id: at most 300 printable characters, inner spaces too.

    None has letters that look like Latin ones beside those, or a path that leads elsewhere.
    """
    return (
        isinstance(text, str)
        and 0 < len(text) <= 300
        and text.isprintable()
        and text == text.strip()
        and not (_LATIN.search(text) and _LOOKALIKE.search(text))
        and not any(part in ("", ".", "..") for part in text.split("/"))
    )


def is_disguised(words: str) -> bool:
    """Whether a word mixes Latin letters with those of other scripts that look like them."""
    return not words.isascii() and any(
        _LATIN.search(word) and _LOOKALIKE.search(word) for word in re.findall(r"\w+", words)
    )


def without_blanks(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in facts.items() if value is not None and value not in ([], {})
    }


def newest(instants: Iterable[datetime | None], at_most: datetime) -> datetime:
    """The newest instant that is not after another one, which counts where there is none."""
    return max((i for i in instants if i is not None and i <= at_most), default=at_most)


def dated_rows(
    provider: str,
    rows: Iterable[Mapping[str, Any]],
    fields: Sequence[str],
    reading: "FieldReader",
) -> dict[tuple[str, str], datetime]:
    """The newest instant in these fields of each row, by provider and the row's id."""
    dates = {}
    for row in rows:
        stated = (reading.instant(row, name) for name in fields if row.get(name) is not None)
        if instants := [instant for instant in stated if instant]:
            dates[provider, str(row.get("id"))] = max(instants)
    return dates


def included(rates: tuple[StatedRate, ...]) -> tuple[StatedRate, ...]:
    """The card of a plan or a local server: every 0 is included where input and output are 0."""
    free = {rate.meter for rate in rates if rate.state == "free" and rate.terms == BASE}
    if not {"input", "output"} <= free:
        return rates
    return tuple(
        replace(r, amount=None, state="included") if r.state == "free" else r for r in rates
    )


def is_router(upstream_id: str, name: str = "") -> bool:
    """Whether this picks a model for each request: by the word auto or router, or by a gateway's
    name that is no creator's. With the word free it picks among free models only,
    and counts as none.
    """
    words = f"{upstream_id} {name}".lower()
    maker = upstream_id.partition("/")[0] if "/" in upstream_id else ""
    makes = maker.lower() in FIRST_PARTY
    routes = bool(_ROUTES.search(words)) or (kind_of(maker.lower()) == "gateway" and not makes)
    return routes and not re.search(r"\bfree\b", words)


def routed(rates: tuple[StatedRate, ...]) -> tuple[StatedRate, ...]:
    """The card of a router: dynamic, unless it has prices for input and output."""
    priced = {rate.meter for rate in rates if rate.state == "priced" and rate.terms == BASE}
    if {"input", "output"} <= priced:
        return rates
    return tuple(StatedRate(meter, None, "dynamic") for meter in ("input", "output"))


def with_own_bands(provider: str, rates: Iterable[StatedRate]) -> tuple[StatedRate, ...]:
    """Rates with context bands as the provider has them, where sources write them otherwise.

    xAI's band holds at exactly 200,000 tokens of input; sources write it as above 199,999 or above
    200,000. models.dev has the first token of Vercel's bands: 272,001 for OpenAI's above 272,000.
    """
    return tuple(
        replace(rate, terms=replace(rate.terms, band=_own_band(provider, rate.terms.band)))
        if rate.terms.band
        else rate
        for rate in rates
    )


def _own_band(provider: str, band: Band) -> Band:
    if provider == "xai" and band.threshold in (_XAI_BAND.threshold - 1, _XAI_BAND.threshold):
        return _XAI_BAND
    if provider == "vercel" and band.threshold % 1000 == 1:
        return replace(band, threshold=band.threshold - 1)
    return band


class FieldReader:
    """Reads fields of JSON objects. An absent field is None; an odd one too, and it is counted.

    `row` is the provider and id of what is read: an odd price makes it one of `unread`, which is
    as in `sources.base.Parsed`.
    """

    def __init__(self) -> None:
        self.not_expressed: Counter[str] = Counter()
        self.row: tuple[str, str] | None = None
        self.unread: dict[tuple[str, str], str] = {}

    def miss(self, what: str) -> None:
        """Count what cannot be expressed. The names are an upstream's: bounded, and printable."""
        name = what if len(what) <= 200 and what.isprintable() else f"{ascii(what)[:200]} …"
        full = len(self.not_expressed) >= MOST_NAMES and name not in self.not_expressed
        self.not_expressed["other names" if full else name] += 1

    def odd(self, field: str) -> None:
        self.miss(f"odd value of {field}")

    def odd_price(self, field: str) -> None:
        self.odd(field)
        if self.row:
            self.unread.setdefault(self.row, f"odd value of {field}")

    def repeats(self, provider: str, upstream_id: str, *, differs: bool = True) -> None:
        """Count a second listing of an id."""
        self.miss("second listing of an id")
        if differs:
            self.unread.setdefault((provider, upstream_id), "listed twice")

    def _odd_if_given(self, record: Mapping[str, Any], field: str) -> None:
        if field in record:
            self.odd(field)

    def text(self, record: Mapping[str, Any], field: str, longest: int = 300) -> str | None:
        value = record.get(field)
        words = " ".join(value.split()) if isinstance(value, str) else ""
        if 0 < len(words) <= longest and words.isprintable() and not is_disguised(words):
            return words
        self._odd_if_given(record, field)
        return None

    def address(self, record: Mapping[str, Any], field: str) -> str | None:
        value = self.text(record, field, longest=500)
        if value is None or (value.startswith(("https://", "http://")) and " " not in value):
            return value
        self.odd(field)
        return None

    def day(self, record: Mapping[str, Any], field: str) -> str | None:
        value = record.get(field)
        if isinstance(value, str) and _DAY.fullmatch(value) and not value.startswith(_NO_DAY):
            return value
        self._odd_if_given(record, field)
        return None

    def flag(self, record: Mapping[str, Any], field: str) -> bool | None:
        value = record.get(field)
        if isinstance(value, bool):
            return value
        self._odd_if_given(record, field)
        return None

    def tokens(self, record: Mapping[str, Any], field: str) -> int | None:
        """A limit above zero; upstreams write zero for unknown. Nines alone are odd."""
        value = record.get(field)
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _WIDEST
        if whole and not _NO_LIMIT.fullmatch(str(value)):
            return value or None
        self._odd_if_given(record, field)
        return None

    def rate(
        self,
        record: Mapping[str, Any],
        field: str,
        meter: str,
        *,
        shift: int = 0,
        terms: Terms = BASE,
        valid_from: datetime | None = None,
        valid_to: datetime | None = None,
    ) -> StatedRate | None:
        """A price of `meter`, rounded once; negative and quoted ones are odd.

        `shift` is the power of ten from the upstream's unit to the meter's.
        """
        value = record.get(field)
        try:
            if isinstance(value, int | Decimal) and not isinstance(value, bool) and value >= 0:
                amount = Decimal(value).scaleb(shift)
                return stated(meter, amount, terms=terms, valid_from=valid_from, valid_to=valid_to)
        except (ValueError, ArithmeticError):
            pass
        if field in record:
            self.odd_price(field)
        return None

    def rate_of_one(
        self, record: Mapping[str, Any], field: str, meter: str, *, terms: Terms = BASE
    ) -> StatedRate | None:
        """A gateway's price of `meter`: a decimal string in US dollars for one unit.

        -1 is dynamic. Numbers are read too; any other value is odd.
        """
        value = record.get(field)
        text = value if isinstance(value, str) else str(value)
        if text == "-1":
            return StatedRate(meter, None, "dynamic", terms)
        try:
            if not isinstance(value, bool) and _QUOTED.fullmatch(text):
                return stated(meter, Decimal(text) * meter_of(meter).per, terms=terms)
        except (ValueError, ArithmeticError):
            pass
        if field in record:
            self.odd_price(field)
        return None

    def instant(
        self, record: Mapping[str, Any], field: str, *, per_second: int = 1
    ) -> datetime | None:
        """An instant in Unix time, of seconds or of parts of one; zero is unknown."""
        value = record.get(field)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            if value == 0:
                return None
            try:
                return datetime.fromtimestamp(float(value) / per_second, UTC)
            except (ValueError, OverflowError, OSError):
                pass
        self._odd_if_given(record, field)
        return None

    def words(self, record: Mapping[str, Any], field: str, longest: int = 100) -> list[str]:
        value = record.get(field, [])
        listed = value if isinstance(value, list) else []
        good = [
            w for w in listed if isinstance(w, str) and 0 < len(w) <= longest and w.isprintable()
        ]
        if listed is not value or len(good) < len(listed):
            self.odd(field)
        return good

    def table(self, record: Mapping[str, Any], field: str) -> dict[str, Any]:
        value = record.get(field, {})
        if isinstance(value, dict):
            return value
        self.odd_price(field)
        return {}

    def tables(self, record: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
        value = record.get(field, [])
        listed = value if isinstance(value, list) else []
        good = [v for v in listed if isinstance(v, dict)]
        if listed is not value or len(good) < len(listed):
            self.odd_price(field)
        return good

    def rest(self, record: Mapping[str, Any], known: Collection[str], within: str = "") -> None:
        for field in record:
            if field not in known:
                self.miss(f"field {within}{field}")

    def distinct(self, rates: Iterable[StatedRate]) -> tuple[StatedRate, ...]:
        kept: dict[Any, StatedRate] = {}
        for rate in rates:
            key = (rate.meter, rate.terms, rate.valid_from)
            if key in kept:
                self.miss(f"second price of {rate.meter}")
            else:
                kept[key] = rate
        return tuple(kept.values())


def without_odd_zeros(listings: Sequence[Listing], reading: FieldReader) -> tuple[Listing, ...]:
    """Drop the zeros that mean no such meter: of reasoning, which is billed as the output that has
    a price, and of a cache where the same provider charges for the caches of other models."""
    priced = {
        (ls.provider, rate.meter) for ls in listings for rate in ls.rates if _is(rate, "priced")
    }
    return tuple(_without_odd_zeros(listing, priced, reading) for listing in listings)


_BESIDE = {"reasoning": "output", "cache_read": "input", "cache_write": "input"}


def _without_odd_zeros(
    listing: Listing, priced: Set[tuple[str, str]], reading: FieldReader
) -> Listing:
    sold = {rate.meter for rate in listing.rates if _is(rate, "priced")}
    odd = {
        rate.meter
        for rate in listing.rates
        if _is(rate, "free")
        and _BESIDE.get(rate.meter) in sold
        and (rate.meter == "reasoning" or (listing.provider, rate.meter) in priced)
    }
    for meter in sorted(odd):
        reading.odd(meter)
    kept = (rate for rate in listing.rates if rate.meter not in odd or rate.state != "free")
    return replace(listing, rates=tuple(kept)) if odd else listing


def _is(rate: StatedRate, state: str) -> bool:
    return rate.state == state and rate.terms == BASE
