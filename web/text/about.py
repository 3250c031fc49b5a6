"""Sentences on what a model is: creator, release, modalities, weights; and one line. Pure."""

from collections.abc import Collection, Iterable, Mapping

from catalog.lifecycle import Lifecycle
from web.format.figures import money_exact, partial_date, tokens
from web.text.facts import (
    NAMED,
    NOBODY,
    Facts,
    Sentence,
    distinct_name,
    link,
    listed,
    release_clause,
    sentence,
)

_KINDS = {
    "text": "text",
    "image": "images",
    "audio": "audio",
    "video": "video",
    "pdf": "PDF documents",
}
# Modes with numbers or labels as output, whatever modality a source states.
_COUNTING = ("embedding", "rerank", "moderation")


def about(facts: Facts) -> list[Sentence]:
    by = f"{facts.name} is made by {facts.creator}" if facts.creator_slug != NOBODY else ""
    released = release_clause(facts).rstrip(".")
    family = f"It belongs to the family {facts.family}." if facts.family else ""
    start = by or (facts.name if released else "")
    origin = f"{start}{' and' if by and released else ''} {released}".strip()
    weights: dict[bool | None, str] = {
        True: "Its weights are open",
        False: "Its weights are not open",
        None: "",
    }
    licence = f"its licence is {facts.licence}" if facts.licence else ""
    rights = ", ".join(filter(None, (weights[facts.open_weights], licence)))
    sentences = (
        sentence(f"{origin}." if origin else ""),
        _neighbours(facts),
        sentence(_against(facts)),
        _successor(facts),
        sentence(_in_and_out(facts)),
        sentence(family),
        sentence(f"{rights[:1].upper()}{rights[1:]}." if rights else ""),
    )
    return [pieces for pieces in sentences if pieces]


def _neighbours(facts: Facts) -> Sentence:
    before, after = facts.lineage.before, facts.lineage.after
    earlier = (
        ("The version before it is ", link(before.slug, before.name), _dated(before.released))
        if before
        else ()
    )
    later = (
        ("the one" if before else "The version", " after it is ", link(after.slug, after.name))
        if after
        else ()
    )
    if not (earlier or later):
        return ()
    between = "; " if earlier and later else ""
    date = _dated(after.released) if after else ""
    return sentence(*earlier, between, *later, date, ".")


def _dated(released: str) -> str:
    return f" ({partial_date(released)})"


def _against(facts: Facts) -> str:
    """Prices against the version before it, both at their creator's own API."""
    before = facts.lineage.before
    if not facts.against or not before:
        return ""
    own, theirs = facts.against
    at, name = f"At {own.provider}", distinct_name(facts, before.slug, before.name)
    pairs = ((own.input, theirs.input), (own.output, theirs.output))
    figures = [(money_exact(now), money_exact(then)) for now, then in pairs]
    (put_in, put_in_then), (put_out, put_out_then) = figures
    if all(now == then for now, then in pairs):
        return (
            f"{at} it costs as much as {name}: input {put_in} and output {put_out} per million "
            "tokens."
        )
    both = (
        f"input {put_in} instead of {put_in_then} and output {put_out} instead of {put_out_then} "
        "per million tokens"
    )
    if all(now <= then for now, then in pairs):
        return f"{at} it costs less than {name}: {both}."
    if all(now >= then for now, then in pairs):
        return f"{at} it costs more than {name}: {both}."
    return f"{at} its prices beside those of {name}: {both}."


def _successor(facts: Facts) -> Sentence:
    """The successor that a source states, unless it is the next version, which is named."""
    after = facts.lineage.after
    if not facts.successor or (after and after.slug == facts.successor[0]):
        return ()
    slug, name = facts.successor
    return sentence("Its stated successor is ", link(slug, distinct_name(facts, slug, name)), ".")


def _in_and_out(facts: Facts) -> str:
    out = () if facts.makes.startswith(_COUNTING) else facts.modalities_out
    into, made = _kinds(facts.modalities_in), _kinds(kind for kind in out if kind != "text")
    answers = "answers in text" if "text" in out else ""
    does = listed(
        filter(None, (f"takes {into}" if into else "", answers, f"makes {made}" if made else ""))
    )
    return f"It {does}." if does else ""


def _kinds(kinds: Iterable[str]) -> str:
    return listed((_KINDS.get(kind, kind) for kind in sorted(kinds, key=_usual)), len(_KINDS) + 4)


def _usual(kind: str) -> tuple[int, str]:
    return (list(_KINDS).index(kind) if kind in _KINDS else len(_KINDS)), kind


_NOUNS = {
    "chat": "language model",
    "responses": "language model",
    "completion": "language model",
    "embedding": "embedding model",
    "image": "image model",
    "moderation": "moderation model",
    "ocr": "OCR model",
    "realtime": "realtime model",
    "rerank": "reranking model",
    "speech": "speech model",
    "transcription": "transcription model",
    "video": "video model",
}
# Capabilities worth a line, the most wanted first.
_NOTABLE = (
    *("vision", "tool-use", "file-input", "audio-input", "video-input", "web-search"),
    *("audio-output", "structured-output", "computer-use"),
)


def in_one_line(
    *,
    mode: str,
    modalities_out: Collection[str],
    stage: str,
    creator: str,
    open_weights: bool | None,
    capabilities: Mapping[str, str],
    context: int | None,
    providers: Iterable[str],
) -> str:
    """A model in one sentence. `capabilities` maps slug to name; an empty `creator` is unknown."""
    usual = "language model" if not mode and "text" in modalities_out else "model"
    noun = _NOUNS.get(mode, usual)
    if "reasoning" in capabilities and noun in ("language model", "model"):
        noun = "reasoning model"
    parts = (
        stage if stage not in (Lifecycle.LISTED, Lifecycle.ACTIVE) else "",
        "open-weight" if open_weights else "",
        noun,
    )
    what = " ".join(filter(None, parts))
    article = "An" if what[0].lower() in "aeio" else "A"
    can = [capabilities[slug].lower() for slug in _NOTABLE if slug in capabilities]
    by = f" by {creator}" if creator else ""
    served = set(providers)
    clauses = (
        f"{article} {what}{by}{f' with {listed(can[:NAMED])}' if can else ''}",
        f"{tokens(context)} context" if context else "",
        f"served by {listed(served) if len(served) == 1 else f'{len(served)} providers'}"
        if served
        else "",
    )
    return f"{', '.join(filter(None, clauses))}."
