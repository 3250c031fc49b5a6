"""The contract of a source: `fetch()` gets its pages, `parse()` is pure and gives listings.

A listing is everything that one source states of one endpoint. It is the normal form of the bundled
snapshot too.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol

from pricing.past_rates import PriceHistory
from pricing.rates import StatedRate


class FetchFailed(Exception):
    """The source could not be read. The message is a sentence for the operator."""


class WrongShape(Exception):
    """The data is not what this source publishes. The message is a sentence for the operator."""


# Where a fact is stated and when that was checked: an address, and a date as precise as known.
Evidence = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ProviderListing:
    """What a source states of a provider; `facts` are fields of catalog.Provider."""

    slug: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source states of one endpoint.

    `provider` is our slug, `upstream_id` the id as the provider's API takes it. `facts` holds only
    what the source states, JSON-ready, under these names (all optional):
      name, family, description, quantization, region: str
      mode: chat, embedding, image, audio_in, audio_out, video, rerank, …
      context_window, max_input, max_output: int tokens, above zero
      modalities_in, modalities_out: sorted lists of text, image, audio, video, pdf, …
      capabilities: {slug: bool}; parameters: sorted list of str
      released, updated, knowledge_cutoff, deprecated_on, retired_on, retired_not_before: ISO dates,
        as precise as stated (2024-05); deprecated on the day of its announcement
      open_weights: bool; licence: str
      lifecycle: announced, preview, active, deprecated, retired; *active* only where it is stated
      successors: list of ids at the provider, or names; billed_as_successor_from: an ISO date
      leads_to: what a floating id leads to now, "creator/name" or a name
      training, retention, retention_days, zdr, policy_basis, policy_note: as in catalog.Endpoint
      policy_exceptions: list of sentences
    `matches` is the match logic of a listing that covers ids of the provider: those that another
    source or another listing has; it lists none itself. `evidence` is by field; that of a rate is
    under `rate.<meter>`.
    """

    provider: str
    upstream_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    rates: tuple[StatedRate, ...] = ()
    matches: Mapping[str, Any] | None = None
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndpointRule:
    """What a source states of endpoints that others list, in the words of a `Listing`.

    It covers the ids of `ids`, and those in which `pattern` is found and `but` is not, without
    regard to case. Several rules may cover an endpoint: per fact, and per meter and terms of a
    rate, a rule that names the id counts before a pattern, then a later rule before an earlier one.
    Lists of sentences add up.
    """

    provider: str
    ids: tuple[str, ...] = ()
    pattern: str = ""
    but: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    rates: tuple[StatedRate, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatedRating:
    """What a leaderboard states of one model in one category of a board.

    `model` is "creator/name" as the source spells it, `name` the leaderboard's own name of what was
    rated, `effort` the reasoning effort in that name, or "". `low` and `high` bound the rating.
    """

    model: str
    board: str
    category: str
    name: str
    effort: str
    rating: Decimal
    low: Decimal
    high: Decimal
    votes: int
    rank: int


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """What a source states of how an endpoint performs, kept as that source's.

    `provider` and `upstream_id` name the endpoint as in a `Listing`. `metric` and `unit` are
    latency (TTFT) in seconds, throughput in tokens per second (token/s), uptime as a ratio of 0 to
    1. `percentile` is None for a ratio or a mean; `window` is 5m, 30m, 1h, 1d, or "" for a current
    value. `definition` is the source's own, in a phrase. `samples` are requests.
    A gateway measures its own traffic: `at` is our slug of the provider that served it, and `route`
    the gateway's name of that way, such as fireworks/fast. Both are "" for the endpoint as a whole.
    """

    provider: str
    upstream_id: str
    metric: Literal["latency", "throughput", "uptime"]
    percentile: int | None
    value: Decimal
    window: str
    unit: Literal["s", "token/s", "ratio"]
    definition: str
    samples: int | None = None
    at: str = ""
    route: str = ""


@dataclass(frozen=True, slots=True)
class ModelRule:
    """What a source states of models, in the words of a `Listing`, whichever provider serves them.

    `models` are slugs, `*` in them for anything. Several rules may cover a model: per fact, one
    that names the slug counts before a pattern, then a later rule before an earlier one.
    """

    models: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The pages of a source as they were fetched, by path: "" is the source's own address.

    `as_of` is the instant of the fetch, unless what was fetched states the date of the whole.
    """

    as_of: datetime
    pages: Mapping[str, bytes]

    @property
    def body(self) -> bytes:
        return self.pages[""]


@dataclass(frozen=True, slots=True)
class Parsed:
    """Everything that one answer of a source states.

    `as_of` is the newest date that the data states of itself and that is not later than the
    answer's; the answer's own where it states none. `not_expressed` counts, by name, what the
    answer holds and this form cannot: nothing is dropped in silence. `histories` and `ratings` are
    what an archive states in place of listings. `only_known` is whether its providers and rules
    apply to what other sources list, and hold no longer than they are made.
    `unread` are rows that are listed and do not read, by provider and id, and why; without an id
    all that its provider lists. What the source stated of them before stays.
    `dates` are the own dates of listings, by provider and id, where `as_of` is the newest of these.
    """

    source: str
    as_of: datetime
    listings: tuple[Listing, ...]
    providers: tuple[ProviderListing, ...] = ()
    not_expressed: Counter[str] = field(default_factory=Counter)
    histories: tuple[PriceHistory, ...] = ()
    ratings: tuple[StatedRating, ...] = ()
    rules: tuple[EndpointRule, ...] = ()
    models: tuple[ModelRule, ...] = ()
    only_known: bool = False
    figures: tuple[StatedFigure, ...] = ()
    unread: Mapping[tuple[str, str], str] = field(default_factory=dict)
    dates: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


class Http(Protocol):
    """GET the pages of one source. A path is relative to its address, and quoted already.

    No page leaves the host of that address.
    """

    def get(self, path: str = "") -> bytes:
        """The body of a page. Raises FetchFailed."""
        ...

    def get_each(self, paths: Collection[str]) -> dict[str, bytes]:
        """The bodies by path; a page that is gone (404, 410) is left out. Raises FetchFailed.

        On the schedule most are those of an earlier turn, two hours old at most. For a source that
        has a page for each model: the list of models comes by `get`.
        """
        ...


class Source(Protocol):
    """One upstream: its adapter inherits from this. `slug` names it in commands and settings.

    `is_bundled_only` is whether it has no address: its data comes with the snapshot alone.
    `is_local` is whether its data comes with the program: no refresh of it proves the network.
    A `url` that ends in a slash is the base of several addresses. `key_name` is the environment
    variable with a key that its own address, or the mirror in its place, gets as a bearer token.
    `has_set_address` is whether a setting of this install gave its `url`.
    `covers_others` is whether it also states something of endpoints that other sources list.
    """

    slug: str
    name: str
    url: str
    licence: str
    is_bundled_only: bool = False
    is_local: bool = False
    key_name: str = ""
    has_set_address: bool = False
    covers_others: bool = False

    def fetch(self, http: Http, *, now: datetime) -> Answer:
        """Get the source's pages: the one at its address, unless an adapter needs more."""
        return Answer(as_of=now, pages={"": http.get()})

    def parse(self, answer: Answer) -> Parsed:
        """Read an answer. Pure. Raises WrongShape for one of another form."""
        ...
