"""The sources that there are, by slug."""

from collections.abc import Iterable

from django.conf import settings

from catalog.models import Source as SourceRow
from sources.base import Source
from sources.upstreams.genai_prices.read import GenaiPrices
from sources.upstreams.litellm.read import LiteLLM
from sources.upstreams.models_dev.read import ModelsDev

SOURCES: dict[str, Source] = {
    source.slug: source for source in (ModelsDev(), LiteLLM(), GenaiPrices())
}

# Everybody may edit models.dev and LiteLLM's map; genai-prices checks each price against the
# provider's page.
TRUST = {"genai-prices": SourceRow.Trust.CURATED}


def enabled(slugs: Iterable[str] = ()) -> list[Source]:
    """The sources of these slugs, or all, that RATECARD_SOURCES does not switch off."""
    wanted = [SOURCES[slug] for slug in slugs] or list(SOURCES.values())
    return [source for source in wanted if not settings.SOURCES or source.slug in settings.SOURCES]
