"""Names of models as their creators write them. Pure.

Sources write one family in several ways ("GPT 6 Sol Pro", "Groq-Llama-4-Maverick", "x-AI/Grok") and
know some models by their ids alone. A name from here has no organisation before it and its
family's spelling, and it tells a model from others of its family: where no stated name has the
numbers and dates of the slug, the slug itself is written out.
"""

import re
from collections.abc import Iterable

from catalog.known_creators import CREATORS
from catalog.known_providers import PROVIDERS
from catalog.matching.spelling import family_of
from catalog.matching.tables import ORGS, words

_OPENING = re.compile(r"^[\w .-]{2,30}: +(?=\S)|^[\w.-]+/(?=\S)|^\w+--(?=\S)")
# How it is sold, or by which creator: "GLM-4.5 X (Z AI)", "Ring 2.6 1T Free".
_ASIDE = re.compile(r"[ –]*\([^()\d]*\)$| Free$| TEE$|\bFP(?:8|16)$", re.IGNORECASE)
_KIND = re.compile(r"\((Non-Reasoning|Reasoning|Thinking|Preview|Instruct|Latest)\)", re.IGNORECASE)
_ID = re.compile(r"[a-z0-9._:/-]+|.*@.*")
_TOKEN = re.compile(r"[a-z]+|\d+")
_DATE = re.compile(r"-(20\d\d-\d\d-\d\d|20\d{6}|\d\d-20\d\d|[01]\d-[0-3]\d)$")
_RELEASE = re.compile(r"-2[3-9](0[1-9]|1[0-2])\b")
_FROM_TO = re.compile(r"(text|image|reference)-to-(video|image)")
_FIRST = re.compile(r"(?<!\d\.)(?<!\d)v?1(\.0)?(?![\d.])")
_BRAND = re.compile(r"^(c4ai|labs|open)-")
_SIZE = re.compile(r"[ae]?\d+(x\d+)?(\.\d+)?[bmtk]|\d+e", re.IGNORECASE)
_PAIR = re.compile(r"(\d[BT]) (A\d+(?:\.\d+)?B)\b")
_KEPT = re.compile(
    r"\d{4}-\d\d-\d\d|\d\d-\d{4}|[A-Z]?\w+-to-\w+|non-reasoning|multi-agent|flash-lite|\d[BT]-A\d|"
    r"robotics-er",
    re.IGNORECASE,
)
# Words that set models of one family apart: a name has those of its slug, and no others.
_TELLING = words(
    "audio base beta chat character cheaper code codex coder embed embedding exp extended "
    "fast flash flashx highspeed image ja june large latest lite live max medium mini nano "
    "next non older omni online plus preview prime pro realtime reasoner reasoning search "
    "small thinking transcribe tts turbo ultra uncensored video vision vl x"
)
_SPELLED = {
    word.lower(): word
    for word in words(
        "AI ALLaM API ASR ChatGPT BGE CodeLlama DALL-E DBRX DPO DeepSeek EN ERNIE EuroLLM "
        "FireFunction FireLLaVA GLM GPT GTE HD HappyHorse InternVL IT JT KAT LFM LLaVA LLM MAI "
        "MiMo MiniCPM MiniMax MoE MT MythoMax NV OCR PaddleOCR PII PT QVQ QwQ RL RP RT SD SDXL "
        "SFT SQL STT StarCoder TTM TTS UI VL WizardLM XL CodeGemma DiffusionGemma MedGemma "
        "PaliGemma FLUX SWE XS FlashX AirX AutoGLM CodeGeeX HighSpeed UltraSpeed VoiceClone "
        "VoiceDesign v0 ATC ER Non-Reasoning ElevenLabs InternLM OpenChat OpenHermes DeepHermes "
        "T2V I2V R2V ESM SAM KB DS MN"
    )
}
_FAMILIES = tuple(
    (re.compile(pattern, re.IGNORECASE), name, separator)
    for pattern, name, separator in (
        (r"^chatgpt[ -](?=\d)", "ChatGPT-", " "),
        (r"^gpt[ -]?(?=\d)", "GPT-", " "),
        (r"^gpt[ -](?=[a-z])", "GPT ", " "),
        (r"^claude[ -]v?", "Claude ", " "),
        (r"^gemini[ -]", "Gemini ", " "),
        (r"^gemma[ -]?(?=\d)", "Gemma ", " "),
        (r"^qwen[ -]?(?=\d)", "Qwen", " "),
        (r"^qwen[ -](?=[a-z])", "Qwen ", " "),
        (r"^glm[ -]?(?=[\dz])", "GLM-", "-"),
        (r"^deepseek[ -]", "DeepSeek ", " "),
        (r"^minimax[ -]?(?=m\d)", "MiniMax-", " "),
        (r"^minimax[ -]", "MiniMax ", " "),
        (r"^kimi[ -]", "Kimi ", " "),
        (r"^grok[ -]", "Grok ", " "),
        (r"^mai[ -]", "MAI-", "-"),
        (r"^mimo[ -]?(?=v\d)", "MiMo-", "-"),
        (r"^(?:meta[ -])?llama[ -]?v?(?=\d)", "Llama ", " "),
        (r"^(?:meta[ -])?llama[ -](?=[a-z])", "Llama ", " "),
        (r"^phi[ -](?=\d)", "Phi-", " "),
        (r"^ernie[ -]", "ERNIE ", " "),
        (
            r"^(mistral|mixtral|codestral|devstral|magistral|ministral|pixtral|voxtral|ling|ring)"
            r"[ -]",
            "",
            " ",
        ),
    )
)
_ORDERS = (
    (re.compile(r"^(DeepSeek .*|DeepSeek|Moonshot|MiMo-)\b( ?)v(?=\d)"), r"\1\2V"),
    (re.compile(r"^Claude (\d+(?:\.\d+)?) (Opus|Sonnet|Haiku|Instant)\b"), r"Claude \2 \1"),
    (re.compile(r"^Gemini (Flash|Pro) (\d\.\d)\b"), r"Gemini \2 \1"),
    (re.compile(r"^(Gemini .*)\bFlash Lite\b"), r"\1Flash-Lite"),
    (
        re.compile(
            r"^Qwen(\d[\d.]*|(?= )) (VL|Coder|Next|Omni|Math|ASR|TTS|MT|LiveTranslate|Embedding|"
            r"Reranker)\b"
        ),
        r"Qwen\1-\2",
    ),
)
_SMALL = re.compile(r"^(GPT-\S+) (Mini|Nano)\b")
# Models that their creators write as their ids.
_AS_IDS = re.compile(
    r"gpt-oss|o\d(-|$)|text-embedding-(3|ada)|text-davinci|(davinci|babbage|ada|curie)(-|$)"
)
_ORGANISATIONS = frozenset(
    re.sub(r"[^a-z0-9]", "", word.lower())
    for word in (*CREATORS, *CREATORS.values(), *ORGS, *PROVIDERS)
)


