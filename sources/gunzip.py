"""Gzip bodies, unpacked piece by piece within a bound. Pure."""

import zlib


class Gunzip:
    """Unpacks gzip members one after another. What follows the last is ignored, as browsers do."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._ended = False

    @property
    def is_whole(self) -> bool:
        return self._ended or self._member.eof

    def unpack(self, packed: bytes, *, most: int) -> bytes:
        """At most `most` bytes of what comes next; above zero. Raises zlib.error.

        A result of that length may lack a rest: it is for a caller that ends there.
        """
        unpacked = bytearray()
        while packed and not self._ended and len(unpacked) < most:
            if self._member.eof:
                packed = packed.lstrip(b"\0")
                if not packed.startswith(b"\x1f"):
                    self._ended = bool(packed)
                    break
                self._member = zlib.decompressobj(wbits=31)
            unpacked += self._member.decompress(packed, most - len(unpacked))
            packed = self._member.unused_data
        return bytes(unpacked)
