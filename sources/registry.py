"""The sources that there are, by slug."""

from catalog.models import Source as SourceRow
from sources.base import Source
from sources.genai_prices import GenaiPrices
from sources.litellm import LiteLLM
from sources.models_dev import ModelsDev

SOURCES: dict[str, Source] = {source.slug: source for source in (ModelsDev(), LiteLLM(), GenaiPrices())}

# Everybody may edit models.dev and LiteLLM's map; genai-prices checks each price against the provider's page.
TRUST = {"genai-prices": SourceRow.Trust.CURATED}
