from dataclasses import replace
from decimal import Decimal

import pytest

from catalog.lineage import Lineage, Relative
from tests.web.known import card, endpoint, facts, headline, other, priced, prices_at
from web.text.about import about, in_one_line
from web.text.alternatives import alternatives
from web.text.best_for import best_for
from web.text.choosing import choosing
from web.text.facts import CategoryPlace, PeerPlace, Peers, Piece, alike, listed, words


def spoken(sentences):
    return [words(sentence) for sentence in sentences]


@pytest.mark.parametrize("say", [choosing, best_for, alternatives])
def test_there_is_no_sentence_where_nothing_is_known(say):
    assert say(facts()) == []
    assert (
        say(
            facts(endpoints=(endpoint(), endpoint("Azure", direct=False)), others=(other("GPT-5"),))
        )
        == []
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A and B"),
        (["A", "B", "C"], "A, B and C"),
        (["A", "B", "C", "D", "E"], "A, B, C and 2 more"),
        (["A", "B", "A", "B"], "A and B"),
    ],
)
def test_names_are_listed_each_once(names, expected):
    assert listed(names) == expected


YUAN = priced("input", "1", currency="CNY")


# Choosing a provider ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        (
            (endpoint(prices=card(input="1.10")),),
            "Input $1.10 per million tokens at OpenAI, the only direct provider with a price.",
        ),
        (
            (endpoint(prices=card(input="1.10")), endpoint("Azure", prices=card(input="1.10"))),
            "Input $1.10 per million tokens at each of the 2 direct providers that state a price.",
        ),
        (
            (
                endpoint(prices=card(input="1.10")),
                endpoint("Azure", prices=card(input="1.21")),
                endpoint("Azure", name="Azure (eu/o4-mini)", prices=card(input="0.275123")),
            ),
            "Bought directly, it costs least at Azure (eu/o4-mini): input $0.275123 per million "
            "tokens; the highest price of 2 direct providers is input $1.21, at Azure.",
        ),
        (
            (
                endpoint(prices=card(input="1", output="8")),
                endpoint("Azure", prices=card(input="2", output="3")),
                endpoint("Host", prices=card(input="0.5")),
                endpoint("Gateway", direct=False, prices=card(input="0.1", output="0.1")),
            ),
            "Bought directly, it costs least by the blend of 3 input : 1 output, at Azure: input "
            "$2.00 and output $3.00 per million tokens; the highest price of 2 direct providers is "
            "input $1.00 and output $8.00, at OpenAI.",
        ),
        (
            (
                endpoint(prices=card(input="1.10")),
                endpoint(name="OpenAI (eu)", prices=card(input="1.21")),
            ),
            "Bought directly, it costs least at OpenAI: input $1.10 per million tokens; "
            "the highest price is input $1.21, at OpenAI (eu).",
        ),
        (
            (
                endpoint(prices=card(input="2")),
                endpoint("Gateway", direct=False, prices=card(input="1")),
                endpoint("Late", apart=True, prices=card(input="1")),
            ),
            "Input $2.00 per million tokens at OpenAI, the only direct provider with a price.",
        ),
        (
            (
                endpoint("Gateway", direct=False, prices=card(input="1")),
                endpoint("Plan", direct=False, billed=False, prices=card(input="0.1")),
            ),
            "Input $1.00 per million tokens at Gateway, the only provider with a price.",
        ),
        (
            (
                endpoint(prices=card(input="2")),
                endpoint("Yuan", prices={"input": priced("input", "1", currency="CNY")}),
            ),
            "Input $2.00 per million tokens at OpenAI, the only direct provider with a price.",
        ),
        (
            (
                endpoint(prices=card(input="2")),
                endpoint("Free", prices=card(input="free", output="unknown")),
            ),
            "Input $2.00 per million tokens at OpenAI, the only direct provider with a price.",
        ),
    ],
)
def test_the_cheapest_provider_is_named_with_the_exact_price(endpoints, expected):
    assert spoken(choosing(facts(endpoints=endpoints))) == [expected]


