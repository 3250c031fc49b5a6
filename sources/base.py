"""What a source is: `fetch()` touches the network, `parse()` is pure and gives listings.

A listing is everything one source states of one endpoint. It is the normal form of the bundled
snapshot too.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pricing.rates import StatedRate


class WrongShape(Exception):
    """The data is not what this source publishes. The message is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class ProviderListing:
    """What a source states of a provider; `facts` are fields of catalog.Provider."""

    slug: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source states of one endpoint.

    `provider` is our slug, `upstream_id` the id as the provider's API takes it. `facts` holds only
    what the source states, JSON-ready, under these names (all optional):
      name, family, description: str; mode: chat, embedding, image, audio_in, audio_out, video, rerank, …
      context_window, max_input, max_output: int tokens, above zero; quantization, region: str
      modalities_in, modalities_out: sorted lists of text, image, audio, video, pdf, …
      capabilities: {slug: bool}; parameters: sorted list of str
      released, updated, knowledge_cutoff, deprecated_on: ISO dates, as precise as stated (2024-05 is fine)
      open_weights: bool; licence: str; lifecycle: announced, preview, active, deprecated, retired
    `matches` says which other ids at the provider this listing speaks for (genai-prices' match
    logic).
    """

    provider: str
    upstream_id: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    rates: tuple[StatedRate, ...] = ()
    matches: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that one answer of a source states.

    `as_of` is the date of the data, not of the reading. `not_expressed` counts, by name, what the
    answer said and our form cannot hold: nothing is dropped in silence.
    """

    source: str
    as_of: datetime
    listings: tuple[Listing, ...]
    providers: tuple[ProviderListing, ...] = ()
    not_expressed: Counter[str] = field(default_factory=Counter)


class Source(Protocol):
    """One upstream. `slug` names it in commands, settings and addresses."""

    slug: str
    name: str
    url: str
    licence: str

    def parse(self, body: bytes, *, as_of: datetime) -> Parsed:
        """Read one answer. Pure. Raises WrongShape when the body is not this source's."""
        ...
