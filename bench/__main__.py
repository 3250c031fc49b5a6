"""Run the named parts, or all of them, on a catalog of this run alone; print a line per figure."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module

from bench.place import manage, own_place, vacuum
from bench.report import HEADING, ReportLine

# In the order in which they run: growth comes last because it multiplies the catalog. Each is a
# module, imported once Django's settings lead to a place of this run alone.
PARTS = (
    *("load", "pages", "live", "soak", "writes", "browser", "estimate", "datasette", "texts"),
    *(
        "usage",
        "probe",
        "streams",
        "ingest",
        "kills",
        "gateway",
        "refresh",
        "charts",
        "year",
        "growth",
    ),
)


def chosen_parts(names: Sequence[str]) -> list[str]:
    """The parts with these names, by default all. Exits on an unknown name."""
    if unknown := [name for name in names if name not in PARTS]:
        sys.exit(f"bench: unknown part {', '.join(unknown)}; the parts are {', '.join(PARTS)}.")
    return [name for name in PARTS if not names or name in names]


def main() -> None:
    parts = chosen_parts(sys.argv[1:])
    began = time.monotonic()
    missed = 0
    print(HEADING)
    with own_place() as home:
        manage("migrate", "--verbosity", "0")
        manage("collectstatic", "--noinput", "--verbosity", "0")
        if "load" not in parts:
            manage("load_snapshot")
        for part in parts:
            vacuum()
            part_began = time.monotonic()
            lines: Iterator[ReportLine] = import_module(f"bench.{part}").measure(home)
            for line in lines:
                print(line, flush=True)
                missed += not line.held
            seconds = time.monotonic() - part_began
            load_averages = " ".join(f"{average:.1f}" for average in os.getloadavg())
            print(f"  ({part}: {seconds:.0f} s, load averages {load_averages})", flush=True)
    total = time.monotonic() - began
    print(f"{missed or 'no'} target{'' if missed == 1 else 's'} missed, in {total:.0f} s")


if __name__ == "__main__":
    main()
