"""Fetch what a source publishes:

bounded in time and size, never redirected, failures as one sentence.
"""

import os

import httpx

from sources.base import Source

# Twenty times the largest answer of today.
LARGEST = 64 * 1024 * 1024
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_HEADERS = {"User-Agent": "ratecard (self-hosted model catalog)", "Accept": "application/json"}


class FetchFailed(Exception):
    """The source could not be read. The message is a sentence for the operator."""


def address_of(source: Source) -> str:
    """Where to read a source: its public address, or the mirror that the environment names."""
    return (
        os.environ.get(f"RATECARD_SOURCE_{source.slug.upper().replace('-', '_')}_URL") or source.url
    )


def fetch(source: Source) -> bytes:
    """The body that the source gives now. Raises FetchFailed.

    Redirects are not followed: models.dev answers a wrong path with one, to a web page.
    """
    address = address_of(source)
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, headers=_HEADERS) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise FetchFailed(f"{source.name} answered {answer.status_code} at {address}.")
            return _bounded(answer, source)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchFailed(
            f"{source.name} could not be read at {address}: {error or type(error).__name__}."
        ) from error


def _bounded(answer: httpx.Response, source: Source) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise FetchFailed(
                f"{source.name} sent more than {LARGEST // 1024**2} MB, which is not its catalog."
            )
    return bytes(body)
