import re
from decimal import Decimal
from xml.etree import ElementTree

import pytest

from catalog.models import Model
from catalog.ratings import Rating
from tests.factories import (
    make_endpoint,
    make_model,
    make_provider,
    make_rate,
    make_rating,
    sell,
    summarise,
)
from tests.web.page import collapsed, rows
from tests.web.page import price as price_of
from web.pages import explore as page_of
from web.reads import explore as reads

HTMX = {"HX-Request": "true", "HX-Target": "results"}


def add(slug, rating="", amount="", *, provider="", kind="first-party", output="", **stated):
    """A model that its creator sells, with a rating on the board of texts, where they are given."""
    creator, _, name = slug.partition("/")
    model = make_model(slug, name=name.title(), **stated)
    if amount:
        provider = make_provider(provider or creator, kind=kind, creator=model.creator)
        endpoint = make_endpoint(model, provider)
        for meter, price in (("input", amount), ("output", output or amount)):
            make_rate(endpoint, meter, price, state="priced" if Decimal(price) else "free")
    if rating:
        make_rating(model, rating)
    return model


@pytest.fixture
def catalog(db):
    """A frontier of two models, one below it, one that is free, one unrated, one without price."""
    add("google/argon", "1520.0", "4")
    add("anthropic/opus", "1500.0", "8", open_weights=True)
    add("google/flash", "1450.0", "1", output="5")
    add("meta/free", "1300.0", "0")
    add("meta/unrated", "", "1")
    add("meta/unpriced", "1200.0")
    summarise()


def get(client, query="", **stated):
    response = client.get(f"/explore/?{query}", **stated)
    assert response.status_code == 200
    return response


def drawn(response):
    """The elements of the drawing for wide screens."""
    svg = re.search(r'<svg class="scatter wide".*?</svg>', response.content.decode(), re.S).group()
    return list(ElementTree.fromstring(svg).iter())


def linked(response):
    return {element.get("href") for element in drawn(response) if element.tag == "a"}


def slugs(response):
    return [row["data-model"] for row in rows(response, "explored")]


def test_the_page_draws_what_has_a_rating_and_a_price_and_counts_the_rest(client, catalog):
    response = get(client)
    assert slugs(response) == ["google/argon", "google/flash", "anthropic/opus"]
    assert linked(response) == {f"/models/{slug}/" for slug in slugs(response)}
    text = collapsed(response)
    assert "3 models with a rating and a price by the token" in text
    assert "1 more costs nothing" in text
    assert "On the line no priced model at the same price or less is rated higher." in text
    assert "Best of the priced: Argon, $4.00." in text
    assert '<a href="/explore/" aria-current="page">Explore</a>' in text
    assert "Arena leaderboard</a> (CC BY 4.0), Oct 20, 2026." in text


def test_a_row_names_its_provider_price_and_rating_with_its_interval(client, catalog):
    row = next(row for row in rows(get(client), "explored") if row["data-model"] == "google/flash")
    assert row["data-provider"] == "google"
    # 3 input : 1 output.
    assert price_of(row, "blend") == ("priced", "2", "$2.00")
    rating = row["cells"][2]
    assert rating["data-rating"] == "1450.0"
    assert rating["text"] == "14501445–1455"
    assert rating["title"] == "Rated 1450.0 (1445.0 to 1455.0), 12,345 votes"


def test_a_point_tells_the_rest(client, catalog):
    titles = [element.text for element in drawn(get(client)) if element.tag == "title"]
    told = (
        "Flash\n$2.00 per million tokens at Google\nRated 1450.0 (1445.0 to 1455.0), 12,345 votes"
    )
    assert told in titles
    assert len(titles) == 3


def test_the_chips_are_those_of_the_list(client, catalog):
    assert 'id="chip-region"' not in get(client).content.decode()
    make_endpoint(
        Model.objects.get(slug="google/argon"), upstream_id="argon-eu", region="eu-west-1"
    )
    summarise()
    chip = collapsed(get(client)).partition('id="chip-region" href="')[2]
    assert chip.startswith('?region=eu"') and ">In the EU</a>" in chip[:100]


