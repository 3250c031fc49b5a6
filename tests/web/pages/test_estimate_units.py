"""The estimate of workloads beyond tokens: images, audio, video, pages, characters, searches."""

import re

import pytest

from pricing.terms import Terms
from tests.factories import make_endpoint, make_model, make_provider, make_rate, summarise
from tests.web.pages.test_estimate import html, totals

pytestmark = pytest.mark.django_db
MODES = {
    "chat": (["text", "image", "video"], ["text"]),
    "image": (["text"], ["image"]),
    "speech": (["text"], ["audio"]),
    "transcription": (["audio"], ["text"]),
    "video": (["text"], ["video"]),
    "ocr": (["pdf"], ["text"]),
    "rerank": (["text"], ["text"]),
}


def every_mode():
    """A model of each mode, `a/<mode>`, at a price of every meter that anyone sells by."""
    host = make_provider("host")
    prices = {
        "input": "1",
        "output": "2",
        "cache_write": "1.25",
        "cache_write_1h": "2.5",
        "image_in": "0.002",
        "audio_second": "0.0003",
        "audio_hour_in": "0.36",
        "video_second": "0.1",
        "video_second_in": "0.004",
        "input_character": "15",
        "output_character": "30",
        "page": "2",
        "query": "1",
        "web_search": "8",
    }
    for mode, (takes, makes) in MODES.items():
        model = make_model(
            f"a/{mode}", modalities_in=takes, modalities_out=makes, capabilities=["vision"]
        )
        endpoint = make_endpoint(model, host, mode=mode)
        for slug, amount in prices.items():
            make_rate(endpoint, slug, amount)
        for size, quality, amount in (
            *(("1024x1024", "low", "0.005"), ("1024x1024", "high", "0.04")),
            *(("1024x1536", "low", "0.006"), ("maxxmax", "high", "0.06")),
        ):
            terms = Terms(options=(("quality", quality), ("size", size)))
            make_rate(endpoint, "image", amount, terms=terms)
        sharp = Terms(options=(("resolution", "1080p"),))
        make_rate(endpoint, "video_second", "0.25", terms=sharp)
    summarise()


def ranked(client, query):
    return {
        slug.removeprefix("a/"): amount
        for slug, _, state, amount in totals(client, f"?requests=1000&{query}")
        if state == "priced"
    }


def test_each_unit_is_priced_exactly_at_the_endpoints_that_make_or_take_it(client):
    every_mode()
    expected = {
        "input=1000&cache_write=100&cache_write_1h=200&output=1": {"chat": "1.327"},
        "image_in=3": {"chat": "6"},
        "input=1&output=1&web_search=500": {"chat": "4.003"},
        "images=500": {"image": "2.5"},
        "images=500&size=1024x1536": {"image": "3"},
        "images=500&size=1024X1024&quality=HIGH": {"image": "20"},
        "audio_second_in=90": {"transcription": "9"},
        "audio_second_in=1.5 min": {"transcription": "9"},
        "audio_hour_in=2": {"transcription": "720"},
        "audio_second=1:30": {"speech": "27"},
        "video_second=8": {"video": "800"},
        "video_second=8&resolution=1080p": {"video": "2000"},
        "video_second_in=2.5": {"chat": "10"},
        "output_character=500": {"chat": "15"},
        "pages=7": {"ocr": "14"},
        "query=2": {"rerank": "2"},
    }
    assert {query: ranked(client, query) for query in expected} == expected
    assert ranked(client, "input_character=5000") == dict.fromkeys(MODES, "75")


def test_what_cannot_make_it_is_left_out_and_counted_in_words(client):
    every_mode()
    reasons = {
        "images=1": "6 Do not make images",
        "audio_second=1": "6 Do not make audio",
        "video_second=1": "6 Do not make video",
        "audio_second_in=1": "Do not take audio",
        "video_second_in=1": "Do not take video",
        "pages=1": "6 Do not read documents by the page",
        "query=1": "6 Do not rerank",
        "output_character=1": "Do not make text",
        "images=1&size=1024x1536&quality=high": "1 No source states their price for images made",
    }
    for query, reason in reasons.items():
        text = " ".join(re.sub(r"<[^>]+>", " ", html(client, f"?requests=5&{query}")).split())
        assert reason in text, query


