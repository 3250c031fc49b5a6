"""The tag of a model that is not simply in use. Pure."""

from catalog.lifecycle import Lifecycle

ENDED = "ended by its creator"


def life_tag(stage: str, *, ended: bool) -> str:
    """The stage where it is worth a tag, else empty; `ended` is by the creator's own dates."""
    if ended and stage != Lifecycle.RETIRED:
        return ENDED
    return "" if stage in (Lifecycle.ACTIVE, Lifecycle.LISTED) else stage
