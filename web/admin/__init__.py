"""The admin site: where editors keep the catalog true. Django imports this package at start."""

from web.admin import catalog, pricing, sources

__all__ = ["catalog", "pricing", "sources"]
