"""Look up hosts for HTTP clients: bounded by their deadlines, and never into a private network."""

import asyncio
import ipaddress
import socket
import threading
from contextlib import suppress
from typing import Any


class PrivateAddress(OSError):
    """A public name leads to an address that is not public. The message is a part of a sentence."""


class LookupLoop(asyncio.SelectorEventLoop):
    """Looks up hosts in daemon threads, so that a slow one outlives neither deadline nor exit.

    The loop's own executor is awaited at the end of the loop and of the process. `public_host` may
    lead to public addresses only; what is looked up is what is connected to.
    """

    def __init__(self, public_host: str = "") -> None:
        super().__init__()
        self._public_host = public_host.lower()

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        found = self.create_future()

        def settle(addresses: Any, error: OSError | None) -> None:
            if not found.done():
                found.set_exception(error) if error else found.set_result(addresses)

        def look_up() -> None:
            addresses, failure = None, None
            try:
                addresses = socket.getaddrinfo(host, port, **options)
            except OSError as error:
                failure = error
            with suppress(RuntimeError):  # the loop was closed at its deadline
                self.call_soon_threadsafe(settle, addresses, failure)

        threading.Thread(target=look_up, daemon=True).start()
        addresses = await found
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        if self._public_host and name.lower() == self._public_host:
            _refuse_private(name, addresses)
        return addresses


def _refuse_private(host: str, addresses: Any) -> None:
    for *_, place in addresses:
        if not is_public(place[0]):
            raise PrivateAddress(
                f"its host {host} leads to {place[0]}, which is no public address; one of a private"
                " network is read only where a setting names it"
            )


def is_public(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return (mapped or ip).is_global and not ip.is_multicast
