"""The notice at the head of a model's page: how long it lives, and what follows it."""

from datetime import date

from catalog.lifecycle import Lifecycle
from web.format.figures import partial_date
from web.reads.model_facts import ModelFacts
from web.text.facts import Sentence, link, sentence


def stage_in_words(model: ModelFacts, today: date) -> str:
    """The stage; a retired model whose id leads to another one is redirected."""
    if model.floating:
        return "Floating id"
    redirected = model.stage == Lifecycle.RETIRED and _is_past(model.billed_from, today)
    return "Redirected" if redirected else model.stage.capitalize()


def life_notice(model: ModelFacts, today: date) -> Sentence:
    """What a visitor must know first of a model that ends, ended or is answered by another."""
    ends = _end(model, today)
    redirect = _redirect(model, today)
    if not (ends or redirect):
        return ()
    if model.successor_slug and model.successor_name:
        follows = sentence(
            " Its successor is ", link(model.successor_slug, model.successor_name), "."
        )
    else:
        follows = sentence("" if redirect else " No source names a successor.")
    return (*sentence(ends), *redirect, *follows)


def _end(model: ModelFacts, today: date) -> str:
    end = model.retired_on or model.ends_on
    if model.stage == Lifecycle.RETIRED:
        if model.missing_since and not _is_past(end, today):
            since = partial_date(model.missing_since)
            return f"No source has listed {model.name} since {since}: it counts as retired."
        return f"{model.name} was retired {_on(end)}." if end else f"{model.name} is retired."
    if _is_past(model.retired_on, today):
        return f"{model.creator_name} ended {model.name} {_on(end)}; other providers still list it."
    if model.stage != Lifecycle.DEPRECATED:
        return ""
    since = model.deprecated_on
    begun = f" since {partial_date(since)}" if _is_past(since, today) else ""
    until = f", and retires {_on(end)}." if end else "; no source states when it retires."
    return f"{model.name} is deprecated{begun}{until}"


def _redirect(model: ModelFacts, today: date) -> Sentence:
    if not (model.billed_as_slug and model.billed_as_name):
        return ()
    when = partial_date(model.billed_from)
    since = f"Since {when}" if _is_past(model.billed_from, today) else f"From {when} on"
    return sentence(
        f" {since} requests for its id are answered and billed as ",
        link(model.billed_as_slug, model.billed_as_name),
        ".",
    )


def _is_past(day: str, today: date) -> bool:
    return bool(day) and day <= today.isoformat()


def _on(day: str) -> str:
    return f"{'on' if day.count('-') == 2 else 'in'} {partial_date(day)}"
