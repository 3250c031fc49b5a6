"""Whether a workload of requests and answers can be sent to an endpoint at all. Pure."""

import re
from collections.abc import Collection
from typing import Protocol

from catalog.provider_kinds import UNBILLED

# The modes that sell text for text, through whichever API.
TALKS = ("chat", "responses", "completion")
# The modes of endpoints that write; without one, the name and the output modalities decide.
_WRITES = (*TALKS, "realtime", "")
# Words of a name for other output: vectors, scores, verdicts, labels, speech, transcripts. They
# outweigh a stated "chat": some gateways know no other mode, and list embeddings as chat.
_OTHER_WORK = re.compile(
    r"(?<![a-z0-9])(embed|embedcode|embedding|embeddings|embedqa|bge|e5|rerank|reranker|rerankqa|"
    r"guard|moderation|gliner|asr|stt|transcribe|whisper|tts)(?![a-z])"
)
# Serving words of an id that is sold in one service tier alone: its answers take hours.
DEFERRED = ("batch", "flex")
# Serving words of an id that is not sold to everybody: for contributors, for a coding plan.
CONDITIONAL = ("contributor", "coding")

# Answers that may hold a fee for searching, which no limit on tokens bounds.
_SEARCHES = ("online", "search", "sonar", "research")


def writes(slug: str, mode: str, modalities_out: Collection[str]) -> bool:
    """Whether a model (by slug) answers with text, not with vectors, scores, pictures or speech."""
    if _OTHER_WORK.search(slug.partition("/")[2]):
        return False
    # OpenAI's Decisions API serves models that write too.
    if mode == "evaluation":
        return "text" in modalities_out
    if mode not in _WRITES:
        return False
    return not modalities_out or "text" in modalities_out


def aside(kind: str, variant: Collection[str], *, floating: bool = False) -> str:
    """Why an endpoint is ranked for no workload.

    Plan (billed otherwise), local (one's own machine), deferred (answers take hours), conditional
    (not sold to everybody) or floating (leads to another model some day); empty for no reason.
    """
    if kind in UNBILLED:
        return kind
    if own_tier(variant):
        return "deferred"
    if not frozenset(CONDITIONAL).isdisjoint(variant):
        return "conditional"
    return "floating" if floating else ""


def own_tier(variant: Collection[str]) -> str:
    """The service tier that an endpoint's serving words name: all of its prices are of that tier.

    Empty for an endpoint that is sold in the standard tier.
    """
    return next((tier for tier in DEFERRED if tier in variant), "")


class CalledFacts(Protocol):
    """What decides whether a program may call an endpoint. `model` is a slug."""

    @property
    def kind(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def modalities_out(self) -> list[str]: ...
    @property
    def variant(self) -> str: ...
    @property
    def floating(self) -> bool: ...
    @property
    def upstream_id(self) -> str: ...


def why_not_called(endpoint: CalledFacts) -> str:
    """Why no call of this program's own fits an endpoint, in one sentence; empty where one does.

    A call must be one of chat, whose price a limit on tokens bounds.
    """
    serving = endpoint.variant.split(",") if endpoint.variant else []
    is_live = endpoint.mode == "realtime"
    if is_live or not writes(endpoint.model, endpoint.mode, endpoint.modalities_out):
        return "It does not answer with text."
    if endpoint.mode not in ("", "chat"):
        return f"It is sold through an API of another kind: {endpoint.mode}."
    if {*endpoint.modalities_out} - {"text"}:
        return "It answers with more than text, whose price no limit on tokens bounds."
    if why := aside(endpoint.kind, serving, floating=endpoint.floating):
        return f"It is not compared with others: {why}."
    if any(word in f"{endpoint.upstream_id},{endpoint.variant}" for word in _SEARCHES):
        return "It may search, for a fee that no limit on tokens bounds."
    return ""
