from decimal import Decimal

import pytest
from django.http import QueryDict

from web.params.lists import MOST_PAGES
from web.params.models import (
    DEFAULT_SORT,
    DEFAULTS,
    OPTIONAL,
    RELEVANCE,
    SORTS,
    ModelFilters,
)


def read(query):
    return ModelFilters.from_query(QueryDict(query))


EVERYTHING = (
    "q=gpt&creator=openai&provider=azure&capability=vision&capability=reasoning&modality=image&input_max=1.5"
    "&output_max=6&context_min=128000&released_within=90&zdr=1&no_training=1&open_weights=1&lifecycle=preview"
    "&kind=cloud&kind=gateway&region=eu&rating_min=1400&via=any&board=coding&all=1"
    "&columns=context%2Cinput&sort=-input&from=2&page=3"
)


def test_an_empty_query_is_the_best_models_and_writes_nothing():
    assert read("") == ModelFilters()
    assert (read("").q, read("").sort, read("").page, read("").narrow) == (
        "",
        DEFAULT_SORT,
        1,
        False,
    )
    assert read("").query() == ""


def test_everything_that_can_be_asked_is_read_and_written_back():
    filters = read(EVERYTHING)
    assert filters.complaints == ()
    assert filters.capability == ("vision", "reasoning")
    assert (filters.input_max, filters.output_max) == (Decimal("1.5"), Decimal(6))
    assert (filters.context_min, filters.released_within) == (128_000, 90)
    assert filters.columns == ("context", "input")
    assert filters.query(page=3, first=2) == EVERYTHING


def test_a_query_is_read_and_written_back_in_its_shortest_form():
    filters = read(
        "page=3&unheard=of&sort=input&q=+gpt+4.1++mini&zdr=0&creator=&input_max=01.500&columns="
    )
    assert (filters.q, filters.sort, filters.page) == ("gpt 4.1 mini", "input", 3)
    assert filters.query(page=3) == "q=gpt+4.1+mini&input_max=1.5&sort=input&page=3"


def test_the_last_of_two_values_holds():
    assert read("sort=input&sort=top&creator=a&creator=b").query() == "creator=b"


def test_any_change_but_a_page_goes_back_to_the_first_page():
    filters = read("q=o4&page=3&from=1")
    assert filters.query(sort="input") == "q=o4&sort=input"
    assert filters.query(page=4) == "q=o4&page=4"
    assert filters.query(q="") == ""


@pytest.mark.parametrize("column", sorted(SORTS))
def test_every_column_sorts_both_ways(column):
    assert read(f"sort={column}").sort == column
    assert read(f"sort=-{column}").descending
    assert not read(f"sort=-{column}").complaints


def test_a_search_is_sorted_by_relevance_unless_a_sort_is_asked_for():
    assert read("q=gpt").sort == RELEVANCE
    assert read("q=gpt").query() == "q=gpt"
    assert read("q=gpt&sort=-released").query() == "q=gpt&sort=-released"
    assert read("q=gpt&sort=top").query(q="") == ""
    assert read("q=gpt&sort=input").query(q="") == "sort=input"
    assert read("q=gpt").query(q="") == ""
    assert read("q=relevance").query() == "q=relevance"
    assert read("q=gpt&sort=relevance").complaints == ("“relevance” is no column to sort by",)


