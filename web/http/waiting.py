"""Pure: the threads of a web process that wait, and how many of them one visitor may hold."""

from collections import Counter
from threading import Lock

# granian's --blocking-threads in the Procfile.
THREADS = 32
# Always left for pages, whatever waits.
FOR_PAGES = 8
# Of the places, so that one address does not take the last ones from all others.
OF_ONE_ADDRESS = 18


class WaitingPlaces:
    """Places for requests that hold a thread while they wait, for the visitor or for one another.

    For bodies that arrive, and previews of logs; answers that are streamed as they are made belong
    here, too.
    """

    def __init__(self, places: int, of_one: int) -> None:
        self.places, self.of_one = places, of_one
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, address: str) -> bool:
        with self._lock:
            free = self._held.total() < self.places and self._held[address] < self.of_one
            if free:
                self._held[address] += 1
            return free

    def give_back(self, address: str) -> None:
        with self._lock:
            self._held[address] -= 1
            if not self._held[address]:
                del self._held[address]


# Those of this process.
PLACES = WaitingPlaces(THREADS - FOR_PAGES, OF_ONE_ADDRESS)
