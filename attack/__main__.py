"""Attack an instance of this run alone, by the named parts or all; print a line per promise."""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random, SystemRandom

from attack import bombs, clock, database, kills, load, requests, signin, slow
from attack.instance import Instance, running
from attack.mirror import mirroring
from attack.report import Promise
from bench.place import own_place

Part = Callable[[Instance, Random, float], Iterator[Promise]]
PARTS: dict[str, Part] = {
    "requests": requests.attack,
    "slow": slow.attack,
    "bombs": bombs.attack,
    "load": load.attack,
    "kills": kills.attack,
    "clock": clock.attack,
    "database": database.attack,
    "signin": signin.attack,
}


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--share", type=float, default=1.0, help="share of the usual counts")
    stated = parser.parse_args(words)
    if unknown := [name for name in stated.parts if name not in PARTS]:
        parser.error(f"unknown part {', '.join(unknown)}; the parts are {', '.join(PARTS)}.")
    return stated


def main() -> None:
    stated = arguments()
    # The instance is stopped, whatever ends the attack.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    began = time.monotonic()
    broken = 0
    print(f"seed {stated.seed}", flush=True)
    with own_place("attack") as home, mirroring() as mirror, running(home, mirror) as instance:
        for name in stated.parts or PARTS:
            part_began = time.monotonic()
            for promise in PARTS[name](instance, Random(f"{name} {stated.seed}"), stated.share):
                print(promise, flush=True)
                broken += bool(promise.broken)
            print(f"  ({name}: {time.monotonic() - part_began:.0f} s)", flush=True)
    print(f"{broken or 'no'} promise{'' if broken == 1 else 's'} broken")
    print(f"in {time.monotonic() - began:.0f} s")
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