DUST = {"OpenAI": "20", "Bricks": "19.99998", "Azure": "22", "Azul": "22.00002"}


def test_what_is_left_of_a_conversion_makes_no_winner():
    """$19.99998 is $20 in another unit: neither is the lower price."""
    endpoints = tuple(endpoint(name, prices=card(input=amount)) for name, amount in DUST.items())
    assert spoken(choosing(facts(endpoints=endpoints))) == [
        "Bought directly, it costs least at OpenAI and Bricks: input about $20.00 per million "
        "tokens; the highest price of 4 direct providers is input about $22.00, at Azure and Azul."
    ]
    assert spoken(choosing(facts(endpoints=endpoints[:2]))) == [
        "Input about $20.00 per million tokens at each of the 2 direct providers that state "
        "a price."
    ]


def test_what_is_left_of_a_conversion_is_no_gain_and_no_lower_price():
    others = (
        other("Same", direct_prices=(prices_at("19.99998", "19.99998"),)),
        other("Dear", direct_prices=(prices_at("21", "21"),)),
    )
    known = facts(direct_prices=(prices_at("20", "20"),), others=others)
    assert alternatives(known) == []
    assert (
        "its input, $20.00 per million tokens at OpenAI, costs less than that of 1 of the 2"
        in (spoken(best_for(known))[0])
    )


@pytest.mark.parametrize(
    ("amount", "other_amount", "same"),
    [("20", "19.99998", True), ("20", "20", True), ("20", "19.98", False), ("0.1", "0.11", False)],
)
def test_amounts_are_alike_below_a_thousandth(amount, other_amount, same):
    assert alike(Decimal(amount), Decimal(other_amount)) is same


def test_free_means_that_both_are_stated_to_be_zero():
    both = endpoint("Nvidia", prices=card(input="free", output="free"))
    half = endpoint("Half", prices=card(input="free", output="unknown"))
    assert spoken(choosing(facts(endpoints=(both, half)))) == [
        "Input and output are stated to be free of charge at Nvidia."
    ]
    for state in ("unknown", "included", "dynamic", "not_offered"):
        assert choosing(facts(endpoints=(endpoint(prices=card(input=state, output=state)),))) == []


def test_limits_are_compared_where_they_differ():
    endpoints = (
        endpoint(context=200_000, max_output=100_000),
        endpoint("Azure", context=128_000, max_output=100_000),
        endpoint("Silent"),
    )
    assert spoken(choosing(facts(endpoints=endpoints))) == [
        "Bought directly, the context window is largest at OpenAI: 200,000 tokens; "
        "the smallest limit stated is 128,000, at Azure."
    ]


@pytest.mark.parametrize(
    ("base", "tier", "saved"),
    [
        (("1.10", "4.40"), ("0.55", "2.20"), "saves $0.55 and $2.20 (50\u00a0%)"),
        (("3", "15"), ("2", "10"), "saves $1.00 and $5.00"),  # a third has no exact percentage
        (("1", "4"), ("0.5", "3"), "saves $0.50 and $1.00"),  # two percentages are none
        (("8", "16"), ("7", "14"), "saves $1.00 and $2.00 (12.5\u00a0%)"),
    ],
)
def test_what_batch_saves_is_exact(base, tier, saved):
    prices = card(input=base[0], output=base[1])
    batch = endpoint(prices=prices, tiers={"batch": card(input=tier[0], output=tier[1])})
    expected = spoken(choosing(facts(endpoints=(batch, endpoint("Azure", prices=prices)))))
    assert [sentence for sentence in expected if sentence.startswith("Batch")] == [
        f"Batch requests cost ${priced('x', tier[0]).amount:.2f} for input and "
        f"${priced('x', tier[1]).amount:.2f} for output per million tokens at OpenAI, which "
        f"{saved}."
    ]


