"""The admin site, where editors correct the catalog. Django imports this package at start."""

from web.admin import catalog, pricing, sources

__all__ = ["catalog", "pricing", "sources"]
