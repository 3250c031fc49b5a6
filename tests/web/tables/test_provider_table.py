from dataclasses import replace
from decimal import Decimal

import pytest
from django.http import QueryDict

from catalog.lifecycle import Lifecycle
from pricing.rates import STATES
from web.reads.endpoint_prices import COLUMN_METERS
from web.reads.endpoints import EndpointRecord
from web.reads.prices import Price
from web.tables.endpoint_cells import LimitsCell
from web.tables.provider_query import EVERYTHING, INDIRECT, OPTIONAL, SORTS, ProviderQuery
from web.tables.provider_table import arrange, in_order


def row(provider="host", upstream_id="m", *, direct=True, plain=True, gone=False, **stated):
    """An endpoint; its prices are stated by meter: a number is dollars, a word a state."""
    prices = []
    for meter in COLUMN_METERS:
        value = stated.pop(meter, "unknown")
        state = value if value in STATES else "priced"
        prices.append(Price(meter, state, Decimal(value) if state == "priced" else None))
    fields = {
        "id": hash((provider, upstream_id)),
        "model_slug": "a/m",
        "model_name": "M",
        "creator_slug": "a",
        "creator_name": "A",
        "provider_slug": provider,
        "provider_name": provider.title(),
        "kind": "cloud" if direct else "gateway",
        "own": False,
        "terms_url": "",
        "privacy_url": "",
        "status_url": "",
        "docs_url": "",
        "headquarters": "",
        "upstream_id": upstream_id,
        "variant": "",
        "snapshot": "" if plain else "2025",
        "region": "",
        "quantization": "",
        "mode": "chat",
        "context": None,
        "max_input": None,
        "max_output": None,
        "stage": Lifecycle.RETIRED if gone else "active",
        "deprecated_on": "",
        "floating": False,
        "retired_on": "",
        "retired_not_before": "",
        "listed_since": "",
        "missing_since": "",
        "released": "",
        "model_released": "",
        "zdr": "unknown",
        "training": "unknown",
        "retention": "unknown",
        "retention_days": None,
        "policy_basis": "",
        "policy_note": "",
        "policy_exceptions": "",
        "policy_url": "",
        "policy_checked_on": "",
        "capabilities": (),
        "lacks": (),
        "prices": tuple(prices),
        "per_unit": None,
        "further": "",
        "rates": (),
        **stated,
    }
    return EndpointRecord(**fields)


def prices(shown_row):
    return [cell for cell in shown_row.cells if isinstance(cell, Price)]


def best_context(shown_row):
    return any(isinstance(cell, LimitsCell) and cell.best for cell in shown_row.cells)


def table(rows, query=""):
    return arrange(rows, ProviderQuery.from_query(QueryDict(query)))


def shown(rows, query=""):
    result = table(rows, query)
    return [each.endpoint.provider_slug for each in (*result.direct, *result.indirect)]


PRICED = [
    row("dear", input="2"),
    row("silent"),
    row("cheap", input="1"),
    row("router", input="dynamic"),
    row("none", input="not_offered"),
]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["dear", "silent", "cheap", "router", "none"]),
        ("input", ["cheap", "dear", "none", "router", "silent"]),
        ("-input", ["dear", "cheap", "none", "router", "silent"]),
        ("provider", ["cheap", "dear", "none", "router", "silent"]),
        ("-provider", ["silent", "router", "none", "dear", "cheap"]),
        ("latency", ["dear", "silent", "cheap", "router", "none"]),
    ],
)
def test_what_has_no_amount_is_last_in_both_directions(sort, order):
    assert shown(PRICED, f"sort={sort}") == order


def test_a_price_in_another_currency_is_not_sorted_among_dollars():
    yuan = row("yuan")
    in_yuan = Price("input", "priced", Decimal("0.1"), "CNY")
    yuan = replace(yuan, prices=(in_yuan, *yuan.prices[1:]))
    rows = [yuan, row("dollar", input="5"), row("dearer", input="6")]
    assert shown(rows, "sort=input") == ["dollar", "dearer", "yuan"]
    assert not any(price.best for price in prices(table(rows).direct[0]))


@pytest.mark.parametrize("column", sorted(SORTS))
@pytest.mark.parametrize("direction", ["", "-"])
def test_every_column_sorts_without_losing_a_row(column, direction):
    assert sorted(shown(PRICED, f"sort={direction}{column}")) == sorted(shown(PRICED))


def test_answers_sort_the_strictest_first_and_silence_last():
    rows = [row("a", zdr="no"), row("b"), row("c", zdr="default"), row("d", zdr="on_request")]
    assert shown(rows, "sort=zdr") == ["c", "d", "a", "b"]
    assert shown(rows, "sort=-zdr") == ["a", "d", "c", "b"]