@pytest.mark.parametrize(
    "tier", [{}, {"input": "0.5"}, {"input": "1", "output": "4"}, {"input": "2", "output": "8"}]
)
def test_a_tier_that_saves_nothing_or_is_half_known_is_not_praised(tier):
    flex = endpoint(prices=card(input="1", output="4"), tiers={"flex": card(**tier)})
    assert not any("flex" in sentence for sentence in spoken(choosing(facts(endpoints=(flex,)))))


def test_web_searches_and_data_policies_name_their_providers():
    endpoints = (
        endpoint(prices=card(web_search="10"), zdr="On request", no_training="Yes"),
        endpoint("Azure", prices=card(web_search="14"), zdr="Yes", no_training="No"),
        endpoint("Silent"),
    )
    assert spoken(choosing(facts(endpoints=endpoints))) == [
        "Bought directly, web searches by the call cost least, $10.00 per 1,000 calls, at OpenAI.",
        "Nothing is kept (zero data retention) by default at Azure; on request at OpenAI.",
        "No training on what you send is stated for OpenAI.",
    ]


def searching(provider, amount, **stated):
    return endpoint(provider, prices={"web_search": priced("web_search", amount, **stated)})


BY_PROMPT = {"counted": "prompt", "under": "per prompt"}


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        (
            (searching("Google", "35", **BY_PROMPT), searching("Vertex", "35", **BY_PROMPT)),
            "Web searches by the prompt cost $35.00 per 1,000 prompts, at Google and Vertex.",
        ),
        (
            (
                searching("Google", "14", counted="query", under="per query"),
                searching("Azure", "20"),
            ),
            "Web searches by the query cost $14.00 per 1,000 queries, at Google. "
            "Web searches by the call cost $20.00 per 1,000 calls, at Azure.",
        ),
        (
            (searching("Perplexity", "1", under="Search type fast"),),
            "Web searches by the call (search type fast) cost $1.00 per 1,000 calls, at "
            "Perplexity.",
        ),
        (
            (searching("OpenAI", "10", content_billed_as_input=True), searching("Azure", "14")),
            "Bought directly, web searches by the call cost least, $10.00 per 1,000 calls, at "
            "OpenAI; what they find is billed as input too.",
        ),
        (
            (searching("OpenAI", "10", content_billed_as_input=True), searching("Azure", "10")),
            "Web searches by the call cost $10.00 per 1,000 calls, at OpenAI and Azure; "
            "what they find is billed as input too at OpenAI.",
        ),
        (
            (searching("OpenAI", "10", content_billed_as_input=False),),
            "Web searches by the call cost $10.00 per 1,000 calls, at OpenAI.",
        ),
    ],
)
def test_web_searches_show_the_unit_that_they_are_billed_by(endpoints, expected):
    assert spoken(choosing(facts(endpoints=endpoints))) == [expected]


# Best for ---------------------------------------------------------------------------------------


def test_capabilities_alone_are_no_use():
    assert best_for(facts(capabilities=("vision", "reasoning", "tool-use"))) == []


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        ((), []),
        ((None, None), []),
        (
            (1000, 2000),
            ["any of the 2 other OpenAI models in use that state theirs and a price for input"],
        ),
        ((1000, None), []),
        (
            (1000, 300_000),
            ["1 of the 2 other OpenAI models in use that state theirs and a price for input"],
        ),
        ((1000, 200_000, 200_000), []),
    ],
)
def test_a_long_context_is_named_beside_the_creators_others(contexts, expected):
    others = tuple(other(f"M{n}", context=context) for n, context in enumerate(contexts))
    result = spoken(best_for(facts(context=200_000, others=others)))
    start = "Long prompts: its context window of 200,000 tokens is larger than that of "
    assert result == [f"{start}{than}." for than in expected]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (("0.5", "1", "2"), "2 of the 3 other OpenAI text models in use that are sold there"),
        (("1", "2"), "any of the 2 other OpenAI text models in use that are sold there"),
        (("0.5", "0.6"), ""),
        (("0.9",), ""),
    ],
)
def test_a_low_price_is_named_beside_the_creators_others(prices, expected):
    others = tuple(
        other(f"M{n}", direct_prices=(prices_at(amount),)) for n, amount in enumerate(prices)
    )
    result = spoken(best_for(facts(direct_prices=(prices_at("0.9"),), others=others)))
    start = "Low prices: its input, $0.90 per million tokens at OpenAI, costs less than that of "
    assert result == ([f"{start}{expected} in their plain form."] if expected else [])


