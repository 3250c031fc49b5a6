"""Logos of providers and creators: drawings from elsewhere, sanitised and joined into one sprite.

No drawing of others is in this repository. docs/logos.md has the reasons and the operator's part.
"""