def model_name(stated: Iterable[str], slug: str) -> tuple[str, str]:
    """The name of a model, and the stated one that it is made of: "" where the slug is.

    `slug` is the part after the creator.
    """
    if _AS_IDS.match(slug):
        return slug, ""
    slug = _BRAND.sub("", slug)
    for name in stated:
        clean = _clean(name, slug)
        styled = _styled(clean)
        if clean and not _ID.fullmatch(clean) and _fits(styled, slug):
            return styled, name
        if clean.startswith("Nano Banana"):
            return f"{_written_out(slug)} ({clean})", name
    return _written_out(slug), ""


def _clean(name: str, slug: str) -> str:
    """A name without organisations before it and remarks behind it."""
    name = _KIND.sub(r"\1", _OPENING.sub("", name.strip()))
    aside = _ASIDE.search(name)
    while aside and not _tokens(aside[0]) & _tokens(slug):
        name = name[: aside.start()]
        aside = _ASIDE.search(name)
    parts = re.split(r"([ -])", name)
    for end in (3, 1):
        first, rest = "".join(parts[:end]), "".join(parts[end + 1 :])
        bare = re.sub(r"[^a-z0-9]", "", first.lower())
        is_own_word = "-" not in slug or slug.replace("-", "").replace(".", "").startswith(bare)
        is_family = family_of(name.lower().replace(" ", "-")).creator
        if bare in _ORGANISATIONS and rest[:1].isalpha() and not (is_family or is_own_word):
            return rest
    return name.strip()


def _fits(name: str, slug: str) -> bool:
    """Whether a name has the numbers, the family and the telling words of a slug, and no others."""
    of_name, of_slug = _tokens(name), _tokens(slug)
    families = {family_of(text.lower().replace(" ", "-")).creator for text in (name, slug)}
    if (of_name ^ of_slug) & _TELLING or len(families - {""}) > 1:
        return False
    more = {token for token in _tokens(_FIRST.sub("", name)) - of_slug if token.isdigit()}
    less = {token for token in of_slug - of_name if token.isdigit()}
    # Mistral names a release 2512 Large 3.
    return bool(more) if less and _RELEASE.search(slug) else not (more or less)


def _tokens(text: str) -> set[str]:
    text = _FROM_TO.sub(lambda found: f"{found[1][0]}2{found[2][0]}", text.lower())
    return {token.lstrip("0") for token in _TOKEN.findall(text.replace("+", " plus"))} - {""}


def _written_out(slug: str) -> str:
    dated = _DATE.search(slug)
    parts = (slug[: dated.start()] if dated else slug).split("-")
    name = _styled(" ".join(map(_word, filter(None, parts))))
    if not dated:
        return name
    day = dated[1]
    return f"{name} ({f'{day[:4]}-{day[4:6]}-{day[6:]}' if len(day) == 8 else day})"


def _word(word: str) -> str:
    if word.lower() in _SPELLED:
        return _SPELLED[word.lower()]
    if _SIZE.fullmatch(word):
        return word.upper().replace("X", "x")
    if re.fullmatch(r"v\d[\d.]*", word) or not word.islower():
        return word
    glued = re.fullmatch(r"([a-z]{2,})(\d.*)", word)
    if glued and glued[1] in _SPELLED:
        return _SPELLED[glued[1]] + glued[2]
    return word[:1].upper() + word[1:]


def _styled(name: str) -> str:
    for pattern, family, separator in _FAMILIES:
        if found := pattern.match(name):
            rest = _separated(name[found.end() :], separator)
            name = (family or f"{found[1].capitalize()} ") + rest
            break
    else:
        if " " in name:
            name = " ".join(map(_word, name.split()))
    for pattern, order in _ORDERS:
        name = pattern.sub(order, name)
    name = _SMALL.sub(lambda found: f"{found[1]} {found[2].lower()}", name)
    return _PAIR.sub(r"\1-\2", name).strip()


def _separated(rest: str, separator: str) -> str:
    """The words after a family's name, between one separator."""
    kept = {
        found.start() + found[0].index("-") for found in _KEPT.finditer(rest) if "-" in found[0]
    }
    dates = [range(*found.span()) for found in _KEPT.finditer(rest)]
    text = "".join(
        " " if sign == "-" and at not in kept and not any(at in span for span in dates) else sign
        for at, sign in enumerate(rest)
    )
    return separator.join(map(_word, text.split()))
