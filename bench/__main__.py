"""Runs every benchmark in a place of its own, and prints a line for each figure."""

import time
from itertools import chain

from bench import browser, estimate, growth, load, pages, peer, usage
from bench.place import own_place
from bench.report import HEADING


def main() -> None:
    began = time.monotonic()
    missed = 0
    print(HEADING)
    with own_place() as home:
        for line in chain(
            load.measure(),
            pages.measure(),
            browser.measure(),
            estimate.measure(),
            peer.measure(home),
            usage.measure(home),
            growth.measure(),
        ):
            print(line, flush=True)
            missed += not line.held
    print(
        f"{missed or 'no'} target{'' if missed == 1 else 's'} missed, in {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