def test_a_low_price_is_no_news_beside_prices_at_another_provider():
    others = tuple(
        other(f"M{n}", direct_prices=(prices_at("5", provider="Azure"),)) for n in range(3)
    )
    assert best_for(facts(direct_prices=(prices_at("0.9"),), others=others)) == []
    at_azure = facts(
        direct_prices=(prices_at("0.9"), prices_at("1", provider="Azure")), others=others
    )
    assert (
        "$1.00 per million tokens at Azure, costs less than that of any"
        in spoken(best_for(at_azure))[0]
    )


def test_cached_input_is_compared_in_the_headlines_row():
    row = headline(priced("input", "1.10"), priced("cache_read", "0.275"))
    assert spoken(best_for(facts(headline=row))) == [
        "Prompts that begin alike: input that is read from the cache costs $0.275 per million "
        "tokens at OpenAI instead of $1.10."
    ]
    assert best_for(facts(headline=row, stage="retired")) == []
    dear = headline(priced("input", "0.20"), priced("cache_read", "0.28"))
    assert best_for(facts(headline=dear)) == []


PLACES = Peers(
    most=Decimal(1),
    board="text",
    floor=Decimal(1440),
    categories=(
        CategoryPlace("text", "coding", PeerPlace(1, 41, "board=coding")),
        CategoryPlace("text", "overall", PeerPlace(3, 60, "board=text")),
    ),
    cheapest=PeerPlace(2, 12, "sort=input"),
    able=(("vision", PeerPlace(1, 9, "capability=vision")),),
    longest=PeerPlace(1, 60, "sort=-context"),
)


def test_places_among_rated_models_lead_to_the_lists_that_show_them():
    result = best_for(facts(peers=PLACES, context=1_000_000))
    assert spoken(result) == [
        "Coding: 1st of 41 rated models with input of at most $1 per million tokens.",
        "Text prompts overall: 3rd of 60 rated models with input of at most $1 per million tokens.",
        "Quality for its price: the 2nd-cheapest input of 12 models rated 1,440 or more on the "
        "board Text.",
        "Long prompts: the longest context (1,000,000 tokens) of 60 rated models with input of at "
        "most $1 per million tokens.",
    ]
    assert [piece.href for sentence in result for piece in sentence if piece.href] == [
        *("/?board=coding", "/?board=text", "/?sort=input", "/?sort=-context")
    ]
    able = replace(PLACES, cheapest=None, categories=(), longest=None)
    assert spoken(best_for(facts(peers=able))) == [
        "Vision: the cheapest input of 9 models with it rated 1,440 or more on the board Text."
    ]
    assert best_for(facts(peers=PLACES, stage="retired")) == []


# Consider alternatives --------------------------------------------------------------------------

