"""Load a snapshot: the bundled one, or a file."""

from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.models import Endpoint, Model
from pricing.models import Rate
from sources.base import FetchFailed, Parsed, WrongShape
from sources.bundle.snapshot import BUNDLED
from sources.bundle.snapshot import load as read_snapshot
from sources.refresh import load
from sources.registry import ARCHIVES, SOURCES
from sources.upstreams.curated.read import Curated


class Command(BaseCommand):
    help = (
        "Load the bundled snapshot, or FILE, and the curated facts. Run again, it completes what"
        " was interrupted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=BUNDLED)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        began = monotonic()
        answers = [*_snapshot(file), _curated_facts()]
        for answer in answers:
            kinds = {
                "endpoints": answer.listings,
                "providers": answer.providers if answer.only_known else (),
                "rules": answer.rules,
                "price histories": answer.histories,
                "ratings": answer.ratings,
            }
            held = [f"{len(rows):,} {kind}" for kind, rows in kinds.items() if rows]
            self.stdout.write(f"  {answer.source}: {', '.join(held)}, of {answer.as_of:%Y-%m-%d}")
        counts = load(
            answers, now=timezone.now(), report=lambda line: self.stdout.write(f"  {line}")
        )
        for what, count in sorted(counts.items()):
            self.stdout.write(f"  {count:>8,} {what}")
        self.stdout.write(
            f"The catalog has {Model.objects.listed().count():,} models, "
            f"{Endpoint.objects.count():,} endpoints, "
            f"{Rate.objects.count():,} rates ({monotonic() - began:.1f} s)."
        )
        for answer in answers:
            missed = sum(answer.not_expressed.values())
            if missed and options["verbosity"] > 1:
                self.stdout.write(f"{answer.source}: {missed:,} things not expressed:")
                for what, count in answer.not_expressed.most_common():
                    self.stdout.write(f"  {count:>8,} {what}")
            elif missed:
                self.stdout.write(
                    f"{answer.source}: {missed:,} things not expressed (-v 2 names them)."
                )


def _snapshot(file: Path) -> list[Parsed]:
    try:
        answers = read_snapshot(file.read_bytes())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except WrongShape as error:
        raise CommandError(f"{file.name}: {error} Nothing was changed.") from error
    if foreign := sorted({answer.source for answer in answers} - {*SOURCES, *ARCHIVES}):
        raise CommandError(
            f"{file.name} names sources that are not known here: {', '.join(foreign)}."
        )
    return answers


def _curated_facts() -> Parsed:
    try:
        return Curated().parse(Curated().answer(now=timezone.now()))
    except (FetchFailed, WrongShape) as error:
        raise CommandError(f"{error} Nothing was changed.") from error
