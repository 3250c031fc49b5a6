"""Each model and creator once, under its right name, in the bundled catalog.

Every exception is listed with its reason; a new case fails.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable

import pytest

from catalog.known_creators import CREATORS
from catalog.matching.spelling import family_of
from catalog.matching.tables import ORGS, OWNERS, TUNED, words
from catalog.models import Creator, Model, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bundled_catalog")]

# What serves models and makes these itself.
MADE_BY_A_PROVIDER = {
    **dict.fromkeys(
        words(
            "fireworks-ai kilo llmgateway lynkr model-oracle-ai nano-gpt neosmith opencode "
            "openrouter orcarouter pioneer regolo-ai standardcompute the-grid-ai trustedrouter "
            "vercel vivgrid greenpt groq ambient"
        ),
        "its router, or a system of its own over others' models",
    ),
    **dict.fromkeys(
        words(
            "baseten clarifai crof evroc featherless-ai nlp-cloud subconscious togetherai umans-ai "
            "venice"
        ),
        "its own model or fine-tune, which it alone names",
    ),
}
# Models that no id, name or description gives to a creator.
OF_UNKNOWN_CREATORS = {
    "unknown/agents-a1",
    "unknown/aplomb-1",
    "unknown/celeris-1",
    "unknown/fare-20b",
    "unknown/magibu-11b-v8",
    "unknown/trio-spark-v1.3",
}
# Names that several models have.
SHARED_NAMES = {
    "Auto": "routers of several gateways",
    "Qwen2 1.5B Instruct": "Arize AI's fine-tune keeps the name of its base",
    "Gemma 4 31B Instruct": "Pearl AI's fine-tune keeps the name of its base",
    "Leanstral 1.5": "Mistral lists 1.5 and 1.5-1",
}
# Models that are alike by name, and what sets them apart.
APART = {
    frozenset(slugs.split()): why
    for slugs, why in {
        "google/gemini-2.5-pro-preview-05-06 google/gemini-2.5-pro-preview-06-05": "two dates",
        "mistral/labs-leanstral-1.5 mistral/labs-leanstral-1.5-1": "Mistral lists both",
        "alibaba/qwen2-1.5b-instruct arize-ai/qwen-2-1.5b-instruct": "a fine-tune of its name",
        "google/gemma-4-31b-it pearl-ai/gemma-4-31b-it": "a fine-tune of its name",
        "openrouter/free orcarouter/free": "two routers",
        "openrouter/fusion orcarouter/fusion": "two routers",
        "fireworks-ai/auto llmgateway/auto model-oracle-ai/auto morph/auto openrouter/auto "
        "orcarouter/auto pioneer/auto trustedrouter/auto": "routers",
    }.items()
}
_FAMILIES = {
    "openai": re.compile(r"^gpt", re.I),
    "anthropic": re.compile(r"^claude", re.I),
    "google": re.compile(r"^gemini", re.I),
    "alibaba": re.compile(r"^qwen ?\d", re.I),
    "zhipuai": re.compile(r"^glm", re.I),
    "deepseek": re.compile(r"^deepseek", re.I),
    "minimax": re.compile(r"^minimax", re.I),
    "meta": re.compile(r"^(meta )?llama", re.I),
    "moonshotai": re.compile(r"^kimi", re.I),
    "xai": re.compile(r"^grok", re.I),
    "xiaomi": re.compile(r"^mimo", re.I),
}
_SPELT = {
    "openai": re.compile(r"GPT-\d|GPT [A-Z]|gpt-oss-"),
    "anthropic": re.compile(r"Claude( (Opus|Sonnet|Haiku|Fable|Mythos|Instant|Code)|$| 2)"),
    "google": re.compile(r"Gemini (?!.*Flash Lite)"),
    "alibaba": re.compile(r"Qwen\d"),
    "zhipuai": re.compile(r"GLM[- ]"),
    "deepseek": re.compile(r"DeepSeek (?!v\d)"),
    "minimax": re.compile(r"MiniMax(-M\d| )"),
    "meta": re.compile(r"Llama [A-Z\d]"),
    "moonshotai": re.compile(r"Kimi "),
    "xai": re.compile(r"Grok "),
    "xiaomi": re.compile(r"MiMo-V"),
}


def same_words(slug: str) -> tuple[str, tuple[str, ...]]:
    """A creator, and the words of a name in any order, without those that set no model apart."""
    creator, _, name = slug.partition("/")
    name = re.sub(r"-v?1(\.0)?$", "", name)
    tokens = re.findall(r"[a-z]+|\d+(?:\.\d+)*", re.sub(r"v(?=\d)", "", name))
    dropped = {creator, *creator.split("-")}
    if family_of(name).open:
        dropped |= {"instruct", "chat", "it", "hf"}
    return creator, tuple(sorted([token for token in tokens if token not in dropped] or tokens))


def same_spelling(slug: str) -> str:
    """A name without separators and `v`, whichever creator has it."""
    return re.sub(r"[-._]|v(?=\d)", "", slug.partition("/")[2])


@pytest.mark.parametrize("alike", [same_words, same_spelling])
def test_no_model_is_there_twice(alike: Callable[[str], Hashable]) -> None:
    slugs: dict[Hashable, set[str]] = defaultdict(set)
    for slug in Model.objects.listed().values_list("slug", flat=True):
        slugs[alike(slug)].add(slug)
    twice = [found for found in slugs.values() if len(found) > 1]
    assert [found for found in twice if not any(found <= apart for apart in APART)] == []


def test_no_name_is_that_of_two_models() -> None:
    names = Counter(Model.objects.listed().values_list("name", flat=True))
    assert {name for name, number in names.items() if number > 1} <= SHARED_NAMES.keys()


def test_no_creator_is_there_twice() -> None:
    creators = dict(Creator.objects.values_list("slug", "name"))
    bare_slugs = Counter(re.sub(r"[^a-z0-9]|(?<=.)(ai|labs|org)$", "", slug) for slug in creators)
    assert {slug for slug, number in bare_slugs.items() if number > 1} == set()
    assert max(Counter(name.lower() for name in creators.values()).values()) == 1
    renamed = {**ORGS, **OWNERS}
    assert {slug for slug in creators if renamed.get(slug, slug) != slug} == set()
    assert {slug for slug, name in creators.items() if slug not in CREATORS} == set()


def test_a_provider_is_a_creator_only_of_what_it_makes() -> None:
    own = set(Provider.objects.exclude(creator=None).values_list("creator__slug", flat=True))
    makers = set(Model.objects.listed().values_list("creator__slug", flat=True))
    hosts = set(Provider.objects.values_list("slug", flat=True)) & makers - own
    assert hosts <= MADE_BY_A_PROVIDER.keys()


def test_the_creator_of_few_models_is_unknown() -> None:
    models = Model.objects.listed().filter(creator__slug="unknown")
    assert set(models.values_list("slug", flat=True)) <= OF_UNKNOWN_CREATORS


def test_no_fine_tune_is_by_the_creator_of_its_base() -> None:
    slugs = Model.objects.listed().values_list("slug", flat=True)
    parts = (slug.partition("/") for slug in slugs)
    by_others = {
        f"{creator}/{name}"
        for creator, _, name in parts
        if TUNED.search(name) and family_of(name).open and family_of(name).creator == creator
    }
    assert by_others == set()


def test_no_name_begins_with_an_organisation() -> None:
    slugs = {*Creator.objects.values_list("slug", flat=True)}
    slugs |= {*Provider.objects.values_list("slug", flat=True)}
    names = Model.objects.listed().values_list("name", "slug")
    begins = re.compile(rf"^({'|'.join(map(re.escape, sorted(slugs)))})(/|--|: )", re.IGNORECASE)
    assert [slug for name, slug in names if begins.match(name) or "/" in name.split(" (")[0]] == []


def test_names_of_one_family_are_spelt_alike() -> None:
    names = Model.objects.listed().values_list("name", "creator__slug")
    odd = [
        name
        for name, creator in names
        if creator in _FAMILIES
        and _FAMILIES[creator].match(name)
        and not _SPELT[creator].match(name)
    ]
    assert odd == []
