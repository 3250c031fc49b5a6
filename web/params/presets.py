"""Familiar workloads that fill the estimate's form."""

from dataclasses import dataclass

from web.params.workload import USUAL


@dataclass(frozen=True, slots=True)
class Preset:
    """A workload's name and its fields as a query states them."""

    name: str
    fields: tuple[tuple[str, str], ...]


def _preset(name: str, **fields: int | str) -> Preset:
    return Preset(name, tuple((field, str(value)) for field, value in fields.items()))


PRESETS = (
    _preset("Support chatbot", **USUAL),
    _preset("RAG", requests=10_000, input=12_000, output=500),
    _preset(
        "Coding agent", requests=20_000, input=60_000, cached=48_000, output=1_500, reasoning=500
    ),
    _preset("Batch extraction", requests=100_000, input=2_000, output=300, tier="batch"),
    _preset("Document vision", requests=5_000, input=6_000, image_input=4_500, output=800),
)
