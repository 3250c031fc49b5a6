"""Pure: pages in memory, bounded by their bytes; the least recently read one goes first."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

# A larger page is made anew each time: it would push out hundreds of usual ones.
LARGEST = 256 * 1024
# About what a page takes besides its content: key, headers, objects.
OVERHEAD = 1024


@dataclass(frozen=True, slots=True)
class StoredPage:
    content: bytes
    headers: tuple[tuple[str, str], ...]

    @property
    def size(self) -> int:
        return len(self.content) + OVERHEAD


class KeptPages:
    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._pages: OrderedDict[str, StoredPage] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> StoredPage | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: str, page: StoredPage) -> None:
        if len(page.content) > LARGEST or page.size > self.most:
            return
        with self._lock:
            if before := self._pages.pop(key, None):
                self.size -= before.size
            self._pages[key] = page
            self.size += page.size
            while self.size > self.most:
                _, oldest = self._pages.popitem(last=False)
                self.size -= oldest.size

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size = 0