BAD = [
    ("sort=nope", "“nope” is no column to sort by"),
    ("sort=--input", "“--input” is no column to sort by"),
    ("sort=-", "“-” is no column to sort by"),
    ("sort=%00", "“�” is no column to sort by"),
    ("sort=" + "x" * 10_000, "“" + "x" * 40 + "…” is no column to sort by"),
    *(
        (f"page={value}", f"“{said}” is no page number")
        for value, said in [
            ("abc", "abc"),
            ("0", "0"),
            ("-1", "-1"),
            ("1e3", "1e3"),
            ("1.5", "1.5"),
            ("%EF%BC%93", "３"),
            ("9" * 10_000, "9" * 40 + "…"),
        ]
    ),
    ("from=2", "pages 2 to 1 do not show as one, page 1 does"),
    ("from=x", "“x” is no page number"),
    ("q=a%00b", "the search held characters that are no text"),
    ("q=%ff%fe", "the search held characters that are no text"),
    ("q=a%0Db", "the search held characters that are no text"),
    ("q=" + "x" * 10_000, "the search was cut to 200 characters"),
    ("creator=a/b", "“a/b” is no creator"),
    ("creator=%00", "“�” is no creator"),
    ("creator=-", "“-” is no creator"),
    ("creator=" + "x" * 200, "“" + "x" * 40 + "…” is no creator"),
    ("provider='--", "“'--” is no provider"),
    ("provider=é", "“é” is no provider"),
    ("capability=%25", "“%” is no capability"),
    ("capability=a/b", "“a/b” is no capability"),
    ("modality=smell", "“smell” is no modality"),
    ("lifecycle=dead", "“dead” is no stage of a model"),
    *(
        (f"{name}={value}", f"“{said}” is no {what}")
        for name, what in [("input_max", "input price"), ("output_max", "output price")]
        for value, said in [
            ("-1", "-1"),
            ("abc", "abc"),
            ("nan", "nan"),
            ("inf", "inf"),
            ("1e3", "1e3"),
            ("1,5", "1,5"),
            (".", "."),
            ("1.", "1."),
            ("$", "$"),
            ("$-1", "$-1"),
            ("1$", "1$"),
            ("€1", "€1"),
            ("1/K", "1/K"),
            ("$1,000", "$1,000"),
            ("１", "１"),
            ("1" * 10, "1" * 10),
            ("0." + "1" * 13, "0." + "1" * 13),
            ("%00", "�"),
        ]
    ),
    *(
        (f"{name}={value}", f"“{value}” is no number of {what}")
        for name, what in [("context_min", "tokens"), ("released_within", "days")]
        for value in [
            "0",
            "-5",
            "1.5",
            "1,5",
            "128G",
            "0K",
            "0.0001K",
            "1,00",
            "１",
            "x",
            "K",
            "9" * 13,
        ]
    ),
    *(
        (f"{name}={value}", f"{name} is 1 or left out, not “{value}”")
        for name in ("zdr", "no_training", "open_weights", "all")
        for value in ("2", "yess", "y", "-1")
    ),
    ("columns=input,smell", "“smell” is no column"),
    ("columns=name", "“name” is no column"),
]


@pytest.mark.parametrize(("query", "complaint"), BAD)
def test_a_bad_value_falls_back_and_is_complained_of(query, complaint):
    filters = read(query)
    assert filters.complaints == (complaint,)
    for name in DEFAULTS.keys() - {"q", "sort", "columns"}:
        assert getattr(filters, name) == DEFAULTS[name]
    assert filters.sort in (DEFAULT_SORT, RELEVANCE)
    assert len(filters.q) <= 200
    assert "\x00" not in filters.q


def test_each_bad_value_is_named_and_the_good_ones_hold():
    filters = read("q=claude&sort=nope&page=abc&input_max=x&creator=anthropic&zdr=1&modality=smell")
    assert (filters.q, filters.creator, filters.zdr) == ("claude", "anthropic", True)
    assert len(filters.complaints) == 4


def test_no_more_than_a_dozen_capabilities_are_read():
    filters = read("&".join(f"capability=c{n}" for n in range(40)))
    assert len(filters.capability) == 12
    assert filters.complaints == ("only the first 12 capabilities were read",)


def test_a_capability_that_is_stated_twice_counts_once():
    assert read("capability=vision&capability=vision&capability=").query() == "capability=vision"


def test_a_price_of_zero_is_a_filter_and_no_price_is_none():
    assert read("input_max=0").input_max == 0
    assert read("input_max=0").narrow
    assert read("input_max=0").query() == "input_max=0"
    assert read("input_max=.5").query() == "input_max=0.5"
    assert read("input_max=").input_max is None


@pytest.mark.parametrize(
    "query",
    ["via=any", "board=math", "all=1", "sort=input", "page=4", "columns=input", "zdr=0"],
)
def test_what_leaves_no_model_out_is_no_narrowing(query):
    assert not read(query).narrow


@pytest.mark.parametrize(("first", "page"), [(1, 1), (1, 10), (5, 14)])
def test_pages_that_show_as_one_are_read(first, page):
    filters = read(f"from={first}&page={page}")
    assert (filters.first, filters.page, filters.complaints) == (first, page, ())


def test_no_more_than_ten_pages_show_as_one():
    filters = read(f"from=1&page={MOST_PAGES + 1}")
    assert filters.first == filters.page == MOST_PAGES + 1
    assert filters.complaints == ("pages 1 to 11 do not show as one, page 11 does",)


