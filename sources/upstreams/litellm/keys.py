"""The keys of LiteLLM's cost map, each a path of provider, options, region and id. Pure."""

import re
from typing import NamedTuple

from catalog.known_providers import LITELLM, slug_of
from sources.upstreams.litellm.fields import AZURE_AREAS, BEDROCK_ROUTES, QUALITIES, Options


class MapKey(NamedTuple):
    """A key of the map, taken apart."""

    provider: str
    upstream_id: str
    options: Options
    region: str


_IMAGE_SIZE = re.compile(r"(\d+|max)-x-(\d+|max)")
_STEPS = re.compile(r"(\d+|max)-steps")
_COMMITMENT = re.compile(r"(\d+-month)-commitment")
_AWS_REGION = re.compile(r"[a-z]{2}(-gov|-iso[a-z]?)?-[a-z]+-\d")
# An inference profile: `us.` is part of the id that Bedrock's API takes.
_BEDROCK_AREA = re.compile(r"(us-gov|global|apac|us|eu|au|ca|in|jp)\.")


def identify(key: str, provider_name: str) -> MapKey:
    """Take a key apart: `azure/hd/1024-x-1024/dall-e-3` is Azure's dall-e-3 under two options.

    A region stays part of the id, since an endpoint has one region; size and quality are options.
    """
    provider = slug_of(provider_name, LITELLM)
    *front, last = key.split("/")
    sized = any(_IMAGE_SIZE.fullmatch(segment) for segment in front)
    segments = [(segment, _option(segment, sized=sized)) for segment in front]
    options = tuple(sorted(option for _, option in segments if option))
    path = [segment for segment, option in segments if not option]
    if path and _is_prefix(path[0], provider_name):
        del path[0]
    if provider == "amazon-bedrock":
        path = [segment for segment in path if segment not in BEDROCK_ROUTES]
    if provider == "perplexity" and path:
        provider = "perplexity-agent"  # other creators' models are sold through another of its APIs
    return MapKey(provider, "/".join([*path, last]), options, _region(provider, path, last))


def _option(segment: str, *, sized: bool) -> tuple[str, str] | None:
    """A path segment that is a term: a quality counts as one only beside a size."""
    if size := _IMAGE_SIZE.fullmatch(segment):
        return "size", f"{size[1]}x{size[2]}"
    if steps := _STEPS.fullmatch(segment):
        return "steps", steps[1]
    if commitment := _COMMITMENT.fullmatch(segment):
        return "commitment", commitment[1]
    return ("quality", segment) if sized and segment in QUALITIES else None


def _is_prefix(segment: str, provider_name: str) -> bool:
    words = segment.replace("-", "_")
    return f"{provider_name}_".replace("-", "_").startswith(f"{words}_")


def _region(provider: str, path: list[str], last: str) -> str:
    first = path[0] if path else ""
    if provider == "azure":
        return AZURE_AREAS.get(first, "")
    if provider != "amazon-bedrock":
        return ""
    area = _BEDROCK_AREA.match(last)
    return first if _AWS_REGION.fullmatch(first) else area[1] if area else ""