OWN = {
    "released": "2025-04-16",
    "context": 200_000,
    "direct_prices": (prices_at("1.10", "4.40"), prices_at("2", "8", "Azure")),
}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"released": "2025-08-07"}, "GPT-5 is newer (Aug 7, 2025)."),
        ({"released": "2025-04-15"}, ""),
        ({"released": "2026"}, "GPT-5 is newer (2026)."),
        ({"released": "2026-11-23"}, ""),  # tomorrow
        ({"released": "2025"}, ""),
        ({"released": "2025-04"}, ""),
        ({"released": ""}, ""),
        (
            {"direct_prices": (prices_at("9", "9", "Azure"), prices_at("1", "4"))},
            "GPT-5 costs less (input $1.00 instead of $1.10 and output $4.00 instead of $4.40 "
            "per million tokens, both at OpenAI).",
        ),
        (
            {
                "direct_prices": (
                    prices_at("1.50", "4", "Azure"),
                    prices_at("0.1", "0.1", "Elsewhere"),
                )
            },
            "GPT-5 costs less (input $1.50 instead of $2.00 and output $4.00 instead of $8.00 "
            "per million tokens, both at Azure).",
        ),
        ({"direct_prices": (prices_at("5", "25"), prices_at("0.1", "0.1", "Azure"))}, ""),
        ({"direct_prices": (prices_at("0.1", "0.1", "Elsewhere"),)}, ""),
        ({"direct_prices": (prices_at("1", "4.40"),)}, ""),
        ({"direct_prices": (prices_at("1.10", "1"),)}, ""),
        (
            {"released": "2026", "direct_prices": (prices_at("5", "25"),)},
            "GPT-5 is newer (2026), but costs more (input $5.00 instead of $1.10 and output $25.00 "
            "instead of $4.40 per million tokens, both at OpenAI).",
        ),
        (
            {"released": "2026", "direct_prices": (prices_at("1", "5"),)},
            "GPT-5 is newer (2026), but costs more for output (input $1.00 instead of $1.10 and "
            "output $5.00 instead of $4.40 per million tokens, both at OpenAI).",
        ),
        ({"context": 400_000}, "GPT-5 has a larger context window (400,000 tokens)."),
        ({"context": 200_000}, ""),
        ({"context": 400_000, "makes": "audio"}, ""),
        ({"context": 400_000, "takes": frozenset({"audio"})}, ""),
        ({"context": 400_000, "takes": frozenset()}, ""),
        (
            {"context": 400_000, "takes": frozenset({"text", "image"})},
            "GPT-5 has a larger context window (400,000 tokens).",
        ),
        ({"context": 400_000, "slug": "openai/gpt-ocr-2"}, ""),
        ({"context": 400_000, "slug": "openai/paddleocr"}, ""),
        ({"context": 400_000, "served": 1}, ""),
        ({"released": "2026", "context": 400_000, "slug": "openai/gpt-5-cybersecurity"}, ""),
        (
            {"released": "2026-01-01", "context": 400_000},
            "GPT-5 is newer (Jan 1, 2026) and has a larger context window (400,000 tokens).",
        ),
    ],
)
def test_an_alternative_is_newer_cheaper_or_larger(stated, expected):
    result = alternatives(facts(**OWN, others=(other("GPT-5", **stated),)))
    assert spoken(result) == ([expected] if expected else [])
    unable = facts(**OWN, does=frozenset({"tool-use"}), others=(other("GPT-5", **stated),))
    assert alternatives(unable) == []
    if expected:
        able = other("GPT-5", does=frozenset({"tool-use", "reasoning"}), **stated)
        assert spoken(alternatives(facts(**OWN, does=frozenset({"tool-use"}), others=(able,)))) == [
            expected
        ]
    assert all(sentence[0] == Piece("GPT-5", "/models/openai/gpt-5/") for sentence in result)


def test_three_alternatives_are_named_at_the_most_each_once():
    """The newest, then a cheaper one of the family, then one of the rest with more context."""
    better = {"released": "2026-01-01", "context": 400_000, "direct_prices": (prices_at("1", "1"),)}
    others = (
        other("Older", released="2025-05-01"),
        other(
            "Family", released="2025-06-01", family="o-mini", direct_prices=(prices_at("1", "1"),)
        ),
        *(other(f"All{n}", **better) for n in range(4)),
    )
    result = spoken(alternatives(facts(**OWN, family="o-mini", others=others)))
    assert [sentence.split()[0] for sentence in result] == ["All3", "Family", "All2"]


ASTRA = other(
    "Astra", family="o-mini", released="2026-09-04", direct_prices=(prices_at("5", "25"),)
)


