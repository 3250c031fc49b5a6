"""Pure: the address by which the limits distinguish visitors."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

# The bits of an IPv6 address that one subscriber gets; the rest are the subscriber's to choose.
SUBSCRIBER_BITS = 64
# An address as proxies write it: some add the port, and then brackets around an IPv6 address.
_FORWARDED = re.compile(r"\[(?P<v6>[^\]]*)\](:\d+)?|(?P<v4>[^:]*):\d+|(?P<plain>.*)")


def visitor_address(meta: Mapping[str, Any], proxies: int) -> str:
    """The address that a request came from; of an IPv6 address its /64.

    `proxies` of our own each add an address to X-Forwarded-For, so the visitor's is the
    `proxies`-th from the right; those before it are the visitor's invention. Where it is missing
    or malformed, the address of the connection counts.
    """
    connected = str(meta.get("REMOTE_ADDR") or "")
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR") or "").split(",")
    stated = _parsed(forwarded[-proxies]) if 0 < proxies <= len(forwarded) else None
    address = stated or _parsed(connected)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, SUBSCRIBER_BITS), strict=False))
    return str(address or connected)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    match = _FORWARDED.fullmatch(text.strip())
    if match is None:
        return None
    try:
        address = ip_address(match["v6"] or match["v4"] or match["plain"] or "")
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
