"""Names of models in a usage log: what they are read as, and what is chosen for them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.names import Names
from usage.placement import ProviderChoice, meaning_of
from usage.preview import Preview
from web.tables.usage_columns import LogOptions

# So many names have fields.
MOST_NAMES = 40


@dataclass(frozen=True, slots=True)
class NameInLog:
    """A name of a log. `why` is the rule that led to the model and provider, or why none did.

    With `asks_provider`, rows have it without a known provider.
    """

    name: str
    beside: str
    requests: int
    model: str
    provider: str
    why: str
    placed: bool
    asks_provider: bool
    chosen_model: str
    chosen_provider: str


def names_to_place(preview: Preview, options: LogOptions, names: Names) -> list[NameInLog]:
    """Names of the first rows without a known provider or model, and those that are chosen."""
    choice = ProviderChoice(options.own_api)
    found: dict[str, NameInLog] = {}
    for name, beside in preview.names:
        usual = "" if preview.provider else preview.kind.usual
        meaning = meaning_of(names, name, beside, choice, usual)
        chosen = options.models.get(name, ""), options.places.get(name, "")
        asks_provider = names.provider(beside) is None
        if asks_provider or not meaning.model or any(chosen):
            log_name = NameInLog(
                *(name, beside, 0, meaning.model or "", meaning.provider or ""),
                meaning.provider_by if meaning.model else meaning.model_by,
                bool(meaning.model and meaning.provider),
                asks_provider,
                *chosen,
            )
            _keep(found, log_name)
    return list(found.values())


def names_of_result(
    shares: Sequence[Mapping[str, Any]], options: LogOptions, names: Names
) -> tuple[list[NameInLog], list[NameInLog]]:
    """The names of a priced log that have no place, and the others, those of most rows first."""
    found: dict[str, NameInLog] = {}
    for share in shares:
        name, beside, is_placed = share["name"], share["called"], share["endpoint"] is not None
        log_name = NameInLog(
            *(name, beside, share.get("requests", share["rows"])),
            *(share["model"] or "", share["provider"] or "", share["by"] or share["why"]),
            is_placed,
            names.provider(beside) is None,
            *(options.models.get(name, ""), options.places.get(name, "")),
        )
        _keep(found, log_name)
    placed = [one for one in found.values() if one.placed]
    others = [one for one in found.values() if not one.placed]
    return others[:MOST_NAMES], placed[:MOST_NAMES]


def _keep(found: dict[str, NameInLog], one: NameInLog) -> None:
    """Of equal names the one that is not placed is shown, and asks what any of them asks."""
    before = found.setdefault(one.name, one)
    if before is not one:
        shown = before if not before.placed or one.placed else one
        found[one.name] = replace(
            shown,
            beside=before.beside or one.beside,
            requests=before.requests + one.requests,
            asks_provider=before.asks_provider or one.asks_provider,
        )