@pytest.mark.parametrize(
    ("stated", "named"),
    [
        ({"released": "2026-09-03", "direct_prices": (prices_at("1", "4"),)}, "GPT-5"),
        (
            {"released": "2026-09-05", "direct_prices": (prices_at("1.65", "6.60"),)},
            "GPT-5",
        ),  # half as much again
        ({"released": "2026-09-05", "direct_prices": (prices_at("1.65", "6.61"),)}, "Astra"),
        ({"released": "2026-09-05"}, "Astra"),
    ],
)
def test_the_newest_that_costs_about_as_much_comes_before_a_dearer_one_of_the_family(stated, named):
    result = alternatives(facts(**OWN, family="o-mini", others=(other("GPT-5", **stated), ASTRA)))
    assert spoken(result)[0].startswith(f"{named} is newer")


def test_a_larger_one_that_costs_about_as_much_comes_before_a_dearer_one_of_the_family():
    larger = {"released": "2025-01-01", "context": 400_000}
    others = (
        other("Dear", family="o-mini", direct_prices=(prices_at("5", "25"),), **larger),
        other("Fair", direct_prices=(prices_at("1.10", "4.40"),), **larger),
    )
    assert spoken(alternatives(facts(**OWN, family="o-mini", others=others))) == [
        "Fair has a larger context window (400,000 tokens)."
    ]


def test_of_those_that_cost_about_as_much_the_newest_is_named_before_the_family():
    cards = (prices_at("1", "4.40"),)
    others = (
        other("Family", family="o-mini", released="2025-05-01", direct_prices=cards),
        other("New", released="2025-05-02", direct_prices=cards),
    )
    result = spoken(alternatives(facts(**OWN, family="o-mini", others=others)))
    assert [sentence.split()[0] for sentence in result] == ["New"]


@pytest.mark.parametrize(
    ("slug", "stage"),
    [
        ("openai/gpt-5-preview", "active"),
        ("openai/gpt-exp-1206", "active"),
        ("openai/gpt-5-experimental", "active"),
        ("openai/gpt-5", "preview"),
    ],
)
def test_previews_and_experiments_stand_in_for_nothing_but_one_another(slug, stage):
    trial = other("Trial", slug=slug, stage=stage, context=400_000)
    assert alternatives(facts(**OWN, others=(trial,))) == []
    steady = other("GPT-5", context=300_000)
    for own in ({"slug": "openai/o4-mini-preview"}, {"stage": "preview"}):
        assert spoken(alternatives(facts(**OWN, **own, others=(trial,)))) == [
            "Trial has a larger context window (400,000 tokens)."
        ]
        assert spoken(alternatives(facts(**OWN, **own, others=(trial, steady)))) == [
            "GPT-5 has a larger context window (300,000 tokens)."
        ]


@pytest.mark.parametrize(
    ("released", "named"),
    [("2025-03", "Larger"), ("2025-03-01", "Larger"), ("2025", "Larger"), ("2025-02-28", "Plain")],
)
def test_a_model_of_today_comes_before_one_of_long_ago(released, named):
    """Of today is what came out within 18 months of the newest; tomorrow's are not out yet."""
    larger = {"context": 400_000, "direct_prices": (prices_at("9", "9"),)}
    others = (
        other("Newest", released="2026-09-29", makes="audio"),
        other("Coming", released="2027-09-29", makes="audio"),
        other("Larger", family="o-mini", released=released, **larger),
        other("Plain", released="2025-04", **larger),
    )
    own = {**OWN, "released": "2025-04-30", "family": "o-mini", "others": others}
    assert spoken(alternatives(facts(**own)))[0].split()[0] == named


def test_a_name_that_several_models_have_gives_way_to_the_id():
    same = other("o4 Mini", slug="openai/o4-mini-2", released="2026")
    assert alternatives(facts(**OWN, others=(same,)))[0][0] == Piece(
        "o4-mini-2", "/models/openai/o4-mini-2/"
    )
    twins = (
        other("Flash", slug="openai/flash-2", released="2026"),
        other("flash", slug="openai/flash-1", makes=""),
    )
    assert alternatives(facts(**OWN, others=twins))[0][0].text == "flash-2"
    going = facts(stage="deprecated", successor=("openai/o4-mini-2", "o4-mini"))
    assert spoken(alternatives(going)) == ["o4-mini is deprecated; its successor is o4-mini-2."]


