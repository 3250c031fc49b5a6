"""The estimate: page and CSV file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.gzip import gzip_page

from agreements.agreed import Agreements, agreed_ranker
from catalog.boards import board_and_category
from pricing.priced_endpoints import ranker
from web.exports.estimate import estimate_csv
from web.http.agreed_pages import shows_agreed
from web.http.turns import in_turn
from web.pages.estimate import Estimate, rank, read_estimate
from web.pages.head import Head
from web.params.estimate import EstimateQuery
from web.params.models import RATING_BOARDS, SPEEDS, ModelFilters
from web.params.presets import PRESETS
from web.params.workload import PERIODS, as_written
from web.params.workload_fields import FIELDS, GROUPS, OPTIONS
from web.reads.choices import choices
from web.reads.ratings import rated_boards
from web.reads.site import site
from web.tables.estimate import as_markdown
from web.tables.filter_chips import Chip, FilterNames, filter_bar
from web.text.estimate import shown_choices, typical_reasoning
from web.text.ratings import board_name
from web.views.errors import read_only
from web.views.render import HtmxHttpRequest, rendering

# Fields of the form that are folded away, unless one of them is stated.
SELDOM = (*(field.name for field in FIELDS if field.group), *(option.name for option in OPTIONS))
BESIDE = ("tier", "at", "every")


@read_only
@shows_agreed
def estimate_page(request: HtmxHttpRequest, *, agreed: Agreements | None) -> HttpResponse:
    now = timezone.now()
    endpoints = agreed_ranker(now.date()) if agreed else ranker(now.date())
    estimate = read_estimate(EstimateQuery.from_query(request.GET), now, endpoints=endpoints)
    return rendering(agreed)(request, "estimate/page.html", _context(estimate), partial="results")


@read_only
@gzip_page
@in_turn
def estimate_file(request: HtmxHttpRequest) -> HttpResponse | StreamingHttpResponse:
    now = timezone.now()
    ranked = rank(EstimateQuery.from_query(request.GET), now, ranker(now.date()))
    if ranked.ranking is None or ranked.request is None:
        why = " ".join(ranked.asked.workload.complaints.values())
        return HttpResponse(why, status=400, content_type="text/plain; charset=utf-8")
    headers = {"Content-Disposition": 'attachment; filename="estimate.csv"'}
    lines = estimate_csv(ranked.asked, ranked.ranking, ranked.request, now)
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _context(estimate: Estimate) -> dict[str, Any]:
    asked, known = estimate.asked, choices()
    vocabulary, rated = site(), rated_boards()
    names = FilterNames(
        dict(known.creators),
        dict(known.providers),
        vocabulary.capabilities,
        vocabulary.policies,
        known.regions,
        tuple(board for board in RATING_BOARDS if board_and_category(board) in rated),
        tuple(name for name, metric in SPEEDS.items() if metric in estimate.live),
    )
    bar = filter_bar(asked.filters, names)
    workload = asked.workload
    shows_rating = bool(rated) and (not workload.beyond_text or bool(asked.filters.board))
    written = as_written(workload)
    fields = {
        group: [
            (field, written[field.name], workload.complaints.get(field.name, ""))
            for field in FIELDS
            if field.group == group
        ]
        for group in ("", *GROUPS)
    }
    link = f"{settings.PUBLIC_URL}{reverse('estimate')}?{asked.here()}"
    return {
        "section": "estimate",
        "head": _head(asked),
        "estimate": estimate,
        "live": estimate.live,
        "shows_rating": shows_rating,
        "board": board_name(asked.filters.rated_on),
        # Columns of the table, and those after its total.
        "span": 5 + shows_rating + len(estimate.live),
        "rest": 2 + len(estimate.live),
        "asked": asked,
        "filters": asked.filters,
        "workload": workload,
        "fields": fields[""],
        "groups": [(group, fields[group], _options(estimate, group)) for group in GROUPS],
        "written": written,
        "tiers": list(estimate.tiers),
        "presets": [
            (preset.name, asked.filled(preset.fields), workload.states(preset.fields))
            for preset in PRESETS
        ],
        "active": _active(asked, bar.chips),
        "names": names,
        "bar": bar,
        "whole": workload.every,
        "typical": typical_reasoning(asked.assumed_reasoning) if asked.assumes_reasoning else "",
        "more": any(name in workload.written for name in SELDOM),
        "beside": workload.every != PERIODS[0] or any(name in workload.written for name in BESIDE),
        # The first row that "load more" adds: below the rows and the lines of the opened one.
        "following": len(estimate.rows) + any(row.is_open for row in estimate.rows) + 1,
        "link": link,
        "markdown": as_markdown(estimate.rows[:10], workload, link),
    }


@dataclass(frozen=True, slots=True)
class OptionSelect:
    """A select of an option that prices depend on; `why` is what is wrong with its value."""

    name: str
    label: str
    words: tuple[str, ...]
    value: str
    why: str


def _options(estimate: Estimate, group: str) -> list[OptionSelect]:
    """The selects of a group: options that prices of the workload depend on, or that are stated."""
    workload, selects = estimate.asked.workload, []
    for option in OPTIONS:
        value = workload.option(option.name)
        words = shown_choices(estimate.choices.get(option.name, ()))
        if option.group == group and (words or value):
            extra = [value] if value and value not in words else []
            why = workload.complaints.get(option.name, "")
            selects.append(OptionSelect(option.name, option.label, (*words, *extra), value, why))
    return selects


def _head(asked: EstimateQuery) -> Head:
    description = "What a workload costs on every endpoint of every model, exactly, line by line."
    return Head("What will it cost?", description, reverse("estimate"))


def _active(asked: EstimateQuery, filter_chips: Sequence[Chip]) -> list[Chip]:
    rest = urlencode(replace(asked, filters=ModelFilters()).pairs())
    on = [chip for chip in filter_chips if chip.on]
    filters = [replace(chip, query="&".join(filter(None, (rest, chip.query)))) for chip in on]
    exact = asked.query(workload=replace(asked.workload, uncached=False))
    sold = asked.query(free=False)
    more = (
        (asked.model, Chip("chip-model", f"Only {asked.model}", asked.query(model=""), on=True)),
        (asked.free, Chip("chip-free", "Free endpoints too", sold, on=True)),
        (
            asked.workload.uncached,
            Chip("chip-uncached", "Cached tokens without a price billed as input", exact, on=True),
        ),
    )
    return [*filters, *(chip for is_on, chip in more if is_on)]
