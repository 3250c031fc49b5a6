"""Each model and creator once, under its right name, in the bundled catalog.

Every exception is listed with its reason; a new case fails.
"""

import re
from collections import Counter, defaultdict

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


def bare(slug: str) -> str:
    """A slug without separators, `v` before a number and words that set no open model apart."""
    creator, _, name = slug.partition("/")
    if family_of(name).open:
        name = re.sub(r"(^|-)(instruct|chat|it|hf)(?=-|$)", "", name)
    name = name.removeprefix(f"{creator}-")
    return creator + "/" + re.sub(r"v(?=\d)|[-._]", "", name)


def test_no_model_is_there_twice() -> None:
    slugs = defaultdict(list)
    for slug in Model.objects.listed().values_list("slug", flat=True):
        slugs[bare(slug)].append(slug)
    assert [found for found in slugs.values() if len(found) > 1] == []


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
