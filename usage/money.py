"""Stated money in parts of a dollar, of which the name of the column has the unit. Pure."""

import re

_PARTS = re.compile(
    r"(?:total|request|response|usage|api|llm|calculated|model)*"
    r"(?:cost|spend|price|amount|charge|billed|charged)(?:total|amount|in|us|usd)*"
    r"(?P<unit>cents?|microcents?|micros?|micro(?:usd|dollars?)|nanos?|nano(?:usd|dollars?)"
    r"|(?<=usd)ticks)(?:usd)?"
)
_UNITS_OF_A_DOLLAR = {"cent": 100, "microcent": 10**8, "micro": 10**6, "nano": 10**9}
# As xAI counts them.
_TICKS = 10**10


def parts_of_a_dollar(name: str) -> int:
    """How many units of a column of money make a dollar, by its canonical name; 1 for dollars."""
    found = _PARTS.fullmatch(name)
    if not found:
        return 1
    unit = found["unit"].removesuffix("s")
    return _UNITS_OF_A_DOLLAR.get(re.sub(r"(usd|dollar)$", "", unit), _TICKS)