@pytest.mark.parametrize(("x", "amount"), [("input", "1"), ("output", "5"), ("blend", "2")])
def test_the_price_is_chosen(client, catalog, x, amount):
    row = next(
        row for row in rows(get(client, f"x={x}"), "explored") if row["data-model"].endswith("sh")
    )
    assert price_of(row, x)[1] == amount


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["argon", "flash", "opus"]),
        ("-name", ["opus", "flash", "argon"]),
        ("price", ["flash", "argon", "opus"]),
        ("-price", ["opus", "argon", "flash"]),
        ("rating", ["flash", "opus", "argon"]),
        ("-rating", ["argon", "opus", "flash"]),
    ],
)
def test_the_table_sorts_and_then_marks_the_frontier(client, catalog, sort, order):
    response = get(client, f"sort={sort}")
    assert [slug.partition("/")[2] for slug in slugs(response)] == order
    assert collapsed(response).count('<span class="tag">frontier</span>') == 2


def test_filters_are_the_lists(client, catalog):
    assert slugs(get(client, "creator=google")) == ["google/argon", "google/flash"]
    assert slugs(get(client, "open_weights=1")) == ["anthropic/opus"]
    assert slugs(get(client, "q=flash&sort=price")) == ["google/flash"]
    assert slugs(get(client, "input_max=1")) == ["google/flash"]


def test_one_point_is_a_drawing_and_none_says_so(client, catalog):
    assert len(linked(get(client, "q=flash"))) == 1
    response = get(client, "q=nothing-is-called-this")
    assert "Nothing to draw: no model that matches has both." in collapsed(response)
    assert '<svg class="scatter' not in response.content.decode()
    Rating.objects.all().delete()
    assert "Nothing to draw yet" in collapsed(get(client, "x=input"))


def test_equal_prices_are_drawn_above_each_other(client, db):
    for n in range(3):
        add(f"a/m{n}", f"14{n}0.0", "2")
    summarise()
    response = get(client)
    assert len(linked(response)) == 3
    assert [row["data-model"] for row in rows(response, "explored")] == ["a/m2", "a/m1", "a/m0"]
    assert "$2" in {element.text for element in drawn(response) if element.tag == "text"}


def test_boards_and_categories_with_ratings_are_offered(client, catalog):
    make_rating(Model.objects.get(slug="google/flash"), "1333.3", "webdev")
    make_rating(Model.objects.get(slug="google/flash"), "1555.5", category="hard_prompts")
    options = collapsed(get(client)).partition('<select class="chip" id="board"')[2]
    assert re.findall(r"<option[^>]*>([^<]+)", options.partition("</select>")[0]) == [
        *("Text", "Web development", "Hard prompts")
    ]
    for board, rating in (("webdev", "1333.3"), ("hard_prompts", "1555.5")):
        (row,) = rows(get(client, f"board={board}"), "explored")
        assert row["cells"][2]["data-rating"] == rating
    assert "Price against rating: hard prompts" in collapsed(get(client, "board=hard_prompts"))


def test_the_best_of_several_ratings_of_a_model_is_drawn(client, catalog):
    make_rating(Model.objects.get(slug="google/flash"), "1460.0", name="Flash (High)")
    row = next(row for row in rows(get(client), "explored") if row["data-model"] == "google/flash")
    assert row["cells"][2]["data-rating"] == "1460.0"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("x=cache", "“cache” is no price to draw"),
        ("y=throughput", "nothing is known of throughput yet"),
        ("board=smell", "“smell” is no board or category of ratings"),
        ("board=math", "nothing is rated on math yet"),
        ("rating_min=high", "“high” is no rating"),
        ("creator=nope", "“nope” is no creator"),
        ("sort=votes", "“votes” is no column to sort by"),
    ],
)
def test_bad_values_are_ignored_with_a_sentence(client, catalog, query, complaint):
    response = get(client, query)
    assert f"Some filters were ignored: {complaint}." in collapsed(response)
    assert len(slugs(response)) == 3


def test_an_axis_without_a_value_is_not_offered_and_appears_with_the_first(
    client, catalog, monkeypatch
):
    assert 'id="y"' not in get(client).content.decode()
    monkeypatch.setattr(reads, "_MODELS", reads._MODELS.replace("live.latency,", "0.5 AS latency,"))
    monkeypatch.setattr(page_of, "known_columns", lambda: {"rating", "latency"})
    response = get(client, "y=latency")
    text = collapsed(response)
    assert re.search(r'<option value="latency" selected>Latency', text)
    assert "Throughput" not in text
    # Unrated models have a place too.
    assert "meta/unrated" in slugs(response)
    assert "no priced model at the same price or less answers sooner" in text


def test_htmx_gets_the_part_that_changes_under_the_shortest_address(client, catalog):
    response = get(client, "x=blend&creator=&provider=&board=text&sort=price&zdr=", headers=HTMX)
    assert response["HX-Push-Url"] == "/explore/?sort=price"
    assert response.content.decode().lstrip().startswith('<section id="results"')
    assert get(client, "x=blend", headers=HTMX)["HX-Push-Url"] == "/explore/"


