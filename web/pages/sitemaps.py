"""The sitemap: the addresses of all public pages."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap

from web.reads.addresses import every_address


class Pages(Sitemap):  # type: ignore[type-arg]
    """Every page of the catalog; a sitemap of more than `limit` addresses is split."""

    limit = 10_000
    protocol = urlsplit(settings.PUBLIC_URL).scheme

    def __init__(self) -> None:
        self.addresses = every_address()

    def items(self) -> list[str]:
        return self.addresses

    def location(self, item: str) -> str:
        return item

    def get_domain(self, site: object = None) -> str:
        return urlsplit(settings.PUBLIC_URL).netloc