def test_what_cannot_be_used_any_more_comes_after_what_can():
    rows = [row("gone", gone=True, input="0.1"), row("here", input="1")]
    assert shown(rows, "sort=input") == ["here", "gone"]
    assert shown(rows, "sort=-input") == ["here", "gone"]


MANY = [
    row("openai"),
    row("openai", "m-2025", plain=False, input="3"),
    row("openai", "eu/m", plain=False, input="1"),
    row("azure"),
    row("router", direct=False),
    row("router", "m:free", direct=False, plain=False),
    row("plan", direct=False),
]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", ["openai", "azure"]),
        ("all=openai", ["openai", "openai", "openai", "azure"]),
        ("all=indirect", ["openai", "azure", "router", "plan"]),
        ("all=indirect&all=router", ["openai", "azure", "router", "router", "plan"]),
        ("all=1", ["openai", "openai", "openai", "azure", "router", "router", "plan"]),
    ],
)
def test_variants_and_gateways_are_folded_until_they_are_unfolded(query, rows):
    assert shown(MANY, query) == rows


def test_a_folded_provider_counts_what_it_folds_and_links_keep_what_is_open():
    result = table(MANY, "sort=input&all=indirect")
    openai = next(each for each in result.direct if each.endpoint.provider_slug == "openai")
    assert (openai.more, openai.unfolded) == (2, False)
    assert openai.toggle == "sort=input&all=indirect&all=openai"
    assert result.query.query(toggle=INDIRECT) == "sort=input"
    assert (result.direct_providers, result.indirect_providers, result.endpoints) == (2, 2, 7)
    assert table(MANY).folded == 3


def test_providers_that_serve_it_no_more_count_only_where_none_does():
    rows = [row("openai"), row("former", gone=True), row("router", direct=False)]
    of_gone = table([row("former", gone=True), row("router", direct=False, gone=True)])
    counts = [(each.direct_providers, each.indirect_providers) for each in (table(rows), of_gone)]
    assert counts == [(1, 1), (1, 1)]


def test_under_a_sorting_a_variant_has_the_place_of_its_own_price():
    result = table([row("a", input="2"), *MANY[1:3]], "sort=input&all=openai")
    assert [each.endpoint.upstream_id for each in result.direct] == ["eu/m", "m", "m-2025"]


def test_where_nobody_is_direct_nothing_is_folded():
    assert shown([row("router", direct=False)]) == ["router"]


def test_the_plain_endpoint_represents_its_provider():
    rows = [row("a", "m-latest", plain=False), row("a", "long/m", input="1"), row("a", "m")]
    (main,) = table(rows).direct
    assert main.endpoint.upstream_id == "long/m"  # as plain as the other, and priced


def best(rows):
    return {
        (each.endpoint.provider_slug, price.meter)
        for each in table(rows, "all=1").direct + table(rows, "all=1").indirect
        for price in prices(each)
        if price.best
    }


def test_the_lowest_price_of_the_direct_standard_living_endpoints_is_best():
    rows = [
        row("a", input="2", output="1"),
        row("a", "a-batch", plain=False, input="1"),
        row("b", input="3", output="1"),
        row("gone", gone=True, input="0.5"),
        row("router", direct=False, input="0.1"),
    ]
    assert best(rows) == {("a", "input")}  # everybody's output costs the same


def test_what_is_left_of_a_conversion_is_not_better():
    rows = [row("a", input="20", output="20"), row("b", input="19.99998", output="19.99998")]
    assert best(rows) == set()
    assert best([*rows, row("c", input="30")]) == {("a", "input"), ("b", "input")}


def test_what_is_free_is_not_the_lowest_price_where_others_sell():
    rows = [
        row("trial", input="free", output="free"),
        row("a", input="2", output="1"),
        row("b", input="3"),
    ]
    assert best(rows) == {("a", "input")}  # of output there is but one price
    variants = [
        row(name, name, plain=False, region="eu", variant=name, input="1")
        for name in ("free", "batch")
    ]
    assert best([*rows, *variants]) == {("a", "input")}


def test_all_that_are_lowest_are_best():
    assert best(
        [row(name, input=amount) for name, amount in (("a", "1"), ("b", "1"), ("c", "2"))]
    ) == {
        ("a", "input"),
        ("b", "input"),
    }


