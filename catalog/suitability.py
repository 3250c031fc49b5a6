"""Whether a workload of requests and answers can be sent to an endpoint at all. Pure."""

import re
from collections.abc import Collection

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
_DEFERRED = frozenset({"batch", "flex"})


def writes(slug: str, mode: str, modalities_out: Collection[str]) -> bool:
    """Whether a model (by slug) answers with text, not with vectors, scores, pictures or speech."""
    if mode not in _WRITES or _OTHER_WORK.search(slug.partition("/")[2]):
        return False
    return not modalities_out or "text" in modalities_out


def aside(kind: str, variant: Collection[str]) -> str:
    """Why an endpoint is ranked for no workload: plan, local or deferred; empty for no reason.

    A plan is billed otherwise, a local runtime is one's own machine, deferred answers take hours.
    """
    if kind in UNBILLED:
        return kind
    return "" if _DEFERRED.isdisjoint(variant) else "deferred"