def test_a_price_that_depends_on_a_size_says_its_range_and_asks(client):
    every_mode()
    text = html(client, "?requests=1000&images=1000")
    assert 'data-amount="5" data-amount-most="60"' in text
    assert "depends on size and quality" in text
    assert 'title="Exactly $5.00 to $60.00"' in text
    sizes = text.partition('<select id="w-size"')[2].partition("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]+)</option>", sizes) == [
        *("Any: a range", "1024x1024", "1024x1536"),
    ]
    assert 'id="w-quality"' in text
    assert 'id="w-resolution"' not in text
    narrowed = html(client, "?requests=1000&images=1000&quality=high&size=1024x1024")
    assert "data-amount-most" not in narrowed
    assert "<option selected>1024x1024</option>" in narrowed
    film = html(client, "?requests=10&video_second=1")
    assert 'data-amount="1" data-amount-most="2.5"' in film
    assert "depends on resolution" in film
    file = b"".join(client.get("/estimate.csv?requests=1000&images=1000").streaming_content)
    assert ",60,size quality" in file.decode()


def test_steps_are_asked_where_a_price_depends_on_them(client):
    model = make_model("a/diffusion", modalities_in=["text"], modalities_out=["image"])
    endpoint = make_endpoint(model, make_provider("host"), mode="image")
    for steps, amount in (("50", "0.04"), ("max", "0.08")):
        terms = Terms(options=(("size", "1024x1024"), ("steps", steps)))
        make_rate(endpoint, "image", amount, terms=terms)
    summarise()
    text = html(client, "?requests=1000&images=1000")
    assert 'data-amount="40" data-amount-most="80"' in text
    assert "depends on size and steps" in text
    steps = text.partition('<select id="w-steps"')[2].partition("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]+)</option>", steps) == ["Any: a range", "50", "max"]
    narrowed = html(client, "?requests=1000&images=1000&steps=max")
    assert "data-amount-most" not in narrowed and 'data-amount="80"' in narrowed
    assert "No price states “20” here; those that are stated: 50, max." in html(
        client, "?images=1&steps=20"
    )


def test_the_selects_and_the_groups_follow_the_address(client):
    every_mode()
    closed, opened = '<details class="more" id="more-fields">', 'id="more-fields" open>'
    assert closed in html(client, "?input=5")
    for name in ("cache_write_1h=1&input=5", "audio_second_in=5", "query=1", "size=1k", "images=x"):
        assert opened in html(client, f"?{name}"), name
    swapped = client.get("/estimate/?images=1", headers={"HX-Request": "true"}).content.decode()
    assert re.search(
        r'id="options-2" class="options" hx-swap-oob="true">\s*<div class="field">', swapped
    )
    assert re.search(r'id="options-3" class="options" hx-swap-oob="true">\s*</div>', swapped)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("images=5&size=17x3", "No price states “17x3” here; those that are stated: 1024x1024,"),
        ("images=5&size=<script>", "No price depends on such a size."),
        ("images=5&quality=%00", "No price depends on such a quality."),
        ("input=5&search_context=low", "No price states “low” here; those that are stated: none."),
        ("audio_second=soon", "A length of time, please"),
        ("video_second=-3", "A length from 0 up, please."),
        ("pages=1e9", "A number, please"),
        ("query=9999999", "At most 1,000,000."),
        ("input_character=٣", "A number, please"),
        ("seconds=5", "not known here, and ignored: “seconds”."),
        ("<b>=5&%00=1&a=&b=", "“&lt;b&gt;”, “�”, “a” and 1 more."),
    ],
)
def test_odd_values_are_answered_in_words(client, query, said):
    every_mode()
    assert said in html(client, f"?{query}")


def test_lines_of_an_opened_row_name_the_seconds_and_the_hours_of_the_price(client):
    every_mode()
    text = html(client, "?requests=1000&audio_second_in=90&open=host/transcription")
    assert "90 seconds" in text
    assert "1,000 × 90 seconds × $0.36 / 3,600" in text
    assert "priced by the hour" in text
    assert 'data-line="audio_second_in" data-amount="9"' in text
