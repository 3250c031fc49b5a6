"""What sources state and what is published, read-only on the forms of providers and endpoints."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from catalog.models import Claims, EndpointClaims, ProviderClaims
from pricing.meters import meter
from pricing.models import Rate
from pricing.rates import StatedRate
from pricing.terms import Terms
from web.admin.price_form import quoted_per
from web.format.figures import money_exact
from web.format.terms import in_words
from web.reads.conflicts import in_text


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ClaimsInline(ReadOnlyInline):
    """Every source's claim, losers included."""

    @admin.display(description="facts")
    def stated_facts(self, claims: Claims) -> str:
        facts = ((name.replace("_", " "), in_text(claims.facts[name])) for name in claims.facts)
        return format_html_join("", "<div>{}: {}</div>", sorted(facts))

    @admin.display(description="evidence")
    def stated_evidence(self, claims: Claims) -> str:
        pages = {tuple(page) for page in claims.evidence.values() if page[0].startswith("http")}
        return format_html_join("", '<div><a href="{}">{}</a></div>', sorted(pages))


class EndpointClaimsInline(ClaimsInline):
    model = EndpointClaims
    fields = readonly_fields = (
        *("source", "stated_at", "missing_since", "by_rule", "by_pattern"),
        *("stated_facts", "stated_rates", "stated_evidence"),
    )

    @admin.display(description="rates")
    def stated_rates(self, claims: EndpointClaims) -> str:
        rates = map(StatedRate.from_json, claims.rates)
        lines = ((_meter_under(rate.meter, rate.terms), _price(rate)) for rate in rates)
        return format_html_join("", "<div>{}: {}</div>", lines)


class ProviderClaimsInline(ClaimsInline):
    model = ProviderClaims
    fields = readonly_fields = ("source", "stated_at", "stated_facts", "stated_evidence")


class RatesInline(ReadOnlyInline):
    """The endpoint's prices that have not ended, each with a link to its form."""

    model = Rate
    verbose_name_plural = "rates"
    show_change_link = True
    fields = readonly_fields = ("what", "price", "valid_from", "held", "source", "by", "why")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rate]:
        rates: QuerySet[Rate] = super().get_queryset(request)
        return rates.filter(valid_to=None).select_related("source", "by")

    @admin.display(description="meter")
    def what(self, rate: Rate) -> str:
        return _meter_under(rate.meter, Terms.from_json(rate.terms))

    @admin.display
    def price(self, rate: Rate) -> str:
        return _price(rate)


def _meter_under(slug: str, terms: Terms) -> str:
    name, under = meter(slug).name, in_words(terms)
    return name if under == "Standard" else f"{name}, {under}"


def _price(rate: Rate | StatedRate) -> str:
    if rate.amount is None or rate.state != "priced":
        return rate.state.replace("_", " ")
    amount = money_exact(rate.amount.normalize(), rate.currency)
    return f"{amount} per {quoted_per(meter(rate.meter))}"