def test_a_best_value_that_more_than_three_share_is_not_marked():
    rows = [row(name, input="1", context=20) for name in "abc"]
    dear = row("e", input="2", context=10)
    assert best([*rows, dear]) == {("a", "input"), ("b", "input"), ("c", "input")}
    shared = [*rows, row("d", input="1", context=20), dear]
    assert best(shared) == set()
    assert not any(best_context(each) for each in table(shared).direct)


def test_nothing_is_the_best_of_a_retired_model():
    rows = [row("a", input="1", context=20), row("b", input="2", context=10)]
    retired = arrange(rows, ProviderQuery.from_query(QueryDict("")), ("retired", "2026-01-01"))
    assert not any(best_context(each) for each in retired.direct)
    assert not any(price.best for each in retired.direct for price in prices(each))


def test_prices_of_different_things_have_no_best():
    by_prompt = Price("web_search", "priced", Decimal(35), counted="prompt")
    rows = [row("a", web_search="14"), row("b")]
    rows[1] = replace(rows[1], prices=(*rows[1].prices[:4], by_prompt))
    assert best(rows) == set()


def test_the_largest_context_is_best_and_an_unknown_one_never():
    result = table([row("a", context=10), row("b", context=20), row("c"), row("d", context=20)])
    assert [best_context(each) for each in result.direct] == [False, True, False, True]
    assert not any(best_context(each) for each in table([row("a"), row("b")]).direct)


def test_a_column_for_other_units_is_there_when_somebody_bills_by_them():
    image = Price("image", "priced", Decimal("0.04"))
    assert "per_unit" not in [heading.key for heading in table([row()]).headings]
    result = table([row("a", per_unit=image), row("b")])
    assert [heading.label for heading in result.headings if heading.key == "per_unit"] == [
        "Images made"
    ]
    assert [prices(each)[-1].state for each in result.direct] == ["priced", "unknown"]
    second = Price("video_second", "priced", Decimal("0.1"))
    mixed = table([row("a", per_unit=image), row("b", per_unit=second)])
    assert [heading.label for heading in mixed.headings if heading.key == "per_unit"] == [
        "Per unit"
    ]
    assert not any(price.best for each in mixed.direct for price in prices(each))


def test_a_click_on_a_heading_sorts_by_it_and_the_next_one_the_other_way_round():
    def heading(query):
        return next(each for each in table(PRICED, query).headings if each.key == "input")

    assert (heading("").query, heading("").direction) == ("sort=input", "")
    assert (heading("sort=input").query, heading("sort=input").direction) == (
        "sort=-input",
        "ascending",
    )
    assert (heading("sort=-input").query, heading("sort=-input").direction) == (
        "sort=input",
        "descending",
    )


def test_what_is_not_understood_is_named_and_the_rest_applies():
    result = table(PRICED, "sort=nope&all=nobody&all=indirect&use=x")
    assert result.query.complaints == (
        "“nope” is no column to sort by",
        "“nobody” is nothing to unfold here",
        "“x” is no provider of this model",
    )
    assert result.query.query() == "all=indirect"
    assert table(PRICED, "use=cheap").query.query(sort="input") == "sort=input&use=cheap"


def test_a_file_holds_every_row_the_direct_ones_first():
    assert [each.upstream_id for each in in_order(MANY, ProviderQuery("-input"))] == [
        *("m-2025", "eu/m", "m", "m"),
        *("m", "m:free", "m"),
    ]


EVERYTHING_ASKED = "sort=-input&all=host&all=indirect&columns=context%2Cinput&use=host"


def test_every_link_of_the_table_keeps_the_rest_of_the_query():
    result = table(
        [row("host", "m"), row("host", "n", plain=False), row("gate", direct=False)],
        EVERYTHING_ASKED,
    )
    query = result.query
    assert query.query() == EVERYTHING_ASKED
    links = [
        *(heading.query for heading in result.headings if heading.query),
        query.query(toggle=EVERYTHING),
    ]
    links += [query.query(toggle=INDIRECT), *(each.toggle for each in result.direct if each.toggle)]
    assert len(links) > 12
    assert all(link.endswith("columns=context%2Cinput&use=host") for link in links)
    assert all("sort=" in link for link in links)
    assert query.query(unfolded=frozenset(), toggle=EVERYTHING).count("all=") == 1


def test_columns_that_are_not_named_are_put_away_and_unknown_ones_are_complained_of():
    query = table([row()], "columns=input&columns=nope,zdr").query
    assert query.columns == ("input", "zdr")
    assert "input" not in query.hidden
    assert len(query.hidden) == len(OPTIONAL) - 2
    assert query.complaints == ("“nope” is no column",)
    assert table([row()], f"columns={','.join(OPTIONAL)}").query.columns == ()