def test_a_model_of_unknown_input_or_output_has_no_alternatives():
    others = (other("GPT-5", released="2026", makes=""), other("GPT-6", released="2026"))
    for unknown in ({"makes": ""}, {"takes": frozenset()}):
        assert alternatives(facts(**OWN, **unknown, others=others)) == []
    embedding = {"makes": "embedding", "takes": frozenset(), "sells_text": False}
    newer = other("Embed 2", released="2026", makes="embedding", sells_text=False)
    assert spoken(alternatives(facts(**OWN, **embedding, others=(newer,)))) == [
        "Embed 2 is newer (2026)."
    ]


def test_a_model_that_is_sold_where_this_one_is_comes_before_one_that_is_sold_elsewhere():
    others = (
        other("Tuned", released="2026-10"),
        other("Plain", released="2026-01", direct_prices=(prices_at("1.5", "9"),)),
    )
    result = spoken(alternatives(facts(**OWN, others=others)))
    assert result[0].startswith("Plain is newer (Jan 2026), but costs more")


def test_the_successor_of_a_model_that_goes_comes_first_and_once():
    newer = other("o5-mini", released="2026-01-01")
    going = {
        **OWN,
        "stage": "deprecated",
        "successor": ("openai/o5-mini", "o5-mini"),
        "others": (newer,),
    }
    assert spoken(alternatives(facts(**going))) == [
        "o4-mini is deprecated; its successor is o5-mini."
    ]
    staying = facts(**{**going, "stage": "active"})
    assert spoken(alternatives(staying)) == ["o5-mini is newer (Jan 1, 2026)."]


def test_a_model_without_prices_has_no_cheaper_alternative():
    assert alternatives(facts(others=(other("GPT-5", direct_prices=(prices_at("1", "1"),)),))) == []


# About ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({}, ["o4-mini is made by OpenAI."]),
        (
            {"released": "2025-04-16"},
            ["o4-mini is made by OpenAI and was released on Apr 16, 2025."],
        ),
        ({"released": "2025-04"}, ["o4-mini is made by OpenAI and was released in Apr 2025."]),
        ({"creator_slug": "unknown"}, []),
        ({"creator_slug": "unknown", "released": "2025"}, ["o4-mini was released in 2025."]),
        ({"open_weights": True}, ["o4-mini is made by OpenAI.", "Its weights are open."]),
        (
            {"open_weights": True, "licence": "MIT"},
            ["o4-mini is made by OpenAI.", "Its weights are open, its licence is MIT."],
        ),
        ({"licence": "MIT"}, ["o4-mini is made by OpenAI.", "Its licence is MIT."]),
        ({"open_weights": False}, ["o4-mini is made by OpenAI.", "Its weights are not open."]),
        (
            {"modalities_in": ("audio", "image", "text"), "modalities_out": ("text",)},
            ["o4-mini is made by OpenAI.", "It takes text, images and audio and answers in text."],
        ),
        ({"modalities_out": ("smell",)}, ["o4-mini is made by OpenAI.", "It makes smell."]),
        (
            {"modalities_in": ("text",), "modalities_out": ("text", "image")},
            ["o4-mini is made by OpenAI.", "It takes text, answers in text and makes images."],
        ),
        (
            {"modalities_in": ("text",), "modalities_out": ("text",), "makes": "embedding text"},
            ["o4-mini is made by OpenAI.", "It takes text."],
        ),
        ({"released": "2027-01"}, ["o4-mini is made by OpenAI and is to be released in Jan 2027."]),
        (
            {"creator_slug": "unknown", "released": "2027-01"},
            ["o4-mini is to be released in Jan 2027."],
        ),
        ({"family": "o-mini"}, ["o4-mini is made by OpenAI.", "It belongs to the family o-mini."]),
    ],
)
def test_what_it_is_about(stated, expected):
    assert spoken(about(facts(**stated))) == expected


# In one line ------------------------------------------------------------------------------------


