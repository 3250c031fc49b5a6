"""Whether a failed call was the provider's failure or the caller's. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from telemetry.calls import Outcome
from telemetry.otlp.values import Attributes, number, text

ERROR_TYPE = "error.type"
STATUS_KEYS = (
    "http.response.status_code",
    "http.status_code",
    "litellm.provider.error.code",
    "error.code",
)
# A timeout is the provider's, though 408 is a 4xx.
_TIMEOUT = 408
# In names of exceptions and of error codes, without separators.
_CALLERS = re.compile(
    "ratelimit|toomanyrequests|throttl|quota|resourceexhausted|budgetexceeded"
    "|badrequest|invalidrequest|invalidargument|authentication|unauthori|permission|forbidden"
    "|notfound|unprocessable|contextwindow|contentpolicy|contentfilter|cancel|abort"
    "|keyboardinterrupt|generatorexit|requesttoolarge"
)


def outcome_of_error(attributes: Attributes) -> Outcome:
    for key in STATUS_KEYS:
        value = attributes.get(key)
        if value is not None:
            try:
                status = number(value)
            except ValueError:
                continue
            if 400 <= status < 600:
                return "refused" if _is_callers(int(status)) else "failed"
    value = attributes.get(ERROR_TYPE)
    return _named(text(value.string_value)[:200]) if value is not None else "failed"


def _is_callers(status: int) -> bool:
    return status < 500 and status != _TIMEOUT


@lru_cache(maxsize=1024)
def _named(name: str) -> Outcome:
    if name.isascii() and name.isdigit():
        status = int(name[:6])
        return "refused" if status >= 400 and _is_callers(status) else "failed"
    letters = re.sub(r"[^a-z]", "", name.lower())
    return "refused" if _CALLERS.search(letters) else "failed"
