"""A reported usage in the units in which an endpoint's rate card counts it. Pure."""

from decimal import Decimal

from pricing.endpoint import PricedEndpoint
from pricing.usage import Usage, counts
from usage.responses import UsageReport

# Meters of sound that is read, in the order in which a price list's is taken. Some price lists
# count a transcription by the seconds that come out.
_HEARD = ("audio_second_in", "audio_hour_in", "audio_hour", "input_second", "audio_second")
# What an endpoint of such a mode answers with, where a report states no parts of its output.
_MADE = {"image": "output_image", "speech": "output_audio"}
# Endpoints that take many texts in one request: their limits hold for each.
_MANY_TEXTS = ("embedding", "rerank", "moderation")


def counted_at(report: UsageReport, endpoint: PricedEndpoint) -> tuple[Usage, tuple[str, ...]]:
    """The usage as this endpoint bills it, and the meters that it does not bill.

    Sound counts in the endpoint's unit and tokens of images as such; where sound is sold by the
    time alone, its tokens are not billed.
    """
    stated = {rate.meter for rate in endpoint.card.rates if rate.amount is not None}
    counted = dict(report.usage.counted)
    unbilled = [slug for slug in report.seldom if slug not in stated]
    heard = next((slug for slug in _HEARD if slug in stated), "")
    if heard and "audio_second_in" in counted and "input" not in stated:
        unbilled += [slug for slug in counted if _is_token(slug)]
    for slug in unbilled:
        counted.pop(slug, None)
    if heard in _HEARD[3:] and "audio_second_in" in counted:
        counted[heard] = counted.pop("audio_second_in")
    made = _MADE.get(endpoint.mode, "")
    if report.unsplit and made in stated and counted.get("output"):
        counted[made] = counted["output"]
    usage = report.usage if counted == report.usage.counted else Usage.of(**counted)
    return usage, tuple(unbilled)


def _is_token(slug: str) -> bool:
    return counts(slug, "input") or counts(slug, "output")


def exceeded_limit(endpoint: PricedEndpoint, usage: Usage) -> Decimal | None:
    """The stated limit that a usage is beyond; None where it fits."""
    if endpoint.mode in _MANY_TEXTS:
        return None
    asked, answered = usage["input"], usage["output"]
    limits = (
        (endpoint.context, asked + answered),
        (endpoint.max_input, asked),
        (endpoint.max_output, answered),
    )
    return next((Decimal(limit) for limit, used in limits if limit and used > limit), None)