BEFORE = Relative(1, "openai/o3-mini", "o3-mini", "", "2025-01-31")
AFTER = Relative(2, "openai/o5-mini", "o5-mini", "", "2026-02")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            {"lineage": Lineage(BEFORE, AFTER)},
            "The version before it is o3-mini (Jan 31, 2025); the one after it is o5-mini "
            "(Feb 2026).",
        ),
        ({"lineage": Lineage(BEFORE)}, "The version before it is o3-mini (Jan 31, 2025)."),
        ({"lineage": Lineage(None, AFTER)}, "The version after it is o5-mini (Feb 2026)."),
        (
            {"successor": ("openai/o5-mini", "o5-mini")},
            "Its stated successor is o5-mini.",
        ),
        (
            {"lineage": Lineage(None, AFTER), "successor": ("openai/o5-mini", "o5-mini")},
            "The version after it is o5-mini (Feb 2026).",
        ),
    ],
)
def test_the_versions_around_a_model_and_its_stated_successor(stated, expected):
    assert spoken(about(facts(**stated)))[1:] == [expected]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        (
            ("1", "4"),
            "costs as much as o3-mini: input $1.00 and output $4.00 per million tokens.",
        ),
        (
            ("2", "4"),
            "costs less than o3-mini: input $1.00 instead of $2.00 and output $4.00 instead of "
            "$4.00 per million tokens.",
        ),
        (
            ("0.5", "3"),
            "costs more than o3-mini: input $1.00 instead of $0.50 and output $4.00 instead of "
            "$3.00 per million tokens.",
        ),
    ],
)
def test_prices_are_beside_those_of_the_version_before_at_the_creators_own_api(then, expected):
    against = (prices_at("1", "4"), prices_at(*then))
    result = spoken(about(facts(lineage=Lineage(BEFORE), against=against)))
    assert result[2] == f"At OpenAI it {expected}"
    mixed = (prices_at("1", "4"), prices_at("0.5", "8"))
    assert spoken(about(facts(lineage=Lineage(BEFORE), against=mixed)))[2] == (
        "At OpenAI its prices beside those of o3-mini: input $1.00 instead of $0.50 and output "
        "$4.00 instead of $8.00 per million tokens."
    )


@pytest.mark.parametrize(
    ("stated", "line"),
    [
        ({}, "A model by OpenAI."),
        ({"creator": ""}, "A model."),
        ({"mode": "chat"}, "A language model by OpenAI."),
        ({"modalities_out": ["text", "audio"]}, "A language model by OpenAI."),
        ({"modalities_out": ["smell"]}, "A model by OpenAI."),
        ({"mode": "image", "modalities_out": ["text"]}, "An image model by OpenAI."),
        ({"mode": "nobody-knows"}, "A model by OpenAI."),
        ({"open_weights": True, "stage": "preview"}, "A preview open-weight model by OpenAI."),
        ({"open_weights": False}, "A model by OpenAI."),
        (
            {
                "mode": "chat",
                "capabilities": {
                    "reasoning": "Reasoning",
                    "file-input": "File input",
                    "tool-use": "Tool use",
                    "vision": "Vision",
                    "web-search": "Web search",
                },
                "context": 200_000,
                "providers": [*"abcdefg", "a"],
            },
            "A reasoning model by OpenAI with vision, tool use and file input, 200K context, "
            "served by 7 providers.",
        ),
        (
            {"mode": "embedding", "stage": "deprecated", "providers": ["OpenAI", "OpenAI"]},
            "A deprecated embedding model by OpenAI, served by OpenAI.",
        ),
        (
            {"mode": "image", "capabilities": {"image-generation": "Image generation"}},
            "An image model by OpenAI.",
        ),
    ],
)
def test_a_model_in_one_line_states_what_is_known_and_no_more(stated, line):
    usual = {
        "mode": "",
        "modalities_out": (),
        "stage": "active",
        "creator": "OpenAI",
        "open_weights": None,
        "capabilities": {},
        "context": None,
        "providers": (),
    }
    assert in_one_line(**{**usual, **stated}) == line
