"""What a probe sends: a declared length in and out, other words each time. Pure."""

from dataclasses import dataclass
from random import Random

from streaming.prompts import Prompt, message

# So many times the output where a model reasons before it answers.
_REASONING = 5
# Things to write of: no answer is one that a cache holds, or that is easy to guess ahead.
_THINGS = (
    *("lighthouse", "glacier", "orchard", "compass", "violin", "harbour", "lantern", "meadow"),
    *("quarry", "raven", "saddle", "tunnel", "umbrella", "valley", "windmill", "anchor"),
    *("bakery", "canyon", "drawbridge", "ferry", "garden", "hammock", "island", "jetty"),
    *("kettle", "ladder", "market", "needle", "orchid", "pebble", "quilt", "river"),
    *("staircase", "telescope", "urn", "vineyard", "wagon", "yard", "attic", "barrel"),
    *("cellar", "dune", "easel", "fountain", "granary", "hedge", "inkwell", "jar"),
)


@dataclass(frozen=True, slots=True)
class ProbeWorkload:
    """The workload of this install, as its settings declare it.

    `words` of a prompt, at most `tokens` of an answer; `region` is what this machine's place is
    called. An endpoint is probed about once in `minutes`.
    """

    words: int
    tokens: int
    temperature: float
    region: str
    minutes: int

    @property
    def definition(self) -> str:
        """One sentence, for the places where figures of probes are shown."""
        place = f" from {self.region}" if self.region else ""
        return (
            f"Probed{place} about every {self.minutes:,} minutes: {self.words:,} words in, at most"
            f" {self.tokens:,} tokens out ({self.tokens * _REASONING:,} where a model reasons)."
        )

    def prompt(
        self, model: str, chance: Random, *, reasons: bool, takes_temperature: bool
    ) -> Prompt:
        subject = ", ".join(chance.sample(_THINGS, 3))
        task = f"Write a story of about {self.tokens:,} words. It has these in it: {subject}."
        notes = chance.choices(_THINGS, k=max(self.words - len(task.split()) - 2, 0))
        text = " ".join(("Unrelated notes:", *notes, task))
        return Prompt(
            model,
            (message("user", text),),
            self.tokens * (_REASONING if reasons else 1),
            {"temperature": self.temperature} if takes_temperature else {},
        )
