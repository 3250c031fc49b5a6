"""Join the logos of an npm package into the sprite of the data folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources.bundle.npm import Unusable
from sources.logos.lobe import make_logos


class Command(BaseCommand):
    help = "Make the sprite of logos from the npm package @lobehub/icons-static-svg."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tarball", type=Path, help="the package as a file; else npm gets it")
        parser.add_argument(
            "--into", type=Path, default=settings.LOGO_FOLDERS[0], help="the folder of the sprite"
        )

    def handle(self, *args: Any, tarball: Path | None, into: Path, **options: Any) -> None:
        try:
            made, left_out = make_logos(tarball=tarball, now=timezone.now(), folder=into)
        except Unusable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{into} could not be written: {error.strerror}.") from error
        for name, reason in sorted(left_out.items()):
            self.stdout.write(f"  {name}: left out, {reason}")
        self.stdout.write(f"{made:,} logos are in {into}.")