def test_a_sort_that_is_spelled_out_though_it_is_the_default_is_left_out():
    assert read("sort=top").query() == ""


def test_columns_come_in_the_order_of_the_table_however_they_are_stated():
    assert (
        read("columns=released&columns=input,context").query()
        == "columns=context%2Cinput%2Creleased"
    )
    assert read("columns=input").hidden == tuple(name for name in OPTIONAL if name != "input")
    assert read("columns=" + ",".join(reversed(OPTIONAL))).query() == ""
    assert read("").hidden == ()


def test_a_filter_is_set_by_one_click_and_taken_off_by_the_next():
    filters = read("q=gpt&capability=vision&zdr=1&input_max=1")
    assert (
        filters.toggled("capability", "reasoning")
        == "q=gpt&capability=vision&capability=reasoning&input_max=1&zdr=1"
    )
    assert filters.toggled("capability", "vision") == "q=gpt&input_max=1&zdr=1"
    assert filters.toggled("zdr", True) == "q=gpt&capability=vision&input_max=1"
    assert filters.toggled("input_max", Decimal(1)) == "q=gpt&capability=vision&zdr=1"
    assert filters.toggled("input_max", Decimal(2)) == "q=gpt&capability=vision&input_max=2&zdr=1"


def test_clearing_takes_every_filter_off_and_keeps_the_table_as_it_is():
    assert read(EVERYTHING).cleared.query() == "columns=context%2Cinput&sort=-input"


@pytest.mark.parametrize(
    ("query", "written"),
    [
        ("capability=web_search&capability=Tool+use", "capability=web-search&capability=tool-use"),
        ("capability=VISION&capability=vision", "capability=vision"),
        ("provider=Amazon_Bedrock&creator=Meta", "creator=meta&provider=amazon-bedrock"),
        ("context_min=128K", "context_min=128000"),
        ("context_min=128k+tokens", "context_min=128000"),
        ("context_min=128,000", "context_min=128000"),
        ("context_min=1M", "context_min=1000000"),
        ("context_min=1.05+M", "context_min=1050000"),
        ("input_max=$1&output_max=$2.50/M", "input_max=1&output_max=2.5"),
        ("released_within=30+days", "released_within=30"),
        ("modality=Image&lifecycle=Preview", "modality=image&lifecycle=preview"),
        ("zdr=yes&no_training=true&open_weights=ON&all=no", "zdr=1&no_training=1&open_weights=1"),
        ("sort=Cache-Read", "sort=cache_read"),
        ("kind=Inference-Host&kind=inference-host", "kind=inference-host"),
        ("kind=first_party", "kind=first-party"),
        ("via=Direct&board=Hard-Prompts", "board=hard_prompts"),
        ("rating_min=1400.50", "rating_min=1400.5"),
        ("sort=-cache+read", "sort=-cache_read"),
        ("columns=cache-read,Input", "columns=input%2Ccache_read"),
    ],
)
def test_spellings_that_can_mean_but_one_thing_are_understood_and_written_plainly(query, written):
    assert read(query).complaints == ()
    assert read(query).query() == written


@pytest.mark.parametrize("value", ["128K", "1M", "128,000"])
def test_days_are_not_counted_in_thousands(value):
    assert read(f"released_within={value}").complaints == (f"“{value}” is no number of days",)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("via=me", "“me” is no way to choose endpoints, direct or any is"),
        ("kind=shop", "“shop” is no kind of provider"),
        ("region=%24%24", "“$$” is no region"),
        ("rating_min=high", "“high” is no rating"),
        ("board=chess", "“chess” is no board or category of ratings"),
        ("all=some", "all is 1 or left out, not “some”"),
    ],
)
def test_an_odd_choice_of_rows_is_ignored_with_a_sentence(query, complaint):
    assert read(query).complaints == (complaint,)
    assert read(query).query() == ""


@pytest.mark.parametrize(
    ("query", "board"),
    [
        ("", "text"),
        ("modality=image", "vision"),
        ("capability=vision", "vision"),
        ("modality=pdf", "document"),
        ("modality=image&board=coding", "coding"),
    ],
)
def test_ratings_are_of_the_board_that_fits_unless_one_is_chosen(query, board):
    assert read(query).rated_on == board
