"""Floating ids: what they lead to changes with time, and their provider decides. Pure."""

import re

# OpenRouter's tilde, or the word "latest" in the last part of the id: `mistral-large-latest`,
# `codestral@latest`, `grok-4.20-beta-latest-reasoning`, `devstral-latest@eu`.
FLOATING = r"^~|(^|[-_.:@/])latest([-:@][^/]*)?$"
_FLOATING = re.compile(FLOATING, re.IGNORECASE)


def is_floating(upstream_id: str) -> bool:
    """Whether an id is one that leads to whatever is newest."""
    return _FLOATING.search(upstream_id) is not None
