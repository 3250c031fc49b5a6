"""What the form of a name shows: the id inside of it, and the provider that alone writes it so.

Pure. Nothing here knows a model.
"""

import re
from dataclasses import dataclass

from catalog.matching.called import SEPARATED

OPENROUTER = "openrouter"
# Words after the colon of OpenRouter's ids, with https://openrouter.ai/docs/guides/routing as of
# November 2026: in which order its providers are tried (`nitro`, `floor`, `exacto`), or a search
# that is counted apart (`online`). None of them changes the price of a token.
ROUTING = frozenset({"exacto", "floor", "nitro", "online"})
FREE = "free"
THINKING = "thinking"
_VARIANT = re.compile(rf"(?P<base>.+):(?P<variant>{'|'.join(sorted(ROUTING))}|{FREE}|{THINKING})")
# `ft:BASE:organisation:suffix:id` of OpenAI and Mistral, `BASE.ft-id` of Azure.
_TUNED = re.compile(r"(?P<path>(?:[^:/]+/)*)ft:(?P<base>[^:/]+)(?::.*)?")
_TUNED_AT_AZURE = re.compile(r"(?P<path>(?:[^:/]+/)*)(?P<base>[^:/]+)\.ft-[^:/]*")
_ARN = re.compile(r"arn:aws[a-z-]*:bedrock:(?P<region>[a-z\d-]*):\d*:(?P<kind>[a-z-]+)/(?P<id>.+)")
_DATE = re.compile(r"[-@]20\d\d-?[01]\d-?[0-3]\d$")
_OPAQUE = "an AWS resource whose name holds no model's id"

# Forms of ids that one provider writes; others that list such an id have it from there.
_FORMS = tuple(
    (re.compile(pattern), provider)
    for pattern, provider in (
        (r"(us|eu|apac|global|jp|au|ca|us-gov)\.[a-z\d-]+\.[a-z].*", "amazon-bedrock"),
        (r"[a-z\d-]+\.[a-z][^/:]*:\d+(:\d+k)?", "amazon-bedrock"),
        (r"accounts/[^/]+/(models|routers)/.+", "fireworks-ai"),
        (r"projects/[^/]+/locations/.+", "google-vertex"),
        (r"claude-[a-z\d.-]+@(20\d{6}|default)", "google-vertex"),
        (r"@(cf|hf)/.+", "cloudflare-workers-ai"),
        (r"databricks-.+", "databricks"),
        (r"llama-?3.*-(versatile|instant)", "groq"),
        (r"[^/:@]+:(latest|\d+(\.\d+)?[bm](-[^/:@]+)?)", "ollama"),
        (rf"[^/:@]+/[^/:@]+:({'|'.join(sorted(ROUTING))}|{FREE}|batch)", OPENROUTER),
    )
)


@dataclass(frozen=True, slots=True)
class WrittenId:
    """A name in lower case.

    `name` is without what a user adds to an id (an account, an organisation), `base` is without a
    `variant` of OpenRouter's. `provider` is the only one that writes ids in this form, or "".
    `opaque` is why the name can mean no model, if so.
    """

    name: str
    base: str = ""
    variant: str = ""
    provider: str = ""
    opaque: str = ""


def as_written(spelling: str) -> WrittenId:
    name = spelling.strip().lower()
    if (start := name.find("arn:aws")) >= 0 and (arn := _ARN.fullmatch(name[start:])):
        return _of_arn(arn)
    if tuned := _TUNED.fullmatch(name) or _TUNED_AT_AZURE.fullmatch(name):
        return WrittenId(f"{tuned['path']}ft:{tuned['base']}")
    provider = next((slug for pattern, slug in _FORMS if pattern.fullmatch(name)), "")
    if varied := _VARIANT.fullmatch(name):
        return WrittenId(name, varied["base"], varied["variant"], provider)
    return WrittenId(name, provider=provider)


def undated(upstream_id: str) -> str:
    """An id in lower case without the date at its end, and with one separator."""
    return _DATE.sub("", upstream_id.lower()).translate(SEPARATED)


def _of_arn(arn: re.Match[str]) -> WrittenId:
    """A profile's id has its region in it, that of a foundation model has none."""
    if arn["kind"] == "inference-profile":
        return WrittenId(arn["id"], provider="amazon-bedrock")
    if arn["kind"] == "foundation-model":
        path = filter(None, (arn["region"], arn["id"]))
        return WrittenId("/".join(path), provider="amazon-bedrock")
    return WrittenId(arn["id"], provider="amazon-bedrock", opaque=_OPAQUE)
