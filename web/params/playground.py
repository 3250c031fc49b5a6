"""The form of the playground, read and checked. Pure.

A complaint is a sentence for the visitor, by the name of the field.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

MOST_ENDPOINTS = 3
MOST_PROMPT = 200_000
MOST_OUTPUT = 100_000
EFFORTS = ("minimal", "low", "medium", "high")
MOST_STOPS = 4
_SLUG = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
_TEMPERATURE = re.compile(r"\d(?:\.\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class FormData(Protocol):
    def getlist(self, name: str, /) -> list[str]: ...
    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class PlaygroundForm:
    """`max_output` is None where nothing is stated; `temperature` too."""

    model: str = ""
    providers: tuple[str, ...] = ()
    team: str = ""
    system: str = ""
    prompt: str = ""
    temperature_text: str = ""
    output_text: str = ""
    effort: str = ""
    stop_text: str = ""
    complaints: dict[str, str] = field(default_factory=dict)

    @property
    def temperature(self) -> float | None:
        return float(self.temperature_text) if self.temperature_text else None

    @property
    def max_output(self) -> int | None:
        return int(self.output_text) if self.output_text else None

    @property
    def stops(self) -> tuple[str, ...]:
        return tuple(line for line in self.stop_text.splitlines() if line)


def read_form(data: FormData) -> PlaygroundForm:
    """What a query (m, p) or a sent form holds; complaints are about what cannot be sent."""
    complaints: dict[str, str] = {}
    model = _last(data, "m").strip()
    if model and not _SLUG.fullmatch(model):
        model, complaints["m"] = "", "This is no possible name of a model."
    providers = tuple(dict.fromkeys(value for value in data.getlist("p") if value))
    if len(providers) > MOST_ENDPOINTS:
        complaints["p"] = f"Choose at most {MOST_ENDPOINTS} providers."
        providers = providers[:MOST_ENDPOINTS]
    prompt, system = _text(data, "prompt"), _text(data, "system")
    if len(prompt) + len(system) > MOST_PROMPT:
        complaints["prompt"] = (
            f"Prompt and system prompt have {len(prompt) + len(system):,} characters; at most"
            f" {MOST_PROMPT:,} are taken here."
        )
    temperature, output = _last(data, "temperature").strip(), _last(data, "output").strip()
    if temperature and not (_TEMPERATURE.fullmatch(temperature) and float(temperature) <= 2):
        complaints["temperature"] = "The temperature is a number from 0 to 2."
    output = output.replace(",", "")
    if output and not (_WHOLE.fullmatch(output) and int(output) <= MOST_OUTPUT):
        complaints["output"] = f"The output is a whole number from 1 to {MOST_OUTPUT:,}."
    effort = _last(data, "effort")
    if effort and effort not in EFFORTS:
        effort, complaints["effort"] = "", "This effort is not one of the list."
    stop = _text(data, "stop")
    if len([line for line in stop.splitlines() if line]) > MOST_STOPS or len(stop) > 1000:
        complaints["stop"] = f"At most {MOST_STOPS} lines of 1,000 characters in all end an answer."
    return PlaygroundForm(
        model=model,
        providers=providers,
        team=_last(data, "team")[:100],
        system=system,
        prompt=prompt,
        temperature_text=temperature[:20],
        output_text=output[:20],
        effort=effort,
        stop_text=stop[:2000],
        complaints=complaints,
    )


def _last(data: FormData, name: str) -> str:
    values = data.getlist(name)
    return values[-1] if values else ""


def _text(data: FormData, name: str) -> str:
    """Line ends as APIs have them, though forms send two characters."""
    return _last(data, name).replace("\r\n", "\n").replace("\x00", "")