@pytest.mark.django_db(transaction=True)
def test_a_page_is_kept_and_validated(client):
    first = get(client)
    again = client.get("/explore/?", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert get(client, "x=input")["ETag"] != first["ETag"]


def test_the_file_is_the_drawing_with_its_sources_and_address(client, catalog, settings):
    response = client.get("/explore.svg?board=coding&x=input&creator=google")
    assert response["Content-Disposition"] == (
        'inline; filename="ratecard-input-price-against-rating.svg"'
    )
    assert response["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    response = client.get("/explore.svg?creator=google")
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    tree = ElementTree.fromstring(response.content)
    texts = [element.text or "" for element in tree.iter() if element.tag.endswith("}text")]
    foot = next(text for text in texts if text.startswith("Prices:"))
    assert "ratings: Arena leaderboard (CC BY 4.0), Oct 20, 2026" in foot
    assert texts[-1].endswith("/explore/?creator=google")
    links = [element.get("href") for element in tree.iter() if element.tag.endswith("}a")]
    assert f"{settings.PUBLIC_URL}/models/google/argon/" in links
    assert client.get("/explore.svg?theme=dark").content != client.get("/explore.svg").content
    assert b"Nothing to draw." in client.get("/explore.svg?q=nothing-is-called-this").content


def test_a_name_is_escaped_in_the_page_and_the_file(client, db):
    add("a/x", "1400.0", "1")
    Model.objects.update(name='"><script>alert(1)</script>')
    for address in ("/explore/", "/explore.svg"):
        assert "<script>alert" not in client.get(address).content.decode()


def test_a_gateway_and_what_is_not_sold_to_everybody_say_so(client, db):
    gateway = make_provider("router", kind="gateway")
    sell(add("a/x", "1400.0"), gateway, input="1", output="1")
    summarise()
    assert "Router, gateway" in collapsed(get(client, "all=1"))
    # As in the list, a model of a single gateway is folded away.
    assert slugs(get(client)) == []


def test_a_row_is_the_endpoint_that_passes_the_filters(client, catalog):
    host = make_provider("host", kind="inference-host")
    sell(Model.objects.get(slug="google/flash"), host, input="0.5", output="0.5")
    summarise()
    for query, provider in (("", "google"), ("via=any", "host"), ("kind=inference-host", "host")):
        row = next(row for row in rows(get(client, query), "explored") if "flash" in str(row))
        assert row["data-provider"] == provider, query
    assert slugs(get(client, "rating_min=1510")) == ["google/argon"]
    assert "Each model is at its cheapest endpoint" in collapsed(get(client, "via=any"))


def test_a_model_that_ends_is_tagged_in_its_row_and_point(client, db):
    add("a/going", "1500.0", "1", lifecycle="deprecated")
    add("a/ended", "1490.0", "0.5", retired_on="2026-01-31", open_weights=True)
    add("a/plain", "1480.0", "0.2")
    summarise()
    response = get(client)
    tags = ["deprecated", "ended by its creator", ""]
    heads = [row["cells"][0]["text"] for row in rows(response, "explored")]
    assert [tag in head for tag, head in zip(tags, heads, strict=True)] == [True] * 3
    lines = [part.text.split("\n")[-1] for part in drawn(response) if part.tag == "title"]
    assert {"Deprecated", "Ended by its creator"} < set(lines)
    assert "state their region" not in collapsed(response)


def test_only_so_many_are_named_and_the_others_are_dots(client, db, monkeypatch):
    monkeypatch.setattr(page_of, "MOST", 2)
    for n in range(4):
        add(f"a/m{n}", f"14{9 - n}0.0", str(n + 1))
    summarise()
    response = get(client)
    assert slugs(response) == ["a/m0", "a/m1"]
    assert len(linked(response)) == 2
    assert "the best 2 are named" in collapsed(response)
    dots = [element for element in drawn(response) if element.get("class") == "dots"]
    assert dots[0].get("d").count("M") == 2


def test_a_bound_below_which_nothing_is_named_is_left_out(client, db):
    add("a/dear", "1500.0", "40")
    add("a/less", "1400.0", "3")
    summarise()
    assert "At $5 or less: Less, $3.00." in collapsed(get(client))


def test_the_exact_price_is_kept(client, db):
    add("a/x", "1400.0", "0.123456")
    summarise()
    (row,) = rows(get(client), "explored")
    assert Decimal(price_of(row, "blend")[1]) == Decimal("0.123456")
