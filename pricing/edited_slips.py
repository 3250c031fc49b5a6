"""Whether an editor's price looks like a slip: measured as the prices of sources are."""

from django.db.models import F

from catalog.models import Endpoint, Source
from pricing.factors import factor_between, factor_words
from pricing.magnitude_guard import Base, is_slip, usual_amounts
from pricing.models import Rate
from pricing.own_past import is_jump
from pricing.rates import StatedRate
from pricing.terms import BASE


def far_from_usual(endpoint: Endpoint, rate: StatedRate) -> str:
    """A sentence without its full stop on a price far from the one before; "" for one that is not.

    A first price at standard terms is compared with what is usual.
    """
    series = Rate.objects.published().filter(
        endpoint=endpoint, meter=rate.meter, terms=rate.terms.to_json(), announced=False
    )
    last = series.order_by(F("valid_from").desc(nulls_last=True)).first()
    if last and last.amount:
        if not rate.amount:
            return "" if rate.state == "included" else "It had a price until now, and has none"
        if last.currency != rate.currency:
            return ""
        factor = factor_between(last.amount, rate.amount)
        return f"This is {factor_words(factor)} what it was" if is_jump(factor) else ""
    if not rate.amount or rate.terms != BASE or rate.currency != "USD":
        return ""
    place = endpoint.id, rate.meter
    stated = Base(rate.amount, Source.objects.get(slug=Source.EDITOR).id)
    usual = usual_amounts({endpoint.id: {rate.meter: stated}}, wanted=[place]).get(place)
    if usual is None or not is_slip(rate.amount, usual):
        return ""
    return f"This is {factor_words(factor_between(usual, rate.amount))} what is usual"
