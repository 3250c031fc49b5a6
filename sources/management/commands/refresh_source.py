"""Fetch a source, or all of them, and print what changed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources.base import FetchFailed, WrongShape
from sources.refresh import refresh
from sources.registry import SOURCES, all_sources, enabled, fetched
from sources.running import OtherRefreshRunning, RefreshRunning


class Command(BaseCommand):
    help = "Fetch a source, reconcile it, and print what changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help=f"One of {', '.join(SOURCES)}.")
        parser.add_argument(
            "--all", action="store_true", help="Every source that RATECARD_SOURCES allows."
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Print what would change; write nothing."
        )

    def handle(self, *args: Any, slug: str | None, dry_run: bool, **options: Any) -> None:
        known = all_sources()
        if bool(slug) == options["all"]:
            raise CommandError(f"Name one source ({', '.join(known)}) or --all.")
        if slug and slug not in known:
            raise CommandError(f"There is no source {slug}: name one of {', '.join(known)}.")
        sources = [known[slug]] if slug else enabled()
        if not (slug or fetched()):
            raise CommandError(
                "RATECARD_SOURCES switches every source off that this version can read."
            )
        failures = []
        for source in sources:
            try:
                counts = refresh(source, now=timezone.now(), dry_run=dry_run)
            except (FetchFailed, WrongShape, RefreshRunning, OtherRefreshRunning) as error:
                failures.append(str(error))
                continue
            changes = [f"  {count:>8,} {what}" for what, count in sorted(counts.items())]
            self.stdout.write("\n".join([f"{source.name}:", *(changes or ["  nothing changed"])]))
        if failures:
            raise CommandError(" ".join(failures))
