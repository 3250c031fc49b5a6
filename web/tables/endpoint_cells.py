"""The contents of cells in an endpoint's row; web/templatetags/cells.py draws each kind."""

from dataclasses import dataclass

from web.reads.live import Measurement
from web.reads.prices import Dispute, Price
from web.reads.site import Named


@dataclass(frozen=True, slots=True)
class LimitsCell:
    """`max_input` takes the place of a context window that is not stated."""

    context: int | None
    max_input: int | None
    max_output: int | None
    best: bool = False
    dispute: Dispute | None = None


@dataclass(frozen=True, slots=True)
class LiveCell:
    """`figure` is None where there is none: a gap, never a zero. It is renewed by `endpoint_id`."""

    metric: str
    figure: Measurement | None
    endpoint_id: int


@dataclass(frozen=True, slots=True)
class PolicyCell:
    """`aside` is the answer's basis, with exceptions and date."""

    policy: str
    answer: str
    aside: str = ""


@dataclass(frozen=True, slots=True)
class CapabilitiesCell:
    capabilities: Named


@dataclass(frozen=True, slots=True)
class ReleaseCell:
    """`own`: the date is the endpoint's, not the model's."""

    iso: str
    own: bool
    dispute: Dispute | None = None


@dataclass(frozen=True, slots=True)
class LifecycleCell:
    """`since` is a note on the stage's date, `gone` why the endpoint is out of use, or empty."""

    stage: str
    since: str
    retired_on: str
    gone: str


@dataclass(frozen=True, slots=True)
class TextCell:
    text: str


CellContent = (
    Price
    | LimitsCell
    | LiveCell
    | PolicyCell
    | CapabilitiesCell
    | ReleaseCell
    | LifecycleCell
    | TextCell
)
