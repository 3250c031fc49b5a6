"""The terms of a rate in words. Pure."""

from pricing.terms import Band, Schedule, Terms

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHOLE_DAY = ("00:00", "00:00")


def in_words(terms: Terms) -> str:
    """Conditions such as "Batch, over 272,000 input tokens"; "Standard" where there are none."""
    parts = [
        terms.tier.replace("_", " "),
        _band(terms.band) if terms.band else "",
        f"in {terms.region}" if terms.region else "",
        *(_schedule(schedule) for schedule in terms.schedules),
        *(f"{name.replace('_', ' ')} {value}" for name, value in terms.options),
    ]
    words = ", ".join(part for part in parts if part)
    return words[:1].upper() + words[1:] if words else "Standard"


def _band(band: Band) -> str:
    past = "over" if band.operator == "gt" else "from"
    what = "input tokens" if band.basis == "total_input" else band.basis.replace("_", " ")
    marginal = " for the tokens past it" if band.applies == "marginal" else ""
    return f"{past} {band.threshold:,} {what}{marginal}"


def _schedule(schedule: Schedule) -> str:
    days = "" if len(schedule.weekdays) == 7 else f" {_weekdays(schedule.weekdays)}"
    if _WHOLE_DAY in schedule.windows:
        return f"all day{days} {schedule.timezone}"
    hours = " and ".join(f"{start}–{end}" for start, end in schedule.windows)
    return f"{hours} {schedule.timezone}{days}"


def _weekdays(days: tuple[int, ...]) -> str:
    first, last = days[0], days[-1]
    if len(days) > 2 and days == tuple(range(first, last + 1)):
        return f"{_DAYS[first - 1]}–{_DAYS[last - 1]}"
    return ", ".join(_DAYS[day - 1] for day in days)
