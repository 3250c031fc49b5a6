"""What an endpoint is for: whether a workload of requests and answers can be sent there at all. Pure."""

from collections.abc import Collection

# The modes of endpoints that write; where none is stated, what comes out of the model decides.
_WRITES = ("chat", "realtime", "")
_DEFERRED = frozenset({"batch", "flex"})


def writes(mode: str, modalities_out: Collection[str]) -> bool:
    """Whether text comes out: of an embedding, a score, a picture or a transcript, nobody asks for tokens."""
    return mode in _WRITES and (not modalities_out or "text" in modalities_out)


def aside(kind: str, variant: Collection[str]) -> str:
    """Why nobody sends a workload there whatever it costs, by the provider's kind; empty for no reason.

    A plan is paid otherwise, a local runtime is one's own machine, and what is deferred answers hours later.
    """
    if kind in ("plan", "local"):
        return kind
    return "" if _DEFERRED.isdisjoint(variant) else "deferred"
