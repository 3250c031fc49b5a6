"""What an endpoint is for: whether a workload of requests and answers can be sent there at all.

Pure.
"""

import re
from collections.abc import Collection

# The modes that sell text for text, through whichever API it is asked.
TALKS = ("chat", "responses", "completion")
# The modes of endpoints that write; where none is stated, the name and what comes out of the model
# decide.
_WRITES = (*TALKS, "realtime", "")
# Words of a name that say what a model makes: vectors, scores, verdicts, labels, speech,
# transcripts. A gateway whose catalog knows but chat calls its embeddings chat too: so a name
# outweighs a stated "chat".
_OTHER_WORK = re.compile(
    r"(?<![a-z0-9])(embed|embedcode|embedding|embeddings|embedqa|bge|e5|rerank|reranker|rerankqa|"
    r"guard|moderation|gliner|asr|stt|transcribe|whisper|tts)(?![a-z])"
)
_DEFERRED = frozenset({"batch", "flex"})


def writes(slug: str, mode: str, modalities_out: Collection[str]) -> bool:
    """Whether text comes out: of an embedding, a score, a picture or a transcript, nobody asks for
    tokens.

    `slug` is the model's, creator/name.
    """
    if mode not in _WRITES or _OTHER_WORK.search(slug.partition("/")[2]):
        return False
    return not modalities_out or "text" in modalities_out


def aside(kind: str, variant: Collection[str]) -> str:
    """Why nobody sends a workload there whatever it costs, by the provider's kind; empty for no
    reason.

    A plan is paid otherwise, a local runtime is one's own machine, and what is deferred answers
    hours later.
    """
    if kind in ("plan", "local"):
        return kind
    return "" if _DEFERRED.isdisjoint(variant) else "deferred"
