"""What every table says of an endpoint in the same words. Pure."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from catalog.data_policy import ZDR, Training
from catalog.lifecycle import Lifecycle, stage_on
from web.format.figures import partial_date

# Silence is unknown: the empty answer, which is never taken for a yes.
ZDR_IN_WORDS: dict[str, str] = {
    ZDR.DEFAULT: "Yes",
    ZDR.ON_REQUEST: "On request",
    ZDR.CONTRACT: "By contract",
    ZDR.WITH_EXCEPTIONS: "With exceptions",
    ZDR.NO: "No",
    ZDR.UNKNOWN: "",
}
NO_TRAINING_IN_WORDS: dict[str, str] = {
    Training.NO: "Yes",
    Training.OPT_IN: "Yes, unless you opt in",
    Training.OPT_OUT: "On request",
    Training.YES: "No",
    Training.UNKNOWN: "",
}

# The latest of a version under OpenRouter's tilde leads to whatever comes next. What the latest of
# a whole line is called by is a model of its own, which the tilde names plainly.
LEADS_ON = "leads to the newest"
# Endpoints that are a trial or a tier of another one by themselves, that lead to another model some
# day, or that serve what somebody made of the model: what they ask is not what the model costs.
# `pricing.lowest` leaves out all but the last, which may be the only one that has a price.
APART = frozenset({"free", "batch", "flex", "ft", LEADS_ON})


def stage_of(of: Any, now: datetime) -> str:
    """The lifecycle stage of a model or an endpoint."""
    return stage_on(now.date(), of.lifecycle, of.deprecated_on, of.retired_on)


def gone(endpoint: Any, stage: str) -> str:
    """Why the endpoint cannot be used any more; empty if it can."""
    if endpoint.missing_since:
        return f"Missing since {partial_date(endpoint.missing_since.date().isoformat())}"
    if stage == Lifecycle.RETIRED:
        return f"Retired {partial_date(endpoint.retired_on)}".strip()
    return ""


def stage_note(of: Any, stage: str, now: datetime) -> str:
    """The date that belongs to the stage of a model, or that ends it.

    One source may have it in a stage for which another states a day that is yet to come.
    """
    if of.retired_on and stage != Lifecycle.RETIRED:
        return f"retires {partial_date(of.retired_on)}"
    began = {Lifecycle.RETIRED: of.retired_on, Lifecycle.DEPRECATED: of.deprecated_on}.get(
        Lifecycle(stage)
    )
    if not began:
        return ""
    return f"{'since' if began <= now.date().isoformat() else 'stated for'} {partial_date(began)}"


def is_apart(endpoint: Any) -> bool:
    """Whether what an endpoint asks is not what the model costs."""
    return not APART.isdisjoint(_variants(endpoint.variant, endpoint.upstream_id))


@lru_cache(maxsize=16384)
def _variants(stated: str, upstream_id: str) -> tuple[str, ...]:
    """What an endpoint's variants are called."""
    leads_on = {"latest": LEADS_ON} if upstream_id.startswith("~") else {}
    return tuple(dict.fromkeys(leads_on.get(name, name) for name in stated.split(",") if name))


def variant(endpoint: Any) -> str:
    """What sets this endpoint apart from others of the same model and provider: where, then what,
    each once.

    A snapshot is left out where the id says it.
    """
    dated = endpoint.snapshot.replace("-", "") in endpoint.upstream_id.replace("-", "")
    snapshot = "" if dated else endpoint.snapshot
    named = ",".join(_variants(endpoint.variant, endpoint.upstream_id))
    return apart(endpoint.region, named, snapshot, endpoint.quantization)


@lru_cache(maxsize=16384)
def apart(region: str, variants: str, *others: str) -> str:
    """What sets an endpoint apart, side by side; `variants` are separated by commas."""
    return " · ".join(dict.fromkeys(filter(None, (region, *variants.split(","), *others))))


@lru_cache(maxsize=16384)
def seller(provider: str, upstream_id: str, variant: str, model_slug: str) -> str:
    """An endpoint in words: its provider, with its id where that is not the model's plain name, and
    with what sets it apart where no id says that."""
    plain, last = model_slug.partition("/")[2], upstream_id.rpartition("/")[2]
    shown = "" if _squeezed(last) == _squeezed(plain) else upstream_id
    unsaid = [
        part for part in variant.split(" · ") if part and _squeezed(part) not in _squeezed(shown)
    ]
    said = ", ".join(filter(None, (shown, *unsaid)))
    return f"{provider} ({said})" if said else provider


def _squeezed(name: str) -> str:
    """A name as it is the same in every spelling."""
    return name.lower().replace(".", "-").replace("_", "-")


def retention(endpoint: Any) -> str:
    """How long the provider keeps what is sent, in words; empty where nobody states it."""
    days = endpoint.retention_days
    return {"none": "nothing", "in_memory": "in memory only", "indefinite": "without an end"}.get(
        endpoint.retention, f"{days} day{'s' if days != 1 else ''}" if days else ""
    )
