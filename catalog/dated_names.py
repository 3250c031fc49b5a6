"""The release date that a model's name holds: gpt-4o-2024-08-06, codestral-2508. Pure."""

import re

_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_FULL = re.compile(rf"(20[2-9]\d)-?({_MONTH})-?({_DAY})(?!\d)")
_MONTH_FIRST = re.compile(rf"(?<!\d)({_MONTH})-(20[2-9]\d)(?!\d)")
# Two digits of the year, two of the month. A month and a day, such as 0731, name no year.
_SHORT = re.compile(rf"(?:^|-)(2[3-9])({_MONTH})(?=$|-)")


def release_in_name(name: str) -> str:
    """The date in a model's name, as precise as it is; "" where it holds none, or several."""
    full = {"-".join(match) for match in _FULL.findall(name)}
    months = {f"{year}-{month}" for month, year in _MONTH_FIRST.findall(name)}
    if not (full or months):
        months = {f"20{year}-{month}" for year, month in _SHORT.findall(name)}
    dates = full or months
    return dates.pop() if len(dates) == 1 else ""
