"""Ratecard's settings with the floor's addresses instead of its own."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.floor"
