"""The lifecycle of a model, from that of its endpoints. Pure.

The creator's own API decides: what holds of the model's own id there. A model is retired from

- the day on which its creator shuts it down, or
- a later day that another direct provider states (Azure serves some models of OpenAI longer), or
- with open weights, the day on which the last endpoint of all is shut down.

Another provider's listing without such a day keeps only a model of open weights: of a closed one it
leads to what the creator has shut down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.lifecycle import Lifecycle

# Stated to be retired, without a day.
_LONG_AGO = "0001-01-01"


@dataclass(frozen=True, slots=True)
class EndpointStage:
    """What holds of one endpoint; `origins` is its provenance.

    `voice` is None unless the model's creator runs the provider: then the lowest speaks for the
    model.
    """

    voice: int | None
    direct: bool
    lifecycle: str
    deprecated_on: str
    retired_on: str
    origins: dict[str, list[str]]

    @property
    def end(self) -> str:
        """The day on which it is shut down, "" for none."""
        return self.retired_on or (_LONG_AGO if self.lifecycle == Lifecycle.RETIRED else "")


@dataclass(frozen=True, slots=True)
class ModelStage:
    """Columns of catalog.Model, and where the stated ones come from."""

    columns: dict[str, str]
    provenance: dict[str, list[str]]


def model_stage(endpoints: Sequence[EndpointStage], *, open_weights: bool) -> ModelStage:
    """`endpoints` are those that count, in the order in which their facts do."""
    closest = min((e.voice for e in endpoints if e.voice is not None), default=None)
    speaking = [e for e in endpoints if closest is not None and e.voice == closest]
    columns = {"lifecycle": Lifecycle.LISTED.value, "deprecated_on": "", "retired_on": ""}
    provenance = {}
    for field in columns:
        stating = next((e for e in speaking if field in e.origins), None)
        if stating:
            columns[field] = getattr(stating, field)
            provenance[field] = stating.origins[field]
    ends_on = _last(speaking or endpoints)
    if ends_on and open_weights:
        ends_on = _last(endpoints)
    elif ends_on:
        ends_on = max([ends_on, *(e.end for e in endpoints if e.direct)])
    if ends_on == _LONG_AGO:
        columns["lifecycle"], ends_on = Lifecycle.RETIRED.value, ""
    elif columns["lifecycle"] == Lifecycle.RETIRED:
        kept = Lifecycle.LISTED if open_weights else Lifecycle.DEPRECATED
        columns["lifecycle"] = kept.value
    return ModelStage({**columns, "ends_on": ends_on}, provenance)


def _last(endpoints: Iterable[EndpointStage]) -> str:
    """The day on which the last endpoint is shut down, "" where one has no such day."""
    ends = [endpoint.end for endpoint in endpoints]
    return max(ends) if ends and all(ends) else ""
